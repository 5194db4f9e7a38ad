"""Counts how many findings get a fix and how many fixed files are clean, and writes fixes.md beside itself.

The inputs are the fixtures of the tests and, with --cases, folders of labelled cases. Each file of one module is fixed
at the level ``unsafe``, linted again, and, where it has a handler, replayed before and after on the real SDK as
tests/test_fixed_replay.py does it.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from linting import rules_for  # noqa: E402
from oracle import Pool  # noqa: E402
from test_fixed_replay import replayed, runs, worse  # noqa: E402

from durable_lint import __version__, lint_source  # noqa: E402
from durable_lint.engine import rules  # noqa: E402
from durable_lint.model import Diagnostic, RunResult  # noqa: E402

REPORT = Path(__file__).with_name("fixes.md")
FIXTURES = ROOT / "tests" / "fixtures"


@dataclass
class Row:
    """What became of the findings of one rule; replays count files, everything else findings."""

    findings: int = 0
    levels: Counter[str] = field(default_factory=Counter)
    linted: int = 0
    replays: int = 0
    clean: int = 0

    @property
    def fixed(self) -> int:
        return sum(self.levels.values())


Table = dict[str, Row]


def files(folder: Path) -> list[Path]:
    """The modules of a folder that stand alone: a folder with several modules is a project."""
    found = [path for path in folder.rglob("*.py") if "projects" not in path.relative_to(folder).parts]
    depth = 2 if folder == FIXTURES else 1
    return sorted(path for path in found if len(path.relative_to(folder).parts) <= depth)


def measure(folder: Path, pool: Pool) -> tuple[Table, list[str]]:
    """The rows of a folder, and what went wrong in it."""
    table: Table = {rule.code: Row() for rule in rules() if rule.fix}
    wrong = []
    for path in files(folder):
        options = replace(rules_for(path.parent.name), fix_level="unsafe")
        text = path.read_bytes().decode("utf-8", "replace")
        before = lint_source(text, path.name, options)
        known = [one for one in before.diagnostics if one.code in table]
        for one in known:
            table[one.code].findings += 1
            if one.fix is not None:
                table[one.code].levels[one.fix.level.value] += 1
        fixable = Counter(one.code for one in known if one.fix is not None)
        if fixable:
            wrong += judged(path, text, fixable, before, lint_source(text, path.name, options, fix=True), table, pool)
    return table, wrong


def judged(
    path: Path, text: str, fixable: Counter[str], before: RunResult, after: RunResult, table: Table, pool: Pool
) -> Iterable[str]:
    """Enter what became of the fixes of one file; what went wrong."""
    said = [f"{path.name}: {one.message}" for one in after.problems]
    said += [f"{path.name}: {code} is new after the fixes" for code in new(before.diagnostics, after.diagnostics)]
    left = {one.code for one in after.diagnostics if one.fix is not None}
    said += [f"{path.name}: {code} is still there" for code in sorted(left & set(fixable))]
    for code in fixable:
        table[code].linted += fixable[code] if not said else 0
    if not after.fixed or "\ndef handler(" not in text:
        return said
    first, second = replayed(text, after.fixed[0].new, pool)
    if not after.diagnostics and (runs(first) or runs(second)):
        bad = worse(first, second, ())
        bad += ["it diverges"] if second.verdict == "diverges" and not bad else []
        for code in fixable:
            table[code].replays += 1
            table[code].clean += not bad
        said += [f"{path.name}: {' '.join(sorted(fixable))}: {one}" for one in bad]
    return said


def new(before: Sequence[Diagnostic], after: Sequence[Diagnostic]) -> list[str]:
    """The rules that find more in a file after its fixes."""
    more = Counter(one.code for one in after) - Counter(one.code for one in before)
    return sorted(more)


def shown(title: str, table: Table) -> list[str]:
    """A table in Markdown."""
    lines = [
        f"## {title}",
        "",
        "| rule | findings | with a fix | safe / history / unsafe | clean when linted again | replayed files | clean |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    total = Row()
    for code, row in sorted(table.items()):
        lines.append(shown_row(code, row))
        for name in ("findings", "linted", "replays", "clean"):
            setattr(total, name, getattr(total, name) + getattr(row, name))
        total.levels += row.levels
    return [*lines, shown_row("all", total), ""]


def shown_row(code: str, row: Row) -> str:
    share = f" ({100 * row.fixed / row.findings:.0f} %)" if row.findings else ""
    levels = " / ".join(str(row.levels[level]) for level in ("safe", "history", "unsafe"))
    return f"| {code} | {row.findings} | {row.fixed}{share} | {levels} | {row.linted} | {row.replays} | {row.clean} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cases", type=Path, action="append", default=[], help="a folder of labelled cases")
    folders = [FIXTURES, *parser.parse_args().cases]
    lines = [
        "# What fixes do",
        "",
        f"durable-lint {__version__}, all fixes up to the level `unsafe`. Written by `python benchmarks/fixes.py`.",
        "",
        "- Findings count where the rule has a fix at all; files are those of one module.",
        "- *Clean when linted again*: in the fixed file every rule finds as much as before or less, and no finding is",
        "  left that has a fix.",
        "- *Replayed files*: those with a `handler` that runs with a guessed event, at least after its fixes, and in",
        "  which nothing is left. *Clean*: no replay of the fixed file diverges, and none fails that ran before.",
        "",
    ]
    failed = []
    with Pool() as pool:
        for folder in folders:
            table, wrong = measure(folder.resolve(), pool)
            lines += shown("Fixtures" if folder == FIXTURES else f"Labelled cases: {folder.name}", table)
            failed += wrong
    lines += ["## What went wrong", "", *(f"- {one}".replace("\n", " ") for one in failed or ["Nothing."]), ""]
    REPORT.write_text("\n".join(lines), "utf-8")
    print("\n".join(lines))
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
