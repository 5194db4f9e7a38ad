"""Chooses mutants of the clean code of this project, lints them and compares what is said with what was planted."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from body_plants import OPERATING, OPERATION_CALLS, WRITES, WRITING, operation_mutant, write_mutant
from fixture_files import cases, complaints, labels
from linting import ROOT, lint, modules
from module_text import Project
from planting import Body, Place, Reader
from plants import CAUSE, USES, Mutant, value_choices, value_mutant

from durable_lint.model import Diagnostic

SEED = 20260301
FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
Spot = TypeVar("Spot", Place, Body)


def clean_projects(folder: Path) -> list[Project]:
    """The fixtures, the examples of the rule pages and the example project in which the linter finds nothing."""
    return [one for one in candidates() if judge(untouched(one), folder / one.name) == []]


def candidates() -> Iterator[Project]:
    """The code in which nothing is expected."""
    for case in cases():
        files = modules(case)
        base = case.parent if case.is_file() else case
        texts = {file.relative_to(base).as_posix(): file.read_text("utf-8") for file in files}
        if not any(labels(text) != labels("") for text in texts.values()):
            yield Project(f"{case.parent.name}/{case.stem}", texts)
    for page in sorted((ROOT / "rules").glob("DUR*.md")):
        section = page.read_text("utf-8").partition("\n## Use instead\n")[2].partition("\n## ")[0]
        for number, match in enumerate(FENCE.finditer(section), 1):
            yield Project(f"pages/{page.stem}-{number}", {"handler.py": match[1]})
    example = ROOT / "examples" / "orders_fixed"
    texts = {file.relative_to(example).as_posix(): file.read_text("utf-8") for file in modules(example)}
    yield Project("examples/orders_fixed", texts)


def untouched(project: Project) -> Mutant:
    return Mutant(project.name, "", "", "", dict(project.files), False)


def judge(mutant: Mutant, folder: Path) -> list[str]:
    """What differs between what was planted and what the linter says; empty when they agree."""
    for path, text in mutant.files.items():
        compile(text, path, "exec", dont_inherit=True)
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    result = lint(folder)
    said = [f"problem: {one.message}" for one in result.problems]
    for path, text in mutant.files.items():
        found = [one for one in result.diagnostics if one.path == f"{folder.name}/{path}"]
        said += [f"{path}: {one}" for one in complaints(text, found)]
    if said:
        return said
    if mutant.is_traced and not any(is_traced(one, mutant, folder) for one in result.diagnostics):
        said.append("no related location stands on the cause")
    wanted = dict(mutant.severities)
    wrong = [one for one in result.diagnostics if wanted.get(one.code, one.severity) is not one.severity]
    return said + [f"{one.path}: line {one.line}: {one.code} is no {one.severity.value}" for one in wrong]


def is_traced(finding: Diagnostic, mutant: Mutant, folder: Path) -> bool:
    """Whether the way that a finding shows leads to the line with the cause."""
    ways = [(hop.location.path.removeprefix(f"{folder.name}/"), hop.location.start.line) for hop in finding.related]
    return any(CAUSE in mutant.files[path].split("\n")[line - 1] for path, line in ways if path in mutant.files)


def spread(spots: Sequence[Spot], count: int, key: str) -> list[Spot]:
    """Some of the spots, at random by a key, with their positions in turn."""
    chance = random.Random(f"{SEED} {key}")
    by_position: dict[str, list[Spot]] = {}
    for spot in chance.sample(spots, len(spots)):
        by_position.setdefault(spot.position, []).append(spot)
    queues = [by_position[position] for position in chance.sample(sorted(by_position), len(by_position))]
    turns = [queue[turn] for turn in range(len(spots)) for queue in queues if turn < len(queue)]
    return turns[:count]


def all_mutants(projects: Sequence[Project], count: int) -> list[Mutant]:
    """For each thing to plant, each way to reach it and each use, mutants at ``count`` places or a few more."""
    readers = [Reader(project) for project in projects]
    places = [place for reader in readers for place in reader.places()]
    bodies = [body for reader in readers for body in reader.bodies()]
    return [*value_mutants(places, count), *body_mutants(bodies, 3 * count)]


def value_mutants(places: Sequence[Place], count: int) -> Iterator[Mutant]:
    for kind, source, depth, variant, use in value_choices():
        adds_operation = USES[use][0]
        fits = [one for one in places if one.operable or not adds_operation]
        if use == "logged":  # the order of log lines in a loop is a matter of its own
            fits = [one for one in fits if one.position != "in a loop"]
        for place in spread(fits, count, f"{kind.title} {depth} {variant} {use}"):
            yield value_mutant(place, kind, source, depth, variant, use)


def body_mutants(bodies: Sequence[Body], count: int) -> Iterator[Mutant]:
    once = [one for one in bodies if not one.repeated]  # in a loop the name of the operation would be given twice
    for depth, operating in OPERATING.items():
        for variant in operating:
            for operation in OPERATION_CALLS:
                for body in spread(once, count, f"{operation} {depth} {variant}"):
                    yield operation_mutant(body, operation, depth, variant)
    read = [one for one in bodies if one.result is not None]
    for depth, writing in WRITING.items():
        for variant in writing:
            for write in WRITES:
                for body in spread(read, count, f"{write} {depth} {variant}"):
                    yield write_mutant(body, write, depth, variant)


def sample(mutants: Sequence[Mutant], count: int) -> list[Mutant]:
    """Some of the mutants, at random by the seed, with kinds and depths in turn."""
    chance = random.Random(SEED)
    groups: dict[tuple[str, str], list[Mutant]] = {}
    for one in chance.sample(mutants, len(mutants)):
        groups.setdefault((one.kind, one.depth), []).append(one)
    queues = [groups[key] for key in sorted(groups)]
    return [queue[turn] for turn in range(count) for queue in queues if turn < len(queue)][:count]
