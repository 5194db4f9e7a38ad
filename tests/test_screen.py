"""The screen is only a short cut: without it the findings are the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixture_files import FIXTURES
from linting import rules_for

from durable_lint.engine import lint_paths
from durable_lint.index import screen
from durable_lint.model import RunResult

RULES = sorted(path for path in FIXTURES.iterdir() if path.is_dir())


def lint(folder: Path) -> RunResult:
    return lint_paths(["."], rules_for(folder.name), cwd=folder)


@pytest.mark.parametrize("folder", RULES, ids=lambda path: path.name)
def test_the_screen_hides_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    screened = lint(folder)
    monkeypatch.setattr(screen, "suspects", screen.candidates)
    assert lint(folder).diagnostics == screened.diagnostics
    assert not screened.problems
