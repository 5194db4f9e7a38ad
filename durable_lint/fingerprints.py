"""What a finding is known by in the next run, when the lines above it have moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from durable_lint.model import Diagnostic
from durable_lint.records import replace

VERSION = 1
"""Rises when the same finding would get another fingerprint than before."""
LENGTH = 32


def fingerprints(
    diagnostics: Iterable[Diagnostic],
    lines: Mapping[tuple[str, int], str],
    name: Callable[[str], str] = str,
) -> tuple[str, ...]:
    """A fingerprint of 32 hexadecimal digits for each finding, in the given order; all of them differ.

    It is made of the code, the path, the text of the finding's first line with its spaces evened out, and the number
    (from 0) of the findings before it that have all of these in common, as ``numbered`` has noted it: twins that are
    left out now change nothing. Line numbers, columns and messages have no part in it. ``lines`` are those of the
    ``RunResult``; ``name`` gives the path to use for a finding's path, which is as seen from the working directory.
    """
    given = list(diagnostics)
    order = sorted(range(len(given)), key=lambda index: given[index].sort_key)
    seen: Counter[tuple[str, str, str]] = Counter()
    made = [""] * len(given)
    for index in order:
        found = given[index]
        key = (found.code, name(found.path), _evened(lines.get((found.path, found.line), "")))
        number = max(found.twin, seen[key])
        made[index] = _digest(*key, str(number))
        seen[key] = number + 1
    return tuple(made)


def numbered(found: Sequence[Diagnostic], text: Callable[[int], str]) -> list[Diagnostic]:
    """All findings of one file in the given order, each with its number among its twins; ``text`` gives a line's."""
    seen: Counter[tuple[str, str]] = Counter()
    numbers: dict[int, int] = {}
    for one in sorted(found, key=lambda one: one.sort_key):
        key = (one.code, _evened(text(one.line)))
        numbers[id(one)] = seen[key]
        seen[key] += 1
    return [replace(one, twin=numbers[id(one)]) if one.twin != numbers[id(one)] else one for one in found]


def _evened(line: str) -> str:
    return " ".join(line.split())


def _digest(*parts: str) -> str:
    # A path may hold what is no text (surrogates); no part holds a NUL: neither paths nor lines of a parsed file can.
    import hashlib  # loads OpenSSL, which takes long, and few runs ask for fingerprints

    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:LENGTH]
