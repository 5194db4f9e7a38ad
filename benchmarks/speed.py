"""Measures how long runs take and how much memory they need, beside replayguard and ruff, and prints Markdown tables.

``python benchmarks/speed.py --peers DIR`` needs durable-lint beside the interpreter that runs it, and looks for the
other tools in DIR. All commands that are compared with each other take turns; after a first round that is not counted,
medians are taken. ``--write`` puts the tables into ``README.md``, between its two marks.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import speed_corpora

OURS = "durable-lint"
CHANGED = "handlers with one shared module changed"
SIZES = (250, 500, 1000, 2000, 4000)
README = Path(__file__).with_name("README.md")
MARKS = ("<!-- measured: begin -->\n", "<!-- measured: end -->\n")


@dataclass
class Command:
    """A command line, run in ``folder``; ``before`` is done before each run and not measured."""

    name: str
    words: Sequence[str]
    folder: Path
    before: Callable[[], object] = lambda: None
    walls: list[float] = field(default_factory=list)
    cpus: list[float] = field(default_factory=list)
    peaks: list[int] = field(default_factory=list)
    said: bytes = b""

    def run(self) -> None:
        """Run once; raises RuntimeError when the exit status is no verdict."""
        self.before()
        began = time.perf_counter()
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(self.words, cwd=self.folder, stdout=output, stderr=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            self.walls.append(time.perf_counter() - began)
            process.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            self.said = output.read()
        if process.returncode not in (0, 1):
            raise RuntimeError(f"{self.name}: exit status {process.returncode}: {' '.join(self.words)}")
        self.cpus.append(usage.ru_utime + usage.ru_stime)
        self.peaks.append(usage.ru_maxrss // 1024)

    @property
    def wall(self) -> float:
        """Median seconds, without the first run."""
        return statistics.median(self.walls[1:])


def measure(commands: Sequence[Command], runs: int) -> None:
    """Let the commands take turns, once without being counted and then ``runs`` times."""
    for number in range(runs + 1):
        for command in commands:
            print(f"{number}/{runs} {command.name}", file=sys.stderr)
            command.run()


def table(title: str, commands: Sequence[Command]) -> list[str]:
    """The rows of commands that took turns; ratios are to the first."""
    lines = [f"### {title}", "", "| command | wall | CPU | peak memory | ratio |", "|---|---:|---:|---:|---:|"]
    for one in commands:
        cpu, peak = statistics.median(one.cpus[1:]), max(one.peaks)
        ratio = one.wall / commands[0].wall
        lines.append(f"| {one.name} | {one.wall:.3f} s | {cpu:.3f} s | {peak} MiB | {ratio:.2f} |")
    return [*lines, ""]


class Bench:
    """The commands over the corpora below a folder."""

    def __init__(self, folder: Path, peers: Path | None, runs: int) -> None:
        self.folder, self.peers, self.runs = folder, peers, runs
        self.ours = str(Path(sys.executable).with_name(OURS))

    def cold(self, corpus: Path, what: str = ".", name: str = "durable-lint, cold, no cache") -> Command:
        return Command(name, [self.ours, "check", "--no-cache", what], corpus)

    def cached(self, corpus: Path, name: str, what: str = ".", before: Callable[[], object] = lambda: None) -> Command:
        cache = self.folder / f"cache-{corpus.name}"
        return Command(name, [self.ours, "check", "--cache-dir", str(cache), what], corpus, before)

    def peer(self, name: str, words: Sequence[str], corpus: Path) -> list[Command]:
        """A command of another tool, none where it isn't installed."""
        found = shutil.which(words[0], path=str(self.peers) if self.peers else None)
        return [Command(name, [found, *words[1:]], corpus)] if found else []

    def others(self, corpus: Path, what: str = ".") -> list[Command]:
        ruff = ["ruff", "check", "--isolated", "--select", "F"]
        warm = ["--cache-dir", str(self.folder / f"ruff-{corpus.name}")]
        return [
            *self.peer("replayguard", ["replayguard", "check", what], corpus),
            *self.peer("ruff, cold", [*ruff, "--no-cache", what], corpus),
            *self.peer("ruff, warm", [*ruff, *warm, what], corpus),
        ]

    def monorepo(self) -> list[str]:
        corpus = self.folder / "monorepo"
        speed_corpora.monorepo(corpus)
        commands = [self.cold(corpus), self.cached(corpus, "durable-lint, warm"), *self.others(corpus)]
        measure(commands, self.runs)
        return table(f"monorepo: {_size(corpus)}", commands)

    def handlers(self) -> list[str]:
        corpus = self.folder / "handlers"
        speed_corpora.handlers(corpus, 1000)
        commands = [self.cold(corpus), self.cached(corpus, "durable-lint, warm"), *self.others(corpus)]
        measure(commands, self.runs)
        return table(f"handlers: {_size(corpus)}", commands) + self.changed(corpus, commands[0])

    def changed(self, corpus: Path, cold: Command) -> list[str]:
        """A run after one shared module was changed, each time to another text; it must say what a cold run says."""
        module = corpus / "shared" / "shared_7.py"
        users = sum(b"shared_7\n" in file.read_bytes() for file in corpus.rglob("renewal_*.py"))
        number = iter(range(1, 1000))

        def change() -> None:
            text = re.sub(r"factor: int = \d+", f"factor: int = {next(number)}", module.read_text())
            module.write_text(text)

        command = self.cached(corpus, "durable-lint, warm, changed", before=change)
        measure([command], self.runs)
        again = self.cold(corpus)
        again.run()
        if again.said != command.said:
            raise RuntimeError("a run after a change says something else than a cold one")
        ratio = command.wall / cold.wall
        return [f"{CHANGED} ({users} handlers import it): {command.wall:.3f} s, {ratio:.2f} of the cold run.", ""]

    def single(self) -> list[str]:
        corpus = self.folder / "single"
        speed_corpora.single(corpus)
        libcst = Command("python -c 'import libcst'", [sys.executable, "-c", "import libcst"], corpus)
        lines = []
        for name in ("clean.py", "faulty.py"):
            ours = [self.cold(corpus, name), self.cached(corpus, "durable-lint, warm", name)]
            commands = [*ours, *self.others(corpus, name)[:1], libcst]
            measure(commands, 2 * self.runs)
            lines += table(f"single, {name}: one file, three imported", commands)
        return lines

    def growth(self, sizes: Sequence[int]) -> list[str]:
        """Cold runs over more and more modules, in one process."""
        lines = ["### Growth", "", "| handlers | CPU | CPU for each | peak memory |", "|---:|---:|---:|---:|"]
        for size in sizes:
            corpus = self.folder / f"growth-{size}"
            speed_corpora.handlers(corpus, size)
            command = self.cold(corpus)
            command.words = [*command.words, "--jobs", "1"]
            command.run()
            cpu, peak = command.cpus[0], command.peaks[0]
            lines.append(f"| {size} | {cpu:.1f} s | {1000 * cpu / size:.1f} ms | {peak} MiB |")
            shutil.rmtree(corpus)
        return [*lines, ""]


def _size(corpus: Path) -> str:
    files = list(corpus.rglob("*.py"))
    lines = sum(len(file.read_bytes().splitlines()) for file in files)
    return f"{len(files)} files, {lines} lines"


def machine() -> list[str]:
    """Where it was measured."""
    system = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} CPUs"
    return [f"{system}, load {os.getloadavg()[0]:.1f} at the start.", ""]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", type=Path, help="the folder of the other tools' commands")
    parser.add_argument("--only", action="append", choices=["monorepo", "handlers", "single", "growth"])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="of the growth table")
    parser.add_argument("--write", action="store_true", help="put the tables into README.md")
    options = parser.parse_args()
    lines = machine()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), options.peers, options.runs)
        parts = {
            "single": bench.single,
            "monorepo": bench.monorepo,
            "handlers": bench.handlers,
            "growth": lambda: bench.growth(options.sizes),
        }
        for name in options.only or parts:
            lines += parts[name]()
    text = "\n".join(lines)
    print(text)
    if options.write:
        before, rest = README.read_text(encoding="utf-8").split(MARKS[0])
        after = rest.split(MARKS[1])[1]
        README.write_text(f"{before}{MARKS[0]}{text}{MARKS[1]}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
