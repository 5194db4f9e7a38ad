"""Runs over a part of a project: what they say is what a run over everything says, byte for byte.

``python tests/test_incremental.py FIRST COUNT`` tries that many seeds and says how often what happened; with
``WORKERS=2`` in the environment by two processes, which are forked for the smallest projects too.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import pytest
from fixture_files import FIXTURES
from random_projects import Generated, Mutated

from durable_lint import crew, engine
from durable_lint.config import Overrides
from durable_lint.incremental import renewal
from durable_lint.incremental.noted import Noted, Record
from durable_lint.jobs import Job
from durable_lint.model import RunResult
from durable_lint.workspace import collector_off

EVERYTHING = Overrides(isolated=True, select=("ALL",))
JOB = Job(["."], EVERYTHING, None, "<stdin>", statistics=False, workers=int(os.environ.get("WORKERS", "1")))
FOLDERS = sorted(case for case in FIXTURES.glob("*/*") if case.is_dir() and list(case.rglob("*.py")))


def noted() -> tuple[RunResult, Record | None]:
    """A run over everything, and what is kept of it."""
    made: list[Noted] = []

    def start(overrides: Overrides, cwd: Path, counting: bool) -> Noted:
        made.append(Noted(overrides, cwd, counting))
        return made[0]

    with collector_off():
        return engine.lint_paths(["."], EVERYTHING, start=start, workers=JOB.workers), made[0].record()


def edited(project: Generated | Mutated, edits: int, seen: Counter[str]) -> None:
    """Edit a project again and again, and compare what renewing the last run says with what a new run does."""
    result, record = noted()
    for _ in range(edits):
        changed = project.edit()
        if not changed:
            continue
        known = renewal.renew(JOB, record, result, changed) if record is not None else None
        seen["renewed" if known is not None else "whole" if record is not None else "no record"] += 1
        cold = engine.lint_paths(["."], EVERYTHING, workers=JOB.workers)
        result, record = known if known is not None else noted()
        now, anew = asdict(result), asdict(cold)
        assert now == anew, {key: (now[key], anew[key]) for key in now if now[key] != anew[key]}


def tried(seed: int, root: Path, seen: Counter[str], edits: int = 5) -> None:
    os.chdir(root)
    edited(Mutated(root, seed, FOLDERS) if seed % 4 == 3 else Generated(root, seed), edits, seen)


@pytest.fixture(autouse=True)
def however_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "LARGEST", 1.0)


@pytest.mark.parametrize("seed", range(24))
def test_random_edits(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    tried(seed, tmp_path, Counter(), edits=3)


def main(first: int, count: int) -> None:
    """Try many seeds."""
    renewal.LARGEST, crew.PAYS = 1.0, 0
    seen: Counter[str] = Counter()
    for seed in range(first, first + count):
        root = Path(tempfile.mkdtemp())
        try:
            tried(seed, root, seen)
        except AssertionError as error:
            seen["WRONG"] += 1
            print("seed", seed, "differs", str(error)[:3000], flush=True)
        finally:
            os.chdir("/")
            shutil.rmtree(root)
        if seed % 100 == 99:
            print(seed, dict(seen), flush=True)
    print(dict(seen), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
