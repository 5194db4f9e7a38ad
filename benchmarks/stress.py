"""Writes a large project with known violations, and measures how the linter's time and memory grow with its size.

``python benchmarks/stress.py DIR --modules N`` writes the package ``stress`` into a folder: helper chains over 30
modules, cycles of 50 functions, classes with 5 levels of inheritance, clients and callbacks that are passed around,
re-exports, star imports and relative imports. ``# expect: CODE`` stands on every line with a violation,
``# maybe: CODE`` where the analysis is known to be too strict or too lenient.
``python benchmarks/stress.py --measure`` lints projects of several sizes and prints a Markdown table.
The same number of modules and seed give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from stress_texts.cells import BODIES, FACTORIES, LEVELS, LINK, LINK_HANDLER, PACKAGE
from stress_texts.flows import EXTRA, FLOWS
from stress_texts.shared import SHARED

CHAIN = 30
CYCLE = 50
RINGS = 5
_SHARED_MODULES = len(SHARED) + 1
_CELL_MODULES = 1 + CHAIN + RINGS + 1 + len(LEVELS) + 2 + len(FLOWS)
SMALLEST = _SHARED_MODULES + _CELL_MODULES
SIZES = (250, 500, 1000, 2000)

_IMPURE = (
    ("DUR101", "import time", "time.time()"),
    ("DUR101", "from datetime import UTC, datetime", "datetime.now(UTC)"),
    ("DUR102", "import random", "random.random()"),
    ("DUR103", "import uuid", "uuid.uuid4().hex"),
    ("DUR104", "import os", 'os.environ["STAGE"]'),
    ("DUR107", "from os import getpid", "getpid()"),
    ("DUR201", "import requests", 'requests.get("https://example.com", timeout=5).text'),
    ("DUR203", "import sqlite3", 'sqlite3.connect("orders.db").execute("select 1")'),
    ("DUR204", "from pathlib import Path", 'Path("orders.txt").read_text()'),
    ("DUR205", "import subprocess", 'subprocess.check_output(["date"])'),
)
_SDK = "from aws_durable_execution_sdk_python import DurableContext, durable_execution"
_CHAINED = ("follow", "tidy", "hand_on", "call", "use", "fill")
_MARK = re.compile(r"# (expect|maybe): (DUR\d+)$")


@dataclass(frozen=True)
class Cell:
    """One sub-package: what its chains, cycles and classes end in, as (code, import, expression)."""

    number: int
    follow: tuple[str, str, str]
    turn: tuple[str, str, str]
    spin: tuple[str, str, str]
    level: tuple[str, str, str]

    @property
    def name(self) -> str:
        return f"cell_{self.number:03}"


# Writing


def sources(modules: int, seed: int) -> Iterator[tuple[str, str]]:
    """Path and text of every module of the project, exactly as many as wanted; at least ``SMALLEST``."""
    chance = random.Random(seed)
    count = (modules - _SHARED_MODULES) // _CELL_MODULES
    cells = [Cell(number, *(chance.choice(_IMPURE) for _ in range(4))) for number in range(count)]
    yield "stress/__init__.py", '"""A project to lint."""\n'
    for name, text in SHARED.items():
        yield f"stress/shared/{name}.py", text.lstrip()
    for cell in cells:
        for name, text in _cell(cell, cells[cell.number - 1], chance):
            yield f"stress/{cell.name}/{name}.py", text
    for number in range(modules - _SHARED_MODULES - count * _CELL_MODULES):
        cell = chance.choice(cells)
        codes = {"follow": cell.follow[0], "spin": cell.spin[0]}
        text = (
            _filled(EXTRA, cell=cell.name, number=number, **codes) if number else '"""Handlers beside the cells."""\n'
        )
        yield f"stress/extra/{f'extra_{number:03}' if number else '__init__'}.py", text


def write(folder: Path, modules: int, seed: int) -> None:
    """Write the project below ``folder``; raises ValueError when it can't be that small."""
    if modules < SMALLEST:
        raise ValueError(f"the smallest project has {SMALLEST} modules")
    for path, text in sources(modules, seed):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def _filled(text: str, **values: object) -> str:
    return Template(text).substitute(values).lstrip("\n")


def _cell(cell: Cell, before: Cell, chance: random.Random) -> Iterator[tuple[str, str]]:
    values = {
        "cell": cell.name,
        "number": f"{cell.number:03}",
        "before": f"{before.number:03}",
        "before_follow": before.follow[0],
        "follow": cell.follow[0],
        "turn": cell.turn[0],
        "spin": cell.spin[0],
        "level": cell.level[0],
        "unstable": "  # expect: DUR502" if cell.follow[0] < "DUR200" else "",
        "imports": cell.level[1],
        "impure": cell.level[2],
    }
    yield "__init__", _filled(PACKAGE, **values)
    for k in range(CHAIN):
        yield f"link_{k:02}", _link(cell, k, chance)
    for ring in range(RINGS):
        yield f"ring_{ring}", _ring(cell, ring, chance)
    yield "spin", _spin(cell, chance)
    for level, text in enumerate(LEVELS):
        yield f"level_{level}", _filled(text, **values)
    yield "factories", _filled(FACTORIES, **values)
    yield "bodies", _filled(BODIES, **values)
    for name, text in FLOWS.items():
        yield f"flow_{name}", _filled(text, **values)


# Chains


def _link(cell: Cell, k: int, chance: random.Random) -> str:
    """Link ``k`` of the chains; the last one is where they end."""
    last = k == CHAIN - 1
    imports, prefix = (_ends(cell), "") if last else _next_link(cell, k + 1, chance)
    onward = {
        "follow": "prepared",
        "tidy": "parcel.number",
        "hand_on": 'context, f"{value}.$k"',
        "call": "callback, first",
        "use": "client, key",
        "fill": "rows, value",
    }
    ends = {
        "follow": f'    found = {cell.follow[2]}\n    return f"{{prepared}}-{{found}}"',
        "tidy": "    return parcel.number",
        "hand_on": '    key = f"{value}-{new_id()}"  # expect: DUR103\n'
        '    context.logger.info("made %s", key)\n'
        '    return context.step(lambda _: value.upper(), name=f"store-{value}")',
        "call": "    return callback(first)",
        "use": '    return client.get_item(Key={"pk": key})',
        "fill": "    rows.append(value)",
    }
    bodies = {
        name: ends[name] if last else f"    return {prefix}{name}_{k + 1:02}({onward[name]})".replace("$k", str(k))
        for name in _CHAINED
    }
    has_handler = k % 3 == 0
    header = f"{_SDK}\n\n{imports}" if has_handler else imports
    text = _filled(LINK, k=f"{k:02}", cell=cell.name, imports=header, **bodies).replace(f"int = {k:02}", f"int = {k}")
    return text + Template(LINK_HANDLER).substitute(k=f"{k:02}", code=cell.follow[0]) if has_handler else text


def _ends(cell: Cell) -> str:
    return f"{cell.follow[1]}\n\nfrom stress.shared import new_id"


def _next_link(cell: Cell, k: int, chance: random.Random) -> tuple[str, str]:
    """One way to import link ``k``, and what stands before its functions then."""
    module, listed = f"link_{k:02}", ", ".join(f"{name}_{k:02}" for name in _CHAINED)
    ways = (
        (f"from . import {module}", f"{module}."),
        (f"from . import {module} as onward", "onward."),
        (f"from .{module} import {listed}", ""),
        (f"from stress.{cell.name}.{module} import {listed}", ""),
        (f"from .{module} import *", ""),
        (f"import stress.{cell.name}.{module} as following", "following."),
        (f"from ..{cell.name} import {module}", f"{module}."),
    )
    return chance.choice(ways)


# Cycles


def _ring(cell: Cell, ring: int, chance: random.Random) -> str:
    """Ten functions of each cycle that goes through all ring modules, with a chord for every function."""
    size = CYCLE // RINGS
    first = ring * size
    imports = "\n".join(f"from . import ring_{other}" for other in range(RINGS) if other != ring)
    lines = [f'"""Part {ring} of the cycles of {cell.name}."""', "", cell.turn[1], "", imports]
    lines += ["", "from stress.shared import clean, new_id", ""]

    def called(kind: str, index: int) -> str:
        index %= CYCLE
        return f"{'' if index // size == ring else f'ring_{index // size}.'}{kind}_{index:02}"

    for index in range(first, first + size):
        chord = chance.randrange(CYCLE)
        for kind, before, arguments, result in (
            ("turn", "", "value, depth - 1", f"str({cell.turn[2]})" if index == 37 else "value"),
            ("whirl", "", "clean(value), depth - 1", "value"),
            ("walk", "context, ", "context, value, depth - 1", "value"),
            ("carry", "callback, ", "callback, value, depth - 1", "callback(value)" if index == 23 else "value"),
        ):
            lines += ["", f"def {kind}_{index:02}({before}value: str, depth: int) -> str:"]
            lines += ["    if depth <= 0:", f"        return {result}"]
            if kind == "walk" and index == 41:
                lines += ["    made = new_id()  # expect: DUR103"]
                lines += ['    context.step(lambda _: made, name=f"walk-{value}-{depth}")']
            lines += ["    if depth % 2:", f"        return {called(kind, chord)}({arguments})"]
            lines += [f"    return {called(kind, index + 1)}({arguments})", ""]
    return "\n".join(lines)


def _spin(cell: Cell, chance: random.Random) -> str:
    """A module with two cycles of its own, one of them impure."""
    lines = [f'"""The cycles of {cell.name} that stay in one module."""', "", cell.spin[1], ""]
    for index in range(CYCLE):
        chord, onward = chance.randrange(CYCLE), (index + 1) % CYCLE
        for kind, result in (("spin", f"str({cell.spin[2]})" if index == 29 else "value"), ("still", "value")):
            lines += ["", f"def {kind}_{index:02}(value: str, depth: int) -> str:"]
            lines += ["    if depth <= 0:", f"        return {result}"]
            lines += ["    if depth % 2:", f"        return {kind}_{chord:02}(value, depth - 1)"]
            lines += [f"    return {kind}_{onward:02}(value, depth - 1)", ""]
    return "\n".join(lines)


# Checking and measuring


def planted(folder: Path, kind: str = "expect") -> set[tuple[str, int, str]]:
    """Path, line from 1 and code of every violation that the comments below a folder speak of.

    ``maybe`` gives the places where the analysis is known to be too strict or too lenient instead.
    """
    return {
        (file.relative_to(folder).as_posix(), number, mark[2])
        for file in folder.rglob("*.py")
        for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), 1)
        if (mark := _MARK.search(line)) and mark[1] == kind
    }


def differences(folder: Path, report: str) -> list[str]:
    """What a JSON report of the project says too much and too little, sorted."""
    result = json.loads(report)
    found = {(one["path"], one["line"], one["code"]) for one in result["diagnostics"]}
    wanted = planted(folder)
    said = [f"{path}:{line}: {code} missed" for path, line, code in sorted(wanted - found)]
    surplus = found - wanted - planted(folder, "maybe")
    said += [f"{path}:{line}: {code} not planted" for path, line, code in sorted(surplus)]
    return said + [f"problem: {one['path']}: {one['message']}" for one in result["problems"]]


@dataclass(frozen=True)
class Measurement:
    """One run: wall and CPU time in seconds, the largest resident size in MiB, and the JSON report."""

    wall: float
    cpu: float
    peak: float
    report: str


def lint(folder: Path) -> Measurement:
    """Lint the project in a process of its own."""
    command = [sys.executable, "-m", "durable_lint", "--isolated", "--no-cache", "--format", "json", "stress"]
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdout=output)
        _, _, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = 0  # waited for here, because only wait4 tells what this one process used
        output.seek(0)
        report = output.read().decode()
    kib = used.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return Measurement(wall, used.ru_utime + used.ru_stime, kib / 1024, report)


def measure(sizes: Sequence[int], runs: int, seed: int) -> int:
    """Print the table; 1 when any finding isn't planted or any violation isn't found, else 0."""
    print("| modules | lines | seconds | CPU seconds | CPU seconds per 1,000 modules | peak MiB | findings |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    wrong: list[str] = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write(folder, size, seed)
            lines = sum(file.read_bytes().count(b"\n") for file in folder.rglob("*.py"))
            done = [lint(folder) for _ in range(runs)]
            wall, cpu = statistics.median(one.wall for one in done), statistics.median(one.cpu for one in done)
            peak = max(one.peak for one in done)
            findings = len(json.loads(done[0].report)["diagnostics"])
            row = f"{size:,} | {lines:,} | {wall:.2f} | {cpu:.2f} | {cpu / size * 1000:.2f} | {peak:.0f} | {findings:,}"
            print(f"| {row} |", flush=True)
            wrong += [f"{size} modules: {text}" for text in differences(folder, done[0].report)]
            if any(one.report != done[0].report for one in done):
                wrong.append(f"{size} modules: runs differ")
    print("\n".join(wrong), file=sys.stderr, end="\n" if wrong else "")
    return 1 if wrong else 0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Write a large project with known violations, or measure linting it.")
    parser.add_argument("folder", nargs="?", type=Path, help="where to write the package 'stress'")
    parser.add_argument("--modules", type=int, default=1000, help=f"how many, at least {SMALLEST} (default: 1000)")
    parser.add_argument("--seed", type=int, default=0, help="another number gives another project (default: 0)")
    parser.add_argument("--measure", action="store_true", help="lint projects of several sizes and print a table")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="for --measure: numbers of modules")
    parser.add_argument("--runs", type=int, default=3, help="for --measure: runs of each size (default: 3)")
    given = parser.parse_args(arguments)
    if given.measure == (given.folder is not None):
        parser.error("give either a folder or --measure")
    if min(given.sizes if given.measure else [given.modules]) < SMALLEST:
        parser.error(f"the smallest project has {SMALLEST} modules")
    if given.measure:
        return measure(given.sizes, given.runs, given.seed)
    write(given.folder, given.modules, given.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
