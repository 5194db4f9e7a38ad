"""``--watch``: check again whenever a file of the project changes."""

from __future__ import annotations

import functools
import gc
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from durable_lint.console import print_text, style_for
from durable_lint.report import visible

SETTLED, LONGEST = 0.1, 2.0
"""Seconds without a change until it is checked again, and how long changes can put that off."""
EVERY = 0.3
"""Seconds from one look at the files to the next; more in a project so large that looking takes long."""
SHARE = 20
"""A look may take one part in so many of the time."""
_FILES = ("config", "baseline")
"""The options that name files on which the report depends."""
_ROOTS = (".git", "durable-lint.toml", "pyproject.toml")
_SETTINGS = ("durable-lint.toml", "pyproject.toml", ".gitignore")
_RELEVANT = re.compile(r".*\.(pyw?|toml|lock)|\.gitignore|requirements.*\.(txt|in)")
"""Code, settings and profiles, and what says which version of the SDK is used."""

States = Mapping[str, tuple[int, int, int]]
"""What is known of each file without reading it: when it was changed, its size and its number."""


def watchable(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command that checks ``paths`` the option ``--watch``."""

    @functools.wraps(command)
    def run(watch: bool, **options: Any) -> int:
        if not watch:
            return command(**options)
        for name in ("fix", "fix_only", "diff"):
            if options[name]:
                raise click.UsageError(f"--watch only reports: leave --{name.replace('_', '-')} out")
        if "-" in options["paths"]:
            raise click.UsageError("--watch watches files: standard input, '-', is read but once")
        others = [os.fspath(options[name]) for name in _FILES if options.get(name) is not None]
        return check_again(options["paths"] or (".",), others, options["color"], lambda: command(**options))

    return click.option("--watch", is_flag=True, help="Check again after each change, until Ctrl-C.")(run)


def check_again(paths: Sequence[str], others: Iterable[str], color: str, check: Callable[[], int]) -> int:
    """Call ``check`` now and after each change; Ctrl-C while nothing is being checked ends it, with status 0.

    ``others`` are files that matter too, wherever they lie.
    """
    files = Files(Path.cwd(), paths, others)
    seen = files.look()
    while True:
        _clear()
        check()
        try:
            gc.collect()  # a run itself collects nothing
            _say(f"watching {len(seen)} files, Ctrl-C ends", color)
            now = _changed(files, seen)
        except KeyboardInterrupt:
            _say("", color)
            return 0
        changed = sorted(path for path in {*seen, *now} if seen.get(path) != now.get(path))
        seen = now
        shown = [visible(os.path.relpath(path)) for path in changed[:3]]
        _say(f"{', '.join(shown)}{f' and {len(changed) - 3} more' if len(changed) > 3 else ''} changed", color)


def _changed(files: Files, seen: States) -> States:
    """The states after the next change, once things are quiet."""
    now = seen
    while now == seen:
        start = time.monotonic()
        now = files.look()
        time.sleep(max(EVERY, (time.monotonic() - start) * SHARE) if now == seen else 0)
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        time.sleep(SETTLED)
        before, now = now, files.look()
        if before == now:
            break
    return now


def _clear() -> None:
    if os.environ.get("TERM") != "dumb":
        click.clear()  # which does nothing where standard output is no terminal


def _say(text: str, color: str) -> None:
    style = style_for(color, sys.stderr)
    print_text(style.paint(text, dim=True) + "\n", style, sys.stderr)


class Files:
    """The files on which a run over ``paths`` can depend: those of the projects in which they lie."""

    def __init__(self, cwd: Path, paths: Sequence[str], others: Iterable[str]) -> None:
        starts = [Path(os.path.normpath(cwd / path)) for path in paths]
        folders = [start if start.is_dir() else start.parent for start in starts]
        self._roots = list(dict.fromkeys(map(_root, folders)))
        above = [place / name for root in self._roots for place in root.parents for name in _SETTINGS]
        self._others = [os.fspath(cwd / path) for path in others] + [os.fspath(path) for path in above]

    def look(self) -> States:
        """The states of the files now."""
        found: dict[str, tuple[int, int, int]] = {}
        visited: set[str] = set()
        for root in self._roots:
            for entry in _below(os.fspath(root), visited):
                _add(found, entry.path, entry)
        for path in self._others:
            _add(found, path, Path(path))
        return found


def _root(folder: Path) -> Path:
    """The folder of the project in which a folder lies, itself if it lies in none."""
    for place in (folder, *folder.parents):
        if any((place / name).exists() for name in _ROOTS):
            return place
    return folder


def _add(found: dict[str, tuple[int, int, int]], path: str, file: os.DirEntry[str] | Path) -> None:
    try:
        status = file.stat()
    except OSError:  # it isn't there, or no longer
        return
    found[path] = (status.st_mtime_ns, status.st_size, status.st_ino)


def _below(top: str, visited: set[str]) -> Iterator[os.DirEntry[str]]:
    """The files below a folder that can matter, behind links too; each folder once."""
    from durable_lint.discovery import SKIPPED_DIRECTORIES

    waiting = [top]
    while waiting:
        folder = waiting.pop()
        real = os.path.realpath(folder)
        if real in visited:
            continue
        visited.add(real)
        try:
            with os.scandir(folder) as entries:
                listed = list(entries)
        except OSError:
            continue
        if folder != top and any(entry.name == "pyvenv.cfg" for entry in listed):
            continue
        for entry in listed:
            if _is_folder(entry):
                if entry.name not in SKIPPED_DIRECTORIES:
                    waiting.append(entry.path)
            elif _RELEVANT.fullmatch(entry.name):
                yield entry


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
