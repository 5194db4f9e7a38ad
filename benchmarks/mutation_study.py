"""Plants violations in clean durable code, counts how many durable-lint finds, and writes mutation.md beside itself.

The parts are those of tests/test_mutation.py, which looks at a sample. With the same code of the project the same
mutants are made.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from mutants import all_mutants, clean_projects, judge  # noqa: E402
from planting import Reader  # noqa: E402
from plants import Mutant  # noqa: E402

from durable_lint import __version__  # noqa: E402

REPORT = Path(__file__).with_name("mutation.md")
KINDS = ("clock", "id", "environment read", "client call", "nested operation", "lost write")
DEPTHS = ("direct", "one helper", "two helpers", "on self")


@dataclass(frozen=True)
class Verdict:
    """What the linter made of a mutant; ``said`` is empty when it said what was planted and nothing else."""

    mutant: Mutant
    said: tuple[str, ...]

    @property
    def found(self) -> bool:
        return not any(one.endswith(" missed") or one.startswith("problem:") for one in self.said)

    @property
    def exact(self) -> bool:
        return not self.said


def judged(per_choice: int) -> tuple[list[Verdict], str]:
    """The verdicts for all mutants, and a sentence on what they were made from."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        projects = clean_projects(folder / "clean")
        readers = [Reader(project) for project in projects]
        mutants = all_mutants(projects, per_choice)
        verdicts = [
            Verdict(mutant, tuple(judge(mutant, folder / f"mutant{number}" / "case")))
            for number, mutant in enumerate(mutants)
        ]
    origin = (
        f"{len(projects)} clean projects hold {sum(len(one.places()) for one in readers)} statement boundaries in "
        f"workflow functions and {sum(len(one.bodies()) for one in readers)} in step bodies; "
        f"{len(mutants)} mutants were made at {len({one.place for one in mutants})} of them."
    )
    return verdicts, origin


def share(verdicts: Sequence[Verdict], good: Callable[[Verdict], bool]) -> str:
    if not verdicts:
        return "–"
    count = sum(1 for one in verdicts if good(one))
    return f"{100 * count / len(verdicts):.1f} % ({count}/{len(verdicts)})"


def table(verdicts: Sequence[Verdict], good: Callable[[Verdict], bool]) -> Iterator[str]:
    """Shares by kind and depth."""
    yield f"| kind | {' | '.join(DEPTHS)} | all |"
    yield "|---|" + "---:|" * (len(DEPTHS) + 1)
    for kind in (*KINDS, "all"):
        of_kind = [one for one in verdicts if kind in ("all", one.mutant.kind)]
        cells = [[one for one in of_kind if one.mutant.depth == depth] for depth in DEPTHS]
        yield f"| {kind} | {' | '.join(share(cell, good) for cell in [*cells, of_kind])} |"


def by_variant(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Shares of each way to reach the cause."""
    yield "| kind | depth | way | found | and nothing else |"
    yield "|---|---|---|---:|---:|"
    groups: dict[tuple[str, str, str], list[Verdict]] = {}
    for one in verdicts:
        groups.setdefault((one.mutant.kind, one.mutant.depth, one.mutant.variant), []).append(one)
    for key, group in groups.items():
        yield f"| {' | '.join(key)} | {share(group, lambda one: one.found)} | {share(group, lambda one: one.exact)} |"


def failures(verdicts: Sequence[Verdict]) -> Iterator[str]:
    wrong = [one for one in verdicts if not one.exact]
    if not wrong:
        yield "None."
    for one in wrong:
        mutant = one.mutant
        yield f"- {mutant.kind}, {mutant.depth}, {mutant.variant}: `{mutant.name}`"
        yield from (f"  - {said.replace('|', '/')}" for said in one.said)


def report(verdicts: Sequence[Verdict], origin: str) -> str:
    places = {one.mutant.place for one in verdicts}
    assert len(places) >= 200, "too few places to say anything"
    parts = [
        "# Mutation study",
        "",
        f"How many planted violations durable-lint {__version__} finds.",
        "Written by `python benchmarks/mutation_study.py`.",
        "",
        "## How it was measured",
        "",
        "One violation is planted by program in code in which the linter finds nothing: the fixtures without",
        'expected findings, the "Use instead" examples of the rule pages, and `examples/orders_fixed`. Places and',
        "violations are chosen by a seed.",
        "",
        f"- {origin}",
        "- The places are found by a reading of the syntax tree that shares no code with the linter: the beginning",
        "  of a workflow function, after an operation, in a loop, in a branch, before the return. A lambda that is",
        "  a step body becomes a function first.",
        "- Values (clock, id, environment, client) are planted unused, thrown away, logged, captured by a step, as",
        "  an argument, in a branch or a loop around an operation, and in a name, where DUR502 is expected as well.",
        "- *found*: each expected code stands on the planted line. *and nothing else*: there is no further finding,",
        "  the related locations lead to the cause behind a helper, and clocks and ids have the severity of their",
        "  use.",
        "",
        "## What it doesn't say",
        "",
        "- The clean code is the project's own: the linter was built with it.",
        "- Each way to reach a cause is one form of code planted in many places, so the mutants of a row mostly",
        "  succeed or fail together. The shares hold for these forms; they are no estimate for other people's code.",
        "- The forms are no longer unseen. The first run of the study found 98.3 % (1404/1428), and 97.2 % with",
        "  nothing else said: all 24 misses were one form, an item of an attribute written by a method of an object",
        "  (`self.rows[0] += 1`). The linter was mended after that run.",
        "",
        "## Found",
        "",
        *table(verdicts, lambda one: one.found),
        "",
        "## Found, and nothing else",
        "",
        *table(verdicts, lambda one: one.exact),
        "",
        "## By the way to the cause",
        "",
        *by_variant(verdicts),
        "",
        "## Misses and extra findings",
        "",
        *failures(verdicts),
        "",
    ]
    return "\n".join(parts)


def keep_failures(verdicts: Sequence[Verdict], folder: Path) -> None:
    """Write the files of each mutant that went wrong, with what was said of it."""
    for number, one in enumerate(one for one in verdicts if not one.exact):
        home = folder / f"{number:03}-{one.mutant.kind}-{one.mutant.depth}".replace(" ", "-")
        for path, text in one.mutant.files.items():
            (home / path).parent.mkdir(parents=True, exist_ok=True)
            (home / path).write_text(text, encoding="utf-8")
        said = [one.mutant.name, one.mutant.variant, *one.said]
        (home / "said.txt").write_text("\n".join(said) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--places", type=int, default=2, help="places for each violation and use (default: 2)")
    parser.add_argument("--keep", type=Path, help="a folder for the mutants that went wrong")
    given = parser.parse_args()
    verdicts, origin = judged(given.places)
    REPORT.write_text(report(verdicts, origin), encoding="utf-8")
    if given.keep is not None:
        keep_failures(verdicts, given.keep)
    print(f"found: {share(verdicts, lambda one: one.found)}")
    print(f"and nothing else: {share(verdicts, lambda one: one.exact)}")
    print(f"written: {REPORT.name}")


if __name__ == "__main__":
    main()
