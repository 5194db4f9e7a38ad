"""The real flake8, with the plugin that pyproject.toml registers."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from linting import ROOT
from test_hosted import HANDLER, HELPERS
from test_readme import blocks
from tools import needs, registered, run_tool

from durable_lint.engine import lint_paths

pytestmark = needs("flake8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return registered(tmp_path_factory.mktemp("site"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(HANDLER)
    (tmp_path / "helpers.py").write_text(HELPERS)
    (tmp_path / "setup.cfg").write_text("[flake8]\nmax-line-length = 120\n")
    return tmp_path


def flake8(site: Path, cwd: Path, *args: str, stdin: str | None = None) -> CompletedProcess[str]:
    done = run_tool("flake8", *args, cwd=cwd, site=site, stdin=stdin)
    assert done.stderr == ""
    return done


def heads(done: CompletedProcess[str]) -> list[str]:
    """Place and code of each line."""
    return sorted(" ".join(line.split()[:2]) for line in done.stdout.splitlines())


APP = "./app.py:8:27: DUR101"
HELPER = "./helpers.py:9:5: DUR206"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_example_gets_what_the_command_finds(site: Path, tmp_path: Path, jobs: str) -> None:
    shutil.copytree(ROOT / "examples" / "orders", tmp_path / "orders")
    done = flake8(site, tmp_path / "orders", "--select", "DUR", "-j", jobs)
    assert done.returncode == 1
    expected = lint_paths(["."], cwd=tmp_path / "orders").diagnostics
    assert heads(done) == sorted(f"./{one.path}:{one.line}:{one.column}: {one.code}" for one in expected)
    assert len(expected) == 12


def test_it_is_on_beside_the_other_checks(site: Path, project: Path) -> None:
    (project / "app.py").write_text("import os\n" + HANDLER)
    assert "durable-lint: " in flake8(site, project, "--version").stdout
    done = flake8(site, project)
    assert heads(done) == ["./app.py:1:1: F401", "./app.py:9:27: DUR101", HELPER]
    assert "DUR101 now() leads to time.time() in workflow code: a replay reads another time" in done.stdout
    assert " -> helpers.py:5:12 now: time.time -> app.py:9:12 reaches" in done.stdout


def test_one_file_has_the_context_of_its_project(site: Path, project: Path) -> None:
    assert heads(flake8(site, project, "helpers.py")) == [HELPER.removeprefix("./")]
    assert heads(flake8(site, project, str(project / "app.py"))) == [str(project / "app.py:8:27: DUR101")]


def test_standard_input_wins_over_the_file(site: Path, project: Path) -> None:
    args = ("--stdin-display-name", "helpers.py", "-")
    assert heads(flake8(site, project, *args, stdin=HELPERS)) == ["helpers.py:9:5: DUR206"]
    assert heads(flake8(site, project, *args, stdin="#\n" + HELPERS)) == ["helpers.py:10:5: DUR206"]
    assert heads(flake8(site, project, "-", stdin=HANDLER)) == ["stdin:8:27: DUR101"]


@pytest.mark.parametrize(
    ("args", "found"),
    [
        (("--select", "DUR2"), [HELPER]),
        (("--extend-ignore", "DUR2"), [APP]),
        (("--extend-ignore", "DUR"), []),
        (("--per-file-ignores", "helpers.py:DUR206"), [APP]),
        (("--extend-select", "DUR504"), [APP, "./helpers.py:10:12: DUR504", HELPER]),
    ],
)
def test_select_and_ignore(site: Path, project: Path, args: tuple[str, ...], found: list[str]) -> None:
    (project / "helpers.py").write_text(HELPERS.replace('"stamp"', '"step1"'))
    assert heads(flake8(site, project, *args)) == found


def test_noqa_is_that_of_flake8(site: Path, project: Path) -> None:
    spread = "stamp(\n        context,\n        now(),  # noqa: DUR101\n    )"
    (project / "app.py").write_text(HANDLER.replace("stamp(context, now())", spread))
    (project / "helpers.py").write_text("# flake8: noqa\n" + HELPERS)
    assert heads(flake8(site, project)) == []
    (project / "helpers.py").write_text(HELPERS.replace('d")', 'd")  # noqa: DUR101'))
    assert heads(flake8(site, project, "--disable-noqa")) == ["./app.py:10:9: DUR101", HELPER]
    assert heads(flake8(site, project)) == [HELPER]


def test_our_comments_and_settings_hold(site: Path, project: Path) -> None:
    (project / "app.py").write_text(HANDLER.replace("now())", "now())  # durable-lint: ignore[DUR101] for a log"))
    assert heads(flake8(site, project)) == [HELPER]
    (project / "durable-lint.toml").write_text('ignore = ["DUR206"]\n')
    assert heads(flake8(site, project)) == []


def test_problems_are_findings(site: Path, project: Path) -> None:
    (project / "helpers.py").write_text("def stamp(:\n")
    done = flake8(site, project)
    assert [head.split()[1] for head in heads(done)] == ["DUR000", "E999"]
    assert "DUR000 not judged, or not fully: helpers.py:1: not valid Python" in done.stdout
    (project / "durable-lint.toml").write_text("selekt = []\n")
    assert heads(flake8(site, project, "--select", "DUR")) == ["./app.py:1:1: DUR000"]


def test_the_commands_of_the_readme(site: Path, tmp_path: Path) -> None:
    commands = next(block for block in blocks("") if block.startswith("flake8 ")).splitlines()
    assert len(commands) == 3
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(HANDLER)
    (tmp_path / "src" / "helpers.py").write_text(HELPERS)
    app, helper = "src/app.py:8:27: DUR101", "src/helpers.py:9:5: DUR206"
    for command, expected in zip(commands, ([app, helper], [app, helper], [app]), strict=True):
        words, _, given = command.removeprefix("flake8 ").partition(" < ")
        stdin = (tmp_path / given).read_text() if given else None
        assert heads(flake8(site, tmp_path, *shlex.split(words), stdin=stdin)) == expected
