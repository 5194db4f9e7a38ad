"""What holds for every fix, over all fixtures: it comes to an end, keeps the rest, and leaves sound code."""

from __future__ import annotations

import ast
import io
import json
import subprocess
import sys
import tokenize
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from fixture_files import cases
from linting import case_id, rules_for

from durable_lint import engine
from durable_lint.config import Overrides
from durable_lint.fixing import fix_paths
from durable_lint.knowledge import profile_tables
from durable_lint.model import FixedFile, RunResult
from durable_lint.settings import LEVELS

LEVEL = pytest.mark.parametrize("level", LEVELS)
FILES = [case for case in cases() if case.is_file()]
OPERATIONS = {name for profile in profile_tables.load() for name in (*profile.methods, *profile.functions)}


def overrides(case: Path, level: str) -> Overrides:
    chosen = rules_for(case.parent.name)
    return Overrides(isolated=True, extend_select=chosen.extend_select, fix_level=level)


@cache
def fixed(case: Path, level: str) -> RunResult:
    return fix_paths([case.name], overrides(case, level), cwd=case.parent)


def changed(level: str) -> list[tuple[Path, FixedFile]]:
    """The fixtures of one module that fixes change, with what they make of them."""
    return [(case, one) for case in FILES for one in fixed(case, level).fixed]


@LEVEL
def test_many_fixtures_are_fixed(level: str) -> None:
    least = {"safe": 40, "history": 200, "unsafe": 240}[level]
    assert len(changed(level)) >= least


@LEVEL
def test_no_fix_fails(level: str) -> None:
    assert [(case_id(case), fixed(case, level).problems) for case in FILES if fixed(case, level).problems] == []


@LEVEL
def test_nothing_is_left_that_the_level_allows(level: str) -> None:
    allowed = LEVELS[: LEVELS.index(level) + 1]
    left = [
        (case_id(case), one.code, one.line)
        for case, _ in changed(level)
        for one in fixed(case, level).diagnostics
        if one.fix is not None and one.fix.level.value in allowed
    ]
    assert left == []


@LEVEL
def test_fixing_twice_changes_nothing(level: str, tmp_path: Path) -> None:
    again = []
    for case, one in changed(level):
        copy = tmp_path / case.parent.name / case.name
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(one.after)
        second = fix_paths([copy.name], overrides(case, level), cwd=copy.parent)
        again += [case_id(case)] if second.fixed or second.problems else []
    assert again == []


@LEVEL
def test_the_findings_of_a_fixed_file_are_those_of_a_new_run(level: str, tmp_path: Path) -> None:
    for case, one in changed(level):
        copy = tmp_path / case.parent.name / case.name
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(one.after)
        new = engine.lint_paths([copy.name], overrides(case, level), cwd=copy.parent)
        assert new.diagnostics == fixed(case, level).diagnostics


def comments(text: str) -> Counter[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)


@LEVEL
def test_every_comment_stays(level: str) -> None:
    """But for suppressions that DUR901 takes out."""
    for case, one in changed(level):
        gone = comments(one.old) - comments(one.new)
        suppressions = [text for text in gone if "durable-lint" in text or "noqa" in text]
        assert sorted(gone) == sorted(suppressions), case_id(case)
        assert not suppressions or any(fix.code == "DUR901" for fix in one.applied)


def operations(text: str) -> list[tuple[str, str]]:
    """The operations in the order of the text, with their constant names."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            method = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            name = next((one.value for one in node.keywords if one.arg == "name"), None)
            if method in OPERATIONS and not (method == "map" and isinstance(node.func, ast.Name)):
                place = (node.lineno, node.col_offset)
                found.append((*place, method, name.value if isinstance(name, ast.Constant) else ""))
    return sorted((method, str(name)) for _, _, method, name in found)


def test_safe_fixes_keep_the_operations_and_their_names() -> None:
    different = [
        case_id(case)
        for case, one in changed("safe")
        if operations(one.old) != operations(one.new) and {fix.code for fix in one.applied} - {"DUR312"}
    ]
    assert different == []


@LEVEL
def test_line_ends_tabs_and_byte_order_marks_do_not_matter(level: str, tmp_path: Path) -> None:
    for case, one in changed(level)[::3]:
        folder = tmp_path / case.parent.name
        folder.mkdir(exist_ok=True)
        copy = folder / case.name
        for before, after in (
            (b"\n", b"\r\n"),
            (b"    ", b"\t"),
        ):
            if b'"""\n' in one.before.partition(b"import")[2] and before == b"    ":
                continue
            copy.write_bytes(b"\xef\xbb\xbf" + one.before.replace(before, after))
            result = fix_paths([copy.name], overrides(case, level), cwd=folder)
            assert result.problems == ()
            expected = b"\xef\xbb\xbf" + one.after.replace(before, after)
            assert [x.after for x in result.fixed] == [expected], case_id(case)


def test_a_missing_last_line_end_stays_missing(tmp_path: Path) -> None:
    for case, one in changed("history")[::5]:
        folder = tmp_path / case.parent.name
        folder.mkdir(exist_ok=True)
        (folder / case.name).write_bytes(one.before.rstrip(b"\n"))
        result = fix_paths([case.name], overrides(case, "history"), cwd=folder)
        assert [x.after for x in result.fixed] == [one.after.rstrip(b"\n")], case_id(case)


@LEVEL
def test_no_name_is_undefined_and_no_import_is_left_over(level: str, tmp_path: Path) -> None:
    """Judged by ruff: what it says of the fixed files it said of the old ones."""
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    for case, one in changed(level):
        flat = f"{case.parent.name}_{case.name}"
        (tmp_path / "old" / flat).write_bytes(one.before)
        (tmp_path / "new" / flat).write_bytes(one.after)
    before, after = (judged_by_ruff(tmp_path / name) for name in ("old", "new"))
    assert sorted((after - before).elements()) == []


def judged_by_ruff(folder: Path) -> Counter[tuple[str, str, str]]:
    rules = "F401,F811,F821,F823,E9"
    options = ["check", "--isolated", "--no-cache", "--select", rules, "--output-format", "json"]
    run = subprocess.run(
        [sys.executable, "-m", "ruff", *options, str(folder)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode in (0, 1), run.stderr
    found = json.loads(run.stdout)
    return Counter((Path(one["filename"]).name, str(one["code"]), one["message"]) for one in found)
