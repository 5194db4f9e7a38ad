"""Lints code that has nothing to do with durable executions: no crash, no finding, no file over two seconds.

``python benchmarks/foreign.py FOLDER...`` prints a row of Markdown for each folder: a plain run, and one in which every
file is parsed, indexed, linked and judged as if it spoke of an SDK. ``--as-workflow`` then visits every function as if
it were workflow code: what is found there means nothing, but nothing may crash.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from durable_lint.config import Overrides
from durable_lint.discovery import Found
from durable_lint.engine import Run, lint_paths
from durable_lint.model import Diagnostic, Problem
from durable_lint.workspace import LOST, SEED, collector_off

EVERYTHING = Overrides(isolated=True, select=("ALL",))


class Forced(Run):
    """A run that takes every file for one that speaks of an SDK, and measures what each costs."""

    as_workflow = False

    def __init__(self, cwd: Path) -> None:
        super().__init__(EVERYTHING, cwd)
        self.cost: Counter[str] = Counter()
        """Seconds of CPU time by absolute path: reading, indexing, judging. What all files share, linking and what the
        first to be judged asks of the whole project, is not counted."""
        self.begun = False

    def _take(self, one: Found, data: bytes | None, explicit: bool) -> str:
        begun = time.process_time()
        kind = super()._take(one, data, True)
        self.cost[one.file.as_posix()] += time.process_time() - begun
        return kind if kind == LOST else SEED

    def link(self, kinds: Mapping[Found, str]) -> None:
        super().link(kinds)
        if self.as_workflow and self.project is not None:
            self.project.kinds = lambda fid: ["workflow"]  # type: ignore[method-assign]

    def judge(self, key: str) -> list[Diagnostic]:
        begun = time.process_time()
        try:
            return super().judge(key)
        finally:
            self.cost[key] += (time.process_time() - begun) * self.begun
            self.begun = True


class AsWorkflow(Forced):
    """Takes every function for workflow code too."""

    as_workflow = True


def said(problems: tuple[Problem, ...]) -> str:
    counts = Counter(one.kind for one in problems)
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())) or "none"


def row(folder: Path, kind: type[Forced], keep: list[str]) -> str:
    begun = time.process_time()
    plain = lint_paths(["."], EVERYTHING, cwd=folder)
    middle = time.process_time()
    run = kind(folder)
    with collector_off():
        forced = run.lint(["."], None, "")
    seconds = time.process_time() - middle
    lines = sum(source.lines.count for source in run.files.sources.values())
    slowest, cost = max(run.cost.items(), key=lambda item: (item[1], item[0]), default=("", 0.0))
    findings = plain.diagnostics if kind is AsWorkflow else (*plain.diagnostics, *forced.diagnostics)
    keep += [f"{folder.name}/{one.path}:{one.line}: {one.code} {one.message}" for one in findings]
    keep += [
        f"{folder.name}/{one.path}:{one.line}: {one.kind}: {one.message}"
        for one in dict.fromkeys((*plain.problems, *forced.problems))
    ]
    found = f"{len(plain.diagnostics)} / {len(forced.diagnostics)}"
    name = Path(slowest).relative_to(folder).as_posix() if slowest else ""
    return (
        f"| {folder.name} | {forced.files} | {lines:,} | {middle - begun:.2f} | {seconds:.1f} | `{name}` {cost:.2f} "
        f"| {found} | {said(forced.problems)} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--as-workflow", action="store_true")
    parser.add_argument("--keep", type=Path, help="where findings and problems are written, as JSON")
    options = parser.parse_args()
    keep: list[str] = []
    print("| package | files | lines | plain, CPU s | all files, CPU s | slowest file, CPU s | findings | problems |")
    print("|---|---:|---:|---:|---:|---|---:|---|")
    for folder in options.folders:
        print(row(folder.resolve(), AsWorkflow if options.as_workflow else Forced, keep), flush=True)
        if options.keep:
            options.keep.write_text(json.dumps(keep, indent=1))


if __name__ == "__main__":
    main()
