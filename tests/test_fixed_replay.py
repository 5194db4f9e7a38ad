"""What fixes make of the rule pages' examples and of the fixtures: nothing is left to fix, no replay diverges.

Every fixture of one module with a handler is fixed and, where that changes it, replayed on the real SDK before and
after, with an event, variables and answers guessed from its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from evidence import NOT_BY_REPLAY, rows
from linting import ROOT, rules_for
from oracle import Pool, Report, guesses, replay
from rule_pages import PAGES, example

from durable_lint.fixing import lint_source
from durable_lint.model import Diagnostic, Level, RunResult

FOLDERS = sorted(path for path in (ROOT / "tests" / "fixtures").glob("DUR*") if path.is_dir())
APPLIED = (Level.SAFE, Level.HISTORY)  # what --fix applies when it is told nothing else


def wrongs(text: str, name: str, code: str, pool: Pool) -> list[str]:
    """What is wrong with the fixed text of a module; nothing when it has no fixes."""
    result = lint_source(text, f"{name}.py", rules_for(code), fix=True)
    if not result.fixed:
        return []
    said = [f"{name}: {problem.message}" for problem in result.problems]
    codes = {fix.code for fix in result.fixed[0].applied}
    said += [f"{name}:{one.line}: {one.code} could be fixed and is not" for one in left(result, codes)]
    before, after = replayed(text, result.fixed[0].new, pool)
    return said + [f"{name}: {wrong}" for wrong in worse(before, after, result.diagnostics)]


def left(result: RunResult, codes: set[str]) -> list[Diagnostic]:
    """Findings of the fixed codes that fixes should have removed."""
    return [one for one in result.diagnostics if one.code in codes and one.fix and one.fix.level in APPLIED]


def replayed(text: str, fixed: str, pool: Pool) -> tuple[Report, Report]:
    """Both with the first guessed event that the fixed text runs with."""
    for event in guesses.events(text):
        before, after = (replay(one, pool, event=event, environment=guesses.environment(text)) for one in (text, fixed))
        if runs(after):
            break
    return before, after


def worse(before: Report, after: Report, remaining: Sequence[Diagnostic]) -> list[str]:
    """How replays of the fixed text go wrong. Not judged: what findings are left for, or never ran."""
    shown = [one.code for one in remaining if rows()[one.code].shows != NOT_BY_REPLAY]
    if shown or not runs(before):
        return []
    if after.verdict == "diverges":
        return [f"it still diverges: {after}"]
    # No step can return a stub, and what one answers is a plain dict once it is recorded.
    of_stub = any("oracle.world." in one.detail or "not 'dict'" in one.detail for one in after.findings)
    return [f"it no longer runs: {after}"] if not runs(after) and not of_stub else []


def runs(report: Report) -> bool:
    """Whether the handler comes to an end with what was guessed, be it another on replay."""
    reasons = {"refused", "failed execution", "failed item", "not finished"} & set(report.kinds)
    return not reasons or "refused" in reasons


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_fixed_example_does_not_diverge(page: Path, pool: Pool) -> None:
    assert wrongs(example(page, "Example"), page.stem, page.stem, pool) == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_fixed_fixtures_do_not_diverge(folder: Path, pool: Pool) -> None:
    cases = {case.stem: case.read_bytes() for case in sorted(folder.glob("*.py"))}
    texts = {name: data.decode("utf-8", "replace") for name, data in cases.items() if b"\ndef handler(" in data}
    assert [wrong for name, text in texts.items() for wrong in wrongs(text, name, folder.name, pool)] == []


def test_it_sees_a_fix_that_does_not_help(pool: Pool) -> None:
    page = next(page for page in PAGES if page.stem == "DUR103")
    bad, good = example(page, "Example"), example(page, "Use instead")
    diverging, clean = replayed(bad, good, pool)
    _, failing = replayed(bad, good.replace("uuid.uuid5", "uuid.none"), pool)
    assert worse(diverging, clean, ()) == []
    assert worse(diverging, diverging, ()) != []
    assert worse(clean, failing, ()) != []
