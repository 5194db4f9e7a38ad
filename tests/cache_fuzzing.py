"""Caches that were damaged at random, and what must hold for a run that finds one: it says what it says without."""

from __future__ import annotations

import contextlib
import io
import marshal
import os
import random
import re
import shutil
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from unittest import mock

from fuzzing import Input
from settings_fuzzing import APP

from durable_lint import __main__ as command
from durable_lint import observed
from durable_lint.cache import MAGIC

_FILES = {
    "app.py": APP.replace(b"acme.flow", b"helpers").replace(b"  # durable-lint: ignore[DUR101] for now", b""),
    "helpers.py": b"import time\n\n\ndef flow(wrapped):\n    return lambda: time.time()\n",
    "pyproject.toml": b'[project]\nname = "app"\n',
}
_LOOKS = (("--format", "json", "."), (".",), ("--format", "sarif", "app.py"), ("--select", "ALL", "."))
"""Command lines that fill one cache."""
_ATOMS = (None, True, 0, -1, 1 << 70, 1.5, b"", b"x", "", "app.py", "\ud800", (), [], {}, {"a": 1}, ((), ()), ...)

Said = tuple[str, str, int]


class CacheFuzzer:
    """A project below a folder, what its runs say, and its cache as it was when it was whole."""

    def __init__(self, folder: Path) -> None:
        self._project, self._cache = folder / "project", folder / "cache"
        Input("cache", (), _FILES).write(self._project)
        for file in self._project.iterdir():
            os.utime(file, (1_000_000_000, 1_000_000_000))
        self._plain = {words: self._run(*words, "--no-cache") for words in _LOOKS}
        shutil.rmtree(self._cache, ignore_errors=True)
        for words in _LOOKS:
            self._run(*words, "--cache-dir", str(self._cache))
        self._whole = {file.name: file.read_bytes() for file in self._cache.iterdir()}

    def damaged(self, seed: int, number: int) -> Input:
        """The cache of a number: the same for the same seed and the same whole cache."""
        chance = random.Random(f"cache {seed} {number}")
        files = dict(self._whole)
        names = [name for name in sorted(files) if name.endswith((".verdict", ".args"))]
        changes = []
        for _ in range(chance.choice((1, 1, 2, 3))):
            how, name = chance.choice(sorted(_DAMAGES)), chance.choice(names)
            files[name] = _DAMAGES[how](chance, files[name], files[chance.choice(names)], name)
            changes.append(how)
        return Input("cache", tuple(changes), files)

    def faults(self, one: Input, number: int) -> list[str]:
        """What is wrong with how two runs in turn take a damaged cache; empty when all is right."""
        one.write(self._cache)
        words = _LOOKS[number % len(_LOOKS)]
        plain, said = self._plain[words], []
        for turn in ("first", "second"):
            try:
                out, err, status = self._run(*words, "--cache-dir", str(self._cache))
            except Exception:
                return [f"{turn} run: {traceback.format_exc()}"]
            warnings = re.findall(r"(?m)^.*warning: .*(?:cache|damaged).*\n", err)
            if (out, status) != (plain[0], plain[2]):
                said.append(f"{turn} run: says other things, {status}: {out[:200]!r}")
            if err.replace(warnings[0] if warnings else "", "") != plain[1] or (warnings and turn == "second"):
                said.append(f"{turn} run: to standard error: {err!r}")
        return said

    def _run(self, *words: str) -> Said:
        """Run the command as its process does, with the way past the command line that an unchanged run takes."""
        out, err = io.StringIO(), io.StringIO()
        with (
            contextlib.chdir(self._project),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            mock.patch.object(sys, "argv", ["durable-lint", *words]),
        ):
            status = command.main()
        return out.getvalue(), err.getvalue(), status


def _flipped(chance: random.Random, data: bytes, other: bytes, name: str) -> bytes:
    changed = bytearray(data or b"\0")
    for _ in range(chance.choice((1, 1, 8))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _spliced(chance: random.Random, data: bytes, other: bytes, name: str) -> bytes:
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


def _sealed(values: object, name: str) -> bytes:
    """A file that says of itself that it is whole."""
    body = marshal.dumps(values)
    return MAGIC + observed.digest(name.encode() + body) + body


def _of_another_kind(chance: random.Random, data: bytes, other: bytes, name: str) -> bytes:
    return _sealed(tuple(chance.choice(_ATOMS) for _ in range(chance.choice((1, 4, 4, 6, 6)))), name)


def _of_another_shape(chance: random.Random, data: bytes, other: bytes, name: str) -> bytes:
    try:
        values = marshal.loads(data[len(MAGIC) + 16 :])
    except (ValueError, EOFError, TypeError):
        return data
    if not isinstance(values, tuple) or not values:
        return data
    at = chance.randrange(len(values))
    others = [one for one in _ATOMS if type(one) is not type(values[at])]
    return _sealed((*values[:at], chance.choice(others), *values[at + 1 :]), name)


_DAMAGES: Mapping[str, Callable[[random.Random, bytes, bytes, str], bytes]] = {
    "cut off": lambda chance, data, other, name: data[: chance.randrange(len(data) + 1)],
    "flipped bits": _flipped,
    "exchanged": lambda chance, data, other, name: other,
    "spliced": _spliced,
    "repeated": lambda chance, data, other, name: data * 2,
    "noise": lambda chance, data, other, name: chance.randbytes(chance.randrange(300)),
    "noise behind a head": lambda chance, data, other, name: MAGIC + chance.randbytes(chance.randrange(300)),
    "values of another kind": _of_another_kind,
    "values of another shape": _of_another_shape,
}
