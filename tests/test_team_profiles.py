"""A team's own profile: its library is recognised as an SDK is, and a mistake in the file is said where it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fixture_files import complaints
from linting import ROOT, run_command

from durable_lint import lint_paths
from durable_lint.knowledge import profile_file, profile_tables
from durable_lint.knowledge.profiles import Profile
from durable_lint.model import Problem, RunResult

PARCELS = ROOT / "tests" / "projects" / "parcels"
PROFILE = (PARCELS / "haulage-profile.toml").read_text("utf-8")
APP = "import time\n\nfrom haulage import flow\n\n\n@flow('a')\ndef start(event, run):\n    return time.time()\n"


def test_the_library_is_recognised_by_its_profile() -> None:
    result = lint_paths(["."], cwd=PARCELS)
    modules = sorted(PARCELS.rglob("*.py"))
    said = [
        f"{module.name}: {complaint}"
        for module in modules
        for complaint in complaints(
            module.read_text("utf-8"), [one for one in result.diagnostics if PARCELS / one.path == module]
        )
    ]
    assert said == []
    assert result.problems == ()
    assert {one.path for one in result.diagnostics} == {"app/parcels.py", "app/payments.py"}
    assert len({one.code for one in result.diagnostics}) >= 10


def test_without_the_profile_only_the_sdk_is_known(tmp_path: Path) -> None:
    (tmp_path / "durable-lint.toml").write_text("")
    (tmp_path / "app.py").write_text(APP)
    assert lint_paths(["."], cwd=tmp_path).diagnostics == ()


def test_messages_name_no_other_sdk() -> None:
    result = lint_paths(["app/parcels.py"], cwd=PARCELS)
    names = re.compile(r"\baws|\blambda_|durable_execution|DurableContext|\bcontext\.", re.IGNORECASE)
    assert [one.message for one in result.diagnostics if names.search(one.message)] == []


DOCUMENTED = ("profile", "suspension", "context", "decorator", "carrier", "operation", "body", "parameter", "place")


def project(folder: Path, profile: str, settings: str = 'profiles = ["own/p.toml"]') -> RunResult:
    (folder / "own").mkdir()
    (folder / "own" / "p.toml").write_text(profile)
    (folder / "durable-lint.toml").write_text(settings)
    (folder / "app.py").write_text(APP)
    return lint_paths(["."], cwd=folder)


def test_a_path_is_relative_to_the_settings(tmp_path: Path) -> None:
    assert [(one.code, one.line) for one in project(tmp_path, PROFILE).diagnostics] == [("DUR101", 8)]
    below = tmp_path / "own"
    (below / "app.py").write_text(APP)
    assert [one.code for one in lint_paths(["."], cwd=below).diagnostics] == ["DUR101"]


def test_entry_points_are_what_the_first_profile_says(tmp_path: Path) -> None:
    plain = "def start(event, run):\n    run.do(len)\n"
    settings = 'profiles = ["own/p.toml"]\nentry-points = ["plain.start"]'
    (tmp_path / "plain.py").write_text(plain)
    found = project(tmp_path, PROFILE, settings).diagnostics
    assert [(one.path, one.code) for one in found] == [("app.py", "DUR101"), ("plain.py", "DUR501")]


def changed(old: str, new: str) -> str:
    assert PROFILE.count(old) >= 1
    return PROFILE.replace(old, new, 1)


DO = '[[operation]] "do": '
LABEL = 'label = { keyword = "label" }'
REFUSALS = {
    "key": (changed(LABEL, "lable = {}"), "lable =", DO + 'there is no key "lable"; did you mean "label"?'),
    "far key": (
        changed('logger = "log"', "zzz = 1"),
        "zzz",
        '[[context]] "run": there is no key "zzz"; allowed are id, ',
    ),
    "table": (PROFILE + "\n[suspend]\n", "[suspend]", 'there is no key "suspend"; did you mean "suspension"?'),
    "inner key": (
        changed(LABEL, "label = { job = 1 }"),
        "label = {",
        DO + 'there is no key "job"; allowed are arg, keyword',
    ),
    "missing": (changed('form = "handler"\n', ""), "[[decorator]]", '[[decorator]] "flow": the key "form" is missing'),
    "missing table": (PROFILE.partition("[suspension]")[0], "", 'the key "suspension" is missing'),
    "string": (changed('id = "haulage"', "id = 3"), "id = 3", "[profile]: id must be a string that is not empty"),
    "strings": (
        changed('["haulage"]', '"haulage"'),
        "import-roots",
        "[profile]: import-roots must be a list of strings",
    ),
    "no root": (changed('["haulage"]', "[]"), "import-roots", "import-roots must name the package that users import"),
    "root": (changed('["haulage"]', '["a-b"]'), "import-roots", 'import-roots: "a-b" is not the name of a package'),
    "position": (changed("context = 1", "context = -1"), "context = -1", "context must be a position, counted from 0"),
    "boolean": (changed("passes-rest = true", "passes-rest = 1"), "body = ", DO + "passes-rest must be true or false"),
    "choice": (changed('"must"', '"always"'), "factory", '[[decorator]] "flow": factory must be never, may or must'),
    "inline table": (changed(LABEL, 'label = "label"'), 'label = "label"', DO + "label must be a table"),
    "tables": (
        PROFILE.replace("[[operation]]", "[operation]", 1).partition("[[operation]]")[0],
        "[operation]",
        "operation must be a list of tables",
    ),
    "no region": (changed('region = "step", context', "context"), "body = ", DO + 'body: the key "region" is missing'),
    "receiver": (
        changed('on = "function"', 'receiver = { arg = 0, keyword = "run" }'),
        "receiver",
        '[[operation]] "checkpoint": receiver is for free functions: add on = "function"',
    ),
    "reference": (
        changed('context-class = "task"', 'context-class = "job"'),
        "body = ",
        DO + 'context-class: there is no context "job"; allowed are "run", "task"',
    ),
    "id of ours": (
        changed('id = "haulage"', 'id = "aws-durable-execution"'),
        "",
        'the id "aws-durable-execution" is that of a built-in profile: choose another one',
    ),
    "toml": (changed("[suspension]", "[suspension"), "[suspension", "is not valid TOML"),
}


@pytest.mark.parametrize(("profile", "begin", "words"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_mistake_is_said_with_its_place(tmp_path: Path, profile: str, begin: str, words: str) -> None:
    result = project(tmp_path, profile)
    (problem,) = result.problems
    assert (problem.kind, problem.path) == ("configuration", "own/p.toml")
    assert words in problem.message
    line = profile.splitlines()[problem.line - 1] if problem.line else ""
    assert line.startswith(begin) if begin else not line
    assert result.diagnostics == ()


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    result = project(tmp_path, PROFILE, 'profiles = [\n  "own/q.toml",\n]')
    message = 'profiles: there is no file "own/q.toml" in .'
    assert result.problems == (Problem("configuration", "durable-lint.toml", message, 1),)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "p.toml").write_bytes(b"\xff")
    (tmp_path / "durable-lint.toml").write_text('profiles = ["own/p.toml"]')
    (tmp_path / "app.py").write_text(APP)
    (problem,) = lint_paths(["."], cwd=tmp_path).problems
    assert problem.message == "is not UTF-8 (byte 0): save it as such"


def test_two_files_with_one_id(tmp_path: Path) -> None:
    (tmp_path / "p2.toml").write_text(PROFILE)
    result = project(tmp_path, PROFILE, 'profiles = ["own/p.toml", "p2.toml"]')
    assert [(one.path, one.message) for one in result.problems] == [
        ("p2.toml", '[profile]: the id "haulage" is that of own/p.toml: choose another one')
    ]


def test_every_key_that_teams_need_has_a_type() -> None:
    for kind, types in profile_file.TYPES.items():
        assert set(types) <= profile_tables.keys_of(kind), kind
        assert set(profile_file.REQUIRED.get(kind, ())) <= set(types)
    for kind in DOCUMENTED:
        assert set(profile_file.TYPES[kind]) == profile_tables.keys_of(kind), kind


@pytest.mark.parametrize("profile", profile_tables.load(), ids=lambda profile: profile.id)
def test_the_built_in_profiles_keep_the_rules_for_files(profile: Profile, tmp_path: Path) -> None:
    text = (ROOT / "rules" / "profiles" / f"{profile.id}.toml").read_text("utf-8")
    copy = tmp_path / "copy.toml"
    copy.write_text(text)
    assert profile_file.read(copy, "copy.toml") == profile


def test_the_documents_example_can_be_used(tmp_path: Path) -> None:
    text = (ROOT / "rules" / "profiles" / "README.md").read_text("utf-8")
    example = next(
        block for block in re.findall(r"^```toml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL) if "[profile]" in block
    )
    (tmp_path / "p.toml").write_text(example)
    assert profile_file.read(tmp_path / "p.toml", "p.toml").id == "shop-flows"
    named = set(re.findall(r"`([\w-]+)`", text))
    assert {key for kind in DOCUMENTED for key in profile_tables.keys_of(kind)} - named == set()


def test_the_settings_command_reads_the_profiles_too(tmp_path: Path) -> None:
    project(tmp_path, PROFILE)
    shown = run_command("config", "app.py", cwd=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert (tmp_path / "own" / "p.toml").as_posix() in "".join(shown.stdout.split("\n"))
    (tmp_path / "own" / "p.toml").write_text(changed("factory", "factry"))
    refused = run_command("config", "app.py", cwd=tmp_path)
    assert refused.returncode == 2
    assert 'there is no key "factry"; did you mean "factory"?' in refused.stderr


def test_an_operation_may_have_no_name(tmp_path: Path) -> None:
    (tmp_path / "flow.py").write_text(
        "from haulage import flow, checkpoint\n\n\n@flow('a')\ndef start(event, run):\n"
        "    checkpoint()\n    run.do(len)\n"
    )
    result = project(tmp_path, changed('on = "function"\nlabel = { arg = 0, keyword = "label" }', 'on = "function"'))
    assert [(one.path, one.line, one.code) for one in result.diagnostics if one.path == "flow.py"] == [
        ("flow.py", 7, "DUR501")
    ]
