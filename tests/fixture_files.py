"""Reads the expectations in fixtures and rule pages."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from durable_lint.model import Diagnostic

FIXTURES = Path(__file__).parent / "fixtures"
_MARK = re.compile(r"#\s*(expect|maybe|missed):\s*((?:[A-Z]+\d+(?:\s+\"[^\"]*\")?(?:\s*,\s*)?)+)")
_ITEM = re.compile(r"([A-Z]+\d+)(?:\s+\"([^\"]*)\")?")


@dataclass
class Labels:
    """What a text expects: (line, code) with a part of the message."""

    expected: dict[tuple[int, str], str] = field(default_factory=dict)
    allowed: set[tuple[int, str]] = field(default_factory=set)
    missed: set[tuple[int, str]] = field(default_factory=set)


def labels(text: str) -> Labels:
    found = Labels()
    for number, line in enumerate(text.split("\n"), 1):
        for kind, items in _MARK.findall(line):
            for code, part in _ITEM.findall(items):
                if kind == "expect":
                    found.expected[(number, code)] = part
                elif kind == "maybe":
                    found.allowed.add((number, code))
                else:
                    found.missed.add((number, code))
    return found


def complaints(text: str, diagnostics: list[Diagnostic]) -> list[str]:
    """What differs between a text's comments and the findings in it; empty when they agree."""
    wanted = labels(text)
    said: list[str] = []
    seen: set[tuple[int, str]] = set()
    places: set[tuple[int, str, int]] = set()
    for one in diagnostics:
        key = (one.line, one.code)
        if (*key, one.column) in places:
            said.append(f"line {one.line}: {one.code} twice in one place")
        places.add((*key, one.column))
        seen.add(key)
        if key in wanted.expected:
            if wanted.expected[key] not in one.message:
                said.append(f"line {one.line}: {one.code} lacks {wanted.expected[key]!r}: {one.message}")
        elif key not in wanted.allowed:
            said.append(f"line {one.line}: {one.code} is a false alarm: {one.message}")
    said += [f"line {line}: {code} missed" for line, code in sorted(set(wanted.expected) - seen)]
    return said


def cases() -> list[Path]:
    """Every fixture: a file, or a folder that is a project."""
    return sorted(
        path for rule in FIXTURES.iterdir() if rule.is_dir() for path in rule.iterdir() if path.name != "__pycache__"
    )
