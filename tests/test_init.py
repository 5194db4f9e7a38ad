"""``durable-lint init``: a configuration that fits, into a file of which nothing is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from linting import run_command

from durable_lint import cli, engine
from durable_lint.atomic import Refused, create
from durable_lint.commands import init_texts
from durable_lint.config import Overrides, SettingsFinder
from durable_lint.settings import Settings
from durable_lint.survey import survey

HANDLER = "from aws_durable_execution_sdk_python import durable_execution\n"
PROJECT = '[project]\nname = "orders"\nversion = "1"\ndependencies = ["aws-durable-execution-sdk-python~=2.0"]\n'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    make(tmp_path, {"src/orders/__init__.py": "", "src/orders/app.py": HANDLER, "tests/unit/test_app.py": HANDLER})
    return tmp_path


def make(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def settings(folder: Path) -> Settings:
    return SettingsFinder(Overrides(), engine.rules(), engine.profiles(), folder).settings_for(folder / "a.py")


def without_comments(text: str) -> str:
    """A configuration in which every setting that is offered in a comment is used."""
    return re.sub(r"^# (?=\[|[\w\"-][^ ]* = )", "", text, flags=re.MULTILINE)


def test_it_adds_a_table_to_pyproject(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = project / "pyproject.toml"
    file.write_text(PROJECT, "utf-8")
    assert cli.main(["init"]) == 0
    text = file.read_text("utf-8")
    assert text.startswith(f"{PROJECT}\n[tool.durable-lint]\n")
    assert settings(project).path == file
    for said in ("It is read from pyproject.toml: 2.1.0 now.", "Tests were found in tests.", '# "tests/" = ["DUR5"]'):
        assert said in text
    printed = capsys.readouterr()
    assert printed.err == ""
    assert printed.out.splitlines() == [
        "found 3 Python files, 2 with durable functions; SDK 2.1.0 by pyproject.toml; tests in tests",
        "",
        "[tool.durable-lint] in pyproject.toml is written",
    ]


def test_it_makes_a_file_of_its_own_where_there_is_no_pyproject(project: Path) -> None:
    assert cli.main(["init"]) == 0
    assert settings(project).path == project / "durable-lint.toml"
    assert "No file here says it" in (project / "durable-lint.toml").read_text("utf-8")
    assert sorted(entry.name for entry in project.iterdir()) == ["durable-lint.toml", "src", "tests"]


@pytest.mark.parametrize("name", ["pyproject.toml", "durable-lint.toml"])
def test_every_setting_that_it_offers_can_be_used(project: Path, name: str) -> None:
    if name == "pyproject.toml":
        (project / name).write_text("", "utf-8")
    assert cli.main(["init"]) == 0
    file = project / name
    before = settings(project)
    file.write_text(without_comments(file.read_text("utf-8")), "utf-8")
    used = settings(project)
    assert used.path == file
    assert (used.sdk_version, used.exclude) == ((3, 0, 0), ("generated/",))
    assert [one.pattern for one in used.per_file_ignores] == ["tests/"]
    assert (used.src, used.fail_on, used.fix_level) == (before.src, before.fail_on, before.fix_level)
    on = {rule.code for rule in engine.rules() if used.rule_state(rule, project / "src" / "a.py")[0]}
    assert "DUR704" in on
    assert "DUR206" not in on


def test_a_dry_run_writes_nothing_and_shows_what_it_would(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["init", "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert not (project / "durable-lint.toml").exists()
    assert cli.main(["init", str(project)]) == 0
    assert "it would write durable-lint.toml:\n\n" + (project / "durable-lint.toml").read_text("utf-8") in shown


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"durable-lint.toml": ""}, "durable-lint.toml is there already"),
        ({"pyproject.toml": "[tool.durable-lint]\n"}, "has a table [tool.durable-lint] already"),
        ({"pyproject.toml": "[tool\n"}, "pyproject.toml can't be parsed"),
        ({"pyproject.toml": 'tool = {x = "y"}\n'}, "no table can be added to pyproject.toml"),
        ({"pyproject.toml/inner": ""}, "pyproject.toml can't be read"),
    ],
)
def test_what_is_there_is_never_changed(
    project: Path, capsys: pytest.CaptureFixture[str], files: dict[str, str], reason: str
) -> None:
    make(project, files)
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    assert cli.main(["init"]) == 2
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before
    printed = capsys.readouterr()
    assert printed.out == ""
    assert reason in printed.err
    assert printed.err.endswith(": nothing is written\n") or "no table" in reason


@pytest.mark.parametrize(
    "before", [b"", b"# only this", b"\xef\xbb\xbf[a]\nb = 1\n", b"[a]\r\nb = 1\r\n", b"[a]\nb = [\n  1,\n]", b"\n\n"]
)
def test_the_text_before_stays_as_it_is(project: Path, before: bytes) -> None:
    file = project / "pyproject.toml"
    file.write_bytes(before)
    file.chmod(0o640)
    assert cli.main(["init"]) == 0
    after = file.read_bytes()
    assert after.startswith(before)
    assert (b"\r\n" in before) == (b"\r\n" in after)
    assert after.count(b"\n") == after.count(b"\r\n") or b"\r" not in after
    assert file.stat().st_mode & 0o777 == 0o640
    assert settings(project).path == file


def test_a_folder_that_is_none(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["init", "nowhere"]) == 2
    assert 'no folder "nowhere"' in capsys.readouterr().err


def test_it_writes_where_it_is_told(project: Path) -> None:
    done = run_command("init", "src", cwd=project)
    assert (done.returncode, done.stderr) == (0, "")
    assert (project / "src" / "durable-lint.toml").is_file()


def test_a_file_that_came_meanwhile_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "b").symlink_to(tmp_path / "nowhere")
    for name in ("a", "b"):
        with pytest.raises(Refused, match="there already"):
            create(str(tmp_path / name), b"new")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a", "b"]


# what it finds


def test_folders_of_modules(tmp_path: Path) -> None:
    make(
        tmp_path,
        {
            "services/orders/src/orders/__init__.py": "",
            "services/orders/src/orders/app.py": HANDLER,
            "functions/refund/handler.py": HANDLER,
            'odd "\\name/handler.py': HANDLER,
            "lib/helpers.py": "",
        },
    )
    found = survey(tmp_path)
    assert found.roots == ("functions/refund", 'odd "\\name', "services/orders/src")
    assert (found.files, found.workflows, found.tests) == (5, 3, ())
    text = "\n".join(init_texts.configuration(found, ""))
    (tmp_path / "durable-lint.toml").write_text(without_comments(text), "utf-8")
    assert settings(tmp_path).src == (tmp_path, *(tmp_path / root for root in found.roots))


@pytest.mark.parametrize(
    ("files", "tests"),
    [
        (["tests/a/b/test_x.py", "tests/conftest.py"], ("tests",)),
        (["svc/a/tests/unit/test_x.py", "svc/b/test/test_y.py"], ("svc/a/tests", "svc/b/test")),
        (["pkg/test_x.py", "pkg/y_test.py"], ("pkg",)),
        (["test_x.py"], (".",)),
        (["testing.py", "latest/x.py"], ()),
    ],
)
def test_tests(tmp_path: Path, files: list[str], tests: tuple[str, ...]) -> None:
    make(tmp_path, dict.fromkeys(files, HANDLER))
    found = survey(tmp_path)
    assert found.tests == tests
    (tmp_path / "durable-lint.toml").write_text(
        without_comments("\n".join(init_texts.configuration(found, ""))), "utf-8"
    )
    ignored = settings(tmp_path).per_file_ignores[0]
    assert not tests or ignored.holds_for(str(tmp_path / files[0]))


def test_the_version_is_what_the_lock_file_says(tmp_path: Path) -> None:
    make(tmp_path, {"uv.lock": '[[package]]\nname = "aws-durable-execution-sdk-python"\nversion = "1.7.0"\n'})
    found = survey(tmp_path)
    assert (found.sdk, found.sdk_source) == ((1, 7, 0), "uv.lock")
    assert '# sdk-version = "1.7"' in init_texts.configuration(found, "")


def test_names_of_files_reach_the_terminal_and_the_file_escaped(tmp_path: Path) -> None:
    make(tmp_path, {"requirements\x1b[31m\nx.txt": "aws-durable-execution-sdk-python==2.0.1", "a\nb/x.py": HANDLER})
    found = survey(tmp_path)
    assert found.roots == ()
    assert all(line.isprintable() for line in [init_texts.facts(found), *init_texts.configuration(found, "")])


BLOCKS = {
    ".pre-commit-config.yaml": "- id: durable-lint\n",
    ".github/workflows/ci.yml": "uses: OWNER/durable-lint@COMMIT\n",
    ".gitlab-ci.yml": "gl-code-quality-report.json\n",
    "ruff.toml": 'external = ["DUR"]',
}


@pytest.mark.parametrize("name", BLOCKS)
def test_blocks_are_offered_to_the_tools_that_the_project_uses(project: Path, name: str) -> None:
    make(project, {name: ""})
    ((why, block),) = init_texts.blocks(survey(project))
    assert BLOCKS[name] in f"{block}\n"
    assert name.split("/")[0].strip(".").split("-")[0].split(".")[0] in why
    make(project, {name: block})
    assert init_texts.blocks(survey(project)) == []
