"""Settings: which file holds, how strictly it is read, and which rule is on where and why."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from durable_lint.config import ConfigError, Overrides, Settings, SettingsFinder, did_you_mean, resolve_code
from durable_lint.model import Problem, RuleInfo, SdkVersion, Severity

RULES = (
    RuleInfo("DUR101", "wall-clock-in-workflow", Severity.ERROR, ""),
    RuleInfo("DUR102", "randomness-in-workflow", Severity.ERROR, ""),
    RuleInfo("DUR206", "print-in-workflow", Severity.WARNING, ""),
    RuleInfo("DUR310", "broad-except-around-operation", None, ""),
    RuleInfo("DUR315", "empty-child-context", None, "", strict=False),
)
KNOWN = {rule.code: rule.code for rule in RULES} | {rule.name: rule.code for rule in RULES}
KINDS = ("clock", "network", "random")
PROFILES = {"temporal", "aws-durable-execution"}


def finder(cwd: Path, overrides: Overrides | None = None) -> SettingsFinder:
    return SettingsFinder(overrides or Overrides(), RULES, PROFILES, cwd, kinds=KINDS)


def configured(cwd: Path, text: str, overrides: Overrides | None = None) -> Settings:
    (cwd / "durable-lint.toml").write_text(text)
    return finder(cwd, overrides).settings_for(cwd / "m.py")


def refusal(cwd: Path, text: str) -> Problem:
    with pytest.raises(ConfigError) as caught:
        configured(cwd, text)
    problem = caught.value.problem
    assert (problem.kind, problem.path) == ("configuration", "durable-lint.toml")
    return problem


def states(settings: Settings, path: str = "m.py") -> dict[str, str]:
    """The severity of every rule that is on in a file."""
    found = {rule.code: settings.rule_state(rule, Path(path))[0] for rule in RULES}
    return {code: severity.value for code, severity in found.items() if severity is not None}


def reason(settings: Settings, code: str, path: str = "m.py") -> str:
    return next(settings.rule_state(rule, Path(path))[1] for rule in RULES if rule.code == code)


DEFAULT = {"DUR101": "error", "DUR102": "error", "DUR206": "warning"}
ALL = DEFAULT | {"DUR310": "warning", "DUR315": "warning"}


def test_defaults_without_a_file(tmp_path: Path) -> None:
    settings = finder(tmp_path).settings_for(tmp_path / "pkg" / "m.py")
    assert (settings.root, settings.path, settings.fail_on) == (tmp_path, None, "warning")
    assert settings.src == (tmp_path, tmp_path / "src")
    assert settings.profiles == ("aws-durable-execution", "temporal")
    assert states(settings) == DEFAULT
    assert reason(settings, "DUR101") == "on by default"
    assert reason(settings, "DUR315") == "off by default"


def test_every_setting_is_read(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    settings = configured(
        tmp_path,
        """
        select = ["DUR1", "print-in-workflow"]
        extend-select = ["DUR315"]
        ignore = ["DUR102"]
        exclude = ["generated/", "*_pb2.py"]
        src = ["lib"]
        fail-on = "error"
        sdk-version = "2.1"
        profiles = ["temporal"]
        entry-points = ["shop.jobs.run"]
        max-file-size = "800 kB"
        [per-file-ignores]
        "tests/*" = ["DUR1"]
        [severity]
        DUR315 = "error"
        [deterministic]
        "shop.ids.key" = "a hash of its argument"
        [nondeterministic]
        "shop.now" = "clock"
        """,
    )
    assert states(settings) == {"DUR101": "error", "DUR206": "warning", "DUR315": "error"}
    assert settings.exclude == ("generated/", "*_pb2.py")
    assert settings.src == (tmp_path / "lib",)
    assert (settings.fail_on, settings.profiles) == ("error", ("temporal",))
    assert settings.sdk_version == SdkVersion(2, 1, 0)
    assert settings.max_file_size == 800_000
    assert settings.entry_points == ("shop.jobs.run",)
    assert settings.deterministic == {"shop.ids.key": "a hash of its argument"}
    assert settings.nondeterministic == {"shop.now": "clock"}
    assert (settings.root, settings.path) == (tmp_path, tmp_path / "durable-lint.toml")


def test_settings_can_go_to_another_process(tmp_path: Path) -> None:
    settings = configured(tmp_path, 'severity = {DUR1 = "warning"}\nper-file-ignores = {"a.py" = ["ALL"]}')
    copied = pickle.loads(pickle.dumps(settings))
    assert copied == settings
    assert hash(copied) == hash(settings)
    assert states(copied) == DEFAULT | {"DUR101": "warning", "DUR102": "warning"}
    assert states(copied, "a.py") == {}


def test_the_nearest_file_with_settings_holds(tmp_path: Path) -> None:
    near = tmp_path / "a" / "b"
    near.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[tool.durable-lint]\nignore = ["DUR101"]\n')
    (tmp_path / "a" / "pyproject.toml").write_text('[project]\nname = "a"\n[tool.ruff]\nline-length = 120\n')
    (near / "pyproject.toml").write_text('[tool.durable-lint]\nignore = ["DUR102"]\n')
    find = finder(tmp_path)
    assert find.settings_for(tmp_path / "a" / "m.py").path == tmp_path / "pyproject.toml"
    assert find.settings_for(near / "m.py").root == near
    assert find.settings_for(near / "deeper" / "m.py").root == near
    assert find.settings_for(Path("a/b/../m.py")).path == tmp_path / "pyproject.toml"
    assert reason(find.settings_for(near / "m.py"), "DUR102") == "ignored by ignore DUR102 in a/b/pyproject.toml"


def test_our_own_file_wins_over_pyproject_in_the_same_directory(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.durable-lint]\nfail-on = "never"\n')
    assert finder(tmp_path).settings_for(tmp_path / "m.py").fail_on == "never"
    assert configured(tmp_path, 'fail-on = "error"').fail_on == "error"


def test_a_file_is_read_once_per_run(tmp_path: Path) -> None:
    (tmp_path / "durable-lint.toml").write_text('fail-on = "never"')
    find = finder(tmp_path)
    assert find.settings_for(tmp_path / "m.py") is find.settings_for(tmp_path / "n.py")
    (tmp_path / "durable-lint.toml").write_text('fail-on = "error"')
    assert find.settings_for(tmp_path / "sub" / "m.py").fail_on == "never"


def test_an_empty_table_counts_and_a_foreign_broken_file_does_not(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "pyproject.toml").write_text("[tool.durable-lint]\n")
    (tmp_path / "sub" / "pyproject.toml").write_text("this is [not toml\n")
    assert finder(tmp_path).settings_for(tmp_path / "sub" / "m.py").path == tmp_path / "pyproject.toml"


SELECTIONS = {
    "select": ('select = ["DUR1"]', {"DUR101": "error", "DUR102": "error"}),
    "select nothing": ("select = []", {}),
    "select all": ('select = ["ALL"]', ALL),
    "by name": ('select = ["empty-child-context"]', {"DUR315": "warning"}),
    "lower case": ('select = ["dur10", "all"]\nignore = ["dur3"]', DEFAULT),
    "extend": ('extend-select = ["DUR31"]', ALL),
    "extend a selection": (
        'select = ["DUR206"]\nextend-select = ["DUR310"]',
        {"DUR206": "warning", "DUR310": "warning"},
    ),
    "ignore": ('ignore = ["DUR1"]', {"DUR206": "warning"}),
    "code over prefix": ('select = ["DUR101"]\nignore = ["DUR1"]', {"DUR101": "error"}),
    "prefix over all": ('select = ["DUR1"]\nignore = ["ALL"]', {"DUR101": "error", "DUR102": "error"}),
    "longer prefix": ('select = ["ALL"]\nignore = ["DUR3"]\nextend-select = ["DUR31"]', ALL),
    "ignore wins a tie": ('select = ["DUR101", "DUR102"]\nignore = ["DUR101"]', {"DUR102": "error"}),
    "recommended": ('select = ["recommended"]', DEFAULT),
    "strict": ('select = ["STRICT"]', DEFAULT | {"DUR310": "warning"}),
    "strict without some": ('select = ["strict"]\nignore = ["DUR2", "DUR310"]', {"DUR101": "error", "DUR102": "error"}),
    "strict on top": ('extend-select = ["strict"]', DEFAULT | {"DUR310": "warning"}),
    "every code from DUR on": ('select = ["DUR"]\nignore = ["ALL"]', ALL),
}


@pytest.mark.parametrize(("text", "on"), SELECTIONS.values(), ids=SELECTIONS.keys())
def test_the_more_specific_selector_wins(tmp_path: Path, text: str, on: dict[str, str]) -> None:
    assert states(configured(tmp_path, text)) == on


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    text = 'select = ["DUR101"]\nignore = ["DUR206"]\nfail-on = "never"\n'
    assert states(configured(tmp_path, text)) == {"DUR101": "error"}
    assert states(configured(tmp_path, text, Overrides(select=("DUR2",)))) == {"DUR206": "warning"}
    extended = configured(tmp_path, text, Overrides(extend_select=("DUR3",)))
    assert states(extended) == {"DUR101": "error", "DUR310": "warning", "DUR315": "warning"}
    assert states(configured(tmp_path, text, Overrides(ignore=("DUR1",)))) == {}
    assert configured(tmp_path, text, Overrides(fail_on="error")).fail_on == "error"


def test_reasons_name_what_decided(tmp_path: Path) -> None:
    text = """
        ignore = ["DUR102"]
        severity = {"print-in-workflow" = "error"}
        per-file-ignores = {"tests/*" = ["DUR1"]}
        """
    settings = configured(tmp_path, text, Overrides(extend_select=("DUR315",)))
    assert reason(settings, "DUR315") == "selected by --extend-select DUR315"
    assert reason(settings, "DUR102") == "ignored by ignore DUR102 in durable-lint.toml"
    assert reason(settings, "DUR206") == 'on by default; severity set by "print-in-workflow" in durable-lint.toml'
    assert reason(settings, "DUR101") == "on by default"
    assert reason(settings, "DUR101", "tests/a.py") == 'ignored by per-file-ignores "tests/*" in durable-lint.toml'
    chosen = configured(tmp_path, "", Overrides(select=("DUR1",)))
    assert reason(chosen, "DUR206") == "not selected by --select"
    assert reason(configured(tmp_path, "select = []"), "DUR206") == "not selected by select in durable-lint.toml"


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("tests/*", "tests/deep/a.py", "src/tests/a.py"),
        ("tests/", "src/tests/a.py", "src/a.py"),
        ("*_test.py", "src/a_test.py", "src/a.py"),
        ("/setup.py", "setup.py", "src/setup.py"),
        ("**/gen/*.py", "src/gen/a.py", "src/a.py"),
        ("!src/", "tests/a.py", "src/a.py"),
    ],
)
def test_per_file_ignores_are_gitignore_patterns(tmp_path: Path, pattern: str, inside: str, outside: str) -> None:
    settings = configured(tmp_path, f'per-file-ignores = {{"{pattern}" = ["DUR101"]}}')
    assert "DUR101" not in states(settings, inside)
    assert "DUR101" not in states(settings, os.fspath(tmp_path / inside))
    assert states(settings, outside) == DEFAULT


def test_severity_follows_the_most_specific_entry(tmp_path: Path) -> None:
    settings = configured(tmp_path, 'severity = {DUR = "warning", DUR101 = "error", DUR2 = "error"}')
    assert states(settings) == {"DUR101": "error", "DUR102": "warning", "DUR206": "error"}


REFUSALS = {
    "unknown key": ('# x\nselcet = ["DUR1"]', 2, 'there is no setting "selcet"; did you mean "select"?'),
    "underscore": ('extend_select = ["DUR1"]', 1, 'did you mean "extend-select"?'),
    "baseline": ("\nbaseline = 3", 2, "baseline must be the path of a file, not the number 3"),
    "baseline without a name": ('baseline = " "', 1, 'baseline must be the path of a file, not the string " "'),
    "a bare size": (
        "max-file-size = 5000000",
        1,
        'max-file-size must be a size in quotes, such as "5 MB" or "800 kB", not the number 5000000',
    ),
    "another unit": (
        'max-file-size = "1 GB"',
        1,
        'max-file-size must be a size in quotes, such as "5 MB" or "800 kB", not the string "1 GB"',
    ),
    "too high": ('max-file-size = "101MB"', 1, "max-file-size must be above 0 and at most 100 MB"),
    "nothing at all": ('max-file-size = "0 kB"', 1, "max-file-size must be above 0 and at most 100 MB"),
    "fix level": ('fix-level = "save"', 1, 'fix-level must be "safe", "history" or "unsafe", not the string "save"'),
    "wrapper without a body": ('[step-wrappers]\n"acme.run" = "context, name"', 1, 'needs one "body"'),
    "wrapper with an odd role": ('[step-wrappers]\n"acme.run" = "ctx, body"', 1, '"ctx" of "acme.run" must be'),
    "version without quotes": ("sdk-version = 2.1", 1, 'must be a version in quotes, such as "2.1", not the number'),
    "version that is a range": ('sdk-version = ">=2"', 1, 'must be a version in quotes, such as "2.1"'),
    "string for a list": ('ignore = "DUR101"', 1, 'ignore must be a list of strings, not the string "DUR101"'),
    "number in a list": ("select = [101]", 1, "select must hold strings, not the number 101"),
    "empty string": ('entry-points = [" "]', 1, "entry-points must not hold an empty string"),
    "unknown code": ('select = ["DUR999"]', 1, 'select: no rule has the code or name "DUR999"'),
    "unknown name": ('ignore = ["wall-clock"]', 1, 'no rule has the code or name "wall-clock"; did you mean'),
    "other linter": ('select = ["E501"]', 1, 'no rule has the code or name "E501"'),
    "severity": ('severity = {DUR101 = "fatal"}', 1, 'must be "error" or "warning", not the string "fatal"'),
    "severity of what": ('severity = {DUR9 = "error"}', 1, 'severity: no rule has the code or name "DUR9"'),
    "severity type": ('severity = ["DUR101"]', 1, "severity must be a table of strings, not a list"),
    "fail-on": ("fail-on = true", 1, 'fail-on must be "error", "warning" or "never", not true'),
    "profile": ('profiles = ["temporl"]', 1, 'there is no profile "temporl"; did you mean "temporal"?'),
    "kind": ('nondeterministic = {"a.b" = "clok"}', 1, '"clok"; did you mean "clock"?'),
    "no reason": ('deterministic = {"a.b" = ""}', 1, 'the value of "a.b" must not be empty'),
    "dotted key": ('[deterministic]\na.b = "why"', 1, 'write it in quotes, "a.b"'),
    "deterministic list": ('deterministic = ["a.b"]', 1, "must be a table of strings, not a list"),
    "why is a number": ('deterministic = {"a.b" = 1.5}', 1, "must be a string, not the number 1.5"),
    "src": ('src = ["absent"]', 1, 'src: there is no directory "absent"'),
    "pattern": ('exclude = ["!"]', 1, 'exclude: "!" is no pattern'),
    "pattern that is a comment": ('exclude = ["#a"]', 1, "it matches nothing"),
    "per file": ('per-file-ignores = ["DUR1"]', 1, "must be a table of pattern to list of codes, not a list"),
    "per file code": ('[per-file-ignores]\n"a/*" = "DUR1"', 1, 'per-file-ignores "a/*" must be a list'),
    "date": ("fail-on = 2024-01-01", 1, "not a date or time"),
    "toml": ("select = [\n\nignore = 3", 3, "is not valid TOML"),
    "deep": ("a = " + "[" * 5_000 + "]" * 5_000, 0, ""),
}


@pytest.mark.parametrize(("text", "line", "words"), REFUSALS.values(), ids=REFUSALS.keys())
def test_what_cannot_be_used_is_refused(tmp_path: Path, text: str, line: int, words: str) -> None:
    problem = refusal(tmp_path, text)
    assert words in problem.message
    assert problem.line == line


def test_problems_in_pyproject_give_the_line_below_our_table(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.ruff]\nselect = ["E"]\n\n[tool.durable-lint]\nselect = ["E"]\n')
    with pytest.raises(ConfigError) as caught:
        finder(tmp_path).settings_for(tmp_path / "m.py")
    assert (caught.value.problem.path, caught.value.problem.line) == ("pyproject.toml", 5)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[tool.durable_lint]\n", "write [tool.durable-lint]"),
        ("[tool]\ndurable-lint = 3\n", "must be a table, not the number 3"),
        ("[tool.durable-lint\n", "is not valid TOML"),
    ],
)
def test_a_table_that_is_no_table_is_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        finder(tmp_path).settings_for(tmp_path / "m.py")
    assert words in caught.value.problem.message


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "durable-lint.toml").write_bytes(b"# \xe9\n")
    with pytest.raises(ConfigError, match="not UTF-8"):
        finder(tmp_path).settings_for(tmp_path / "m.py")


def test_a_given_file_holds_everywhere(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "lint.toml").write_text('ignore = ["DUR1"]\nexclude = ["gen"]\n')
    (tmp_path / "durable-lint.toml").write_text("select = []")
    find = finder(tmp_path, Overrides(config=Path("other/lint.toml")))
    settings = find.settings_for(tmp_path / "m.py")
    assert (settings.root, states(settings)) == (tmp_path / "other", {"DUR206": "warning"})
    assert find.settings_for(tmp_path / "other" / "sub" / "m.py") == settings


def test_isolated_reads_nothing(tmp_path: Path) -> None:
    settings = configured(tmp_path, "select = []", Overrides(isolated=True, ignore=("DUR2",)))
    assert (settings.path, list(states(settings))) == (None, ["DUR101", "DUR102"])


@pytest.mark.parametrize(
    ("overrides", "kind", "words"),
    [
        (Overrides(select=("DUR8",)), "usage", 'no rule has the code or name "DUR8"'),
        (Overrides(ignore=("print-in-workflw",)), "usage", 'did you mean "print-in-workflow"?'),
        (Overrides(fail_on="always"), "usage", '--fail-on must be "error", "warning" or "never", not "always"'),
        (Overrides(exclude=("!",)), "usage", '--exclude "!" is no pattern'),
        (Overrides(isolated=True, config=Path("a.toml")), "usage", "leave one out"),
        (Overrides(config=Path("absent.toml")), "configuration", "no such file"),
        (Overrides(config=Path("pyproject.toml")), "configuration", "has no [tool.durable-lint] table"),
    ],
)
def test_the_command_line_is_checked_at_once(tmp_path: Path, overrides: Overrides, kind: str, words: str) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    with pytest.raises(ConfigError) as caught:
        finder(tmp_path, overrides)
    assert caught.value.problem.kind == kind
    assert words in caught.value.problem.message


def test_excludes_stand_where_they_were_written(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "durable-lint.toml").write_text('exclude = ["/gen"]')
    find = finder(tmp_path, Overrides(exclude=("/project/old",)))
    found = find.excludes(project / "sub")
    assert [(one.root, one.lines) for one in found] == [
        (os.fspath(project), ("/gen",)),
        (os.fspath(tmp_path), ("/project/old",)),
    ]
    matched = [
        name for name in ("gen", "old", "new") if any(one.check(f"{project}/{name}", directory=True) for one in found)
    ]
    assert matched == ["gen", "old"]


def test_a_broken_configuration_excludes_nothing_but_is_said_for_its_files(tmp_path: Path) -> None:
    (tmp_path / "durable-lint.toml").write_text("nonsense = 1")
    find = finder(tmp_path)
    assert [one.lines for one in find.excludes(tmp_path)] == [()]
    for _ in range(2):
        with pytest.raises(ConfigError, match='no setting "nonsense"'):
            find.settings_for(tmp_path / "m.py")


def test_codes_prefixes_and_names_are_resolved() -> None:
    assert resolve_code("dur101", KNOWN) == "DUR101"
    assert resolve_code("DUR3", KNOWN) == "DUR3"
    assert resolve_code("Print-In-Workflow", KNOWN) == "DUR206"
    assert [resolve_code(text, KNOWN) for text in ("", "D", "DUR7", "E501", "DUR1011")] == [None] * 5


def test_suggestions_do_not_depend_on_order() -> None:
    assert did_you_mean("SELCT", ["select", "severity"]) == '; did you mean "select"?'
    assert did_you_mean("zzz", ["select"]) == ""
    assert did_you_mean("abcd", ["abcx", "abcy"]) == did_you_mean("abcd", ["abcy", "abcx"])
