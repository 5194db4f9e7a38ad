"""Puts the edits of several fixes together: none overlaps another, and an edit that several share is made once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from durable_lint.model import Edit, Fix

T = TypeVar("T")


def choose(fixes: Iterable[tuple[T, Fix]]) -> list[tuple[T, Fix]]:
    """The fixes, each with its owner, that can be applied together: the first in the text wins, and a fix is applied
    whole or not at all. The others wait for the next pass."""
    taken: list[tuple[int, int, str]] = []
    chosen = []
    for owner, fix in sorted(fixes, key=lambda pair: [(edit.span, edit.text) for edit in pair[1].edits]):
        places = [(edit.span.start, edit.span.end, edit.text) for edit in fix.edits]
        if fix.edits and all(place in taken or not any(_collide(place, other) for other in taken) for place in places):
            taken += [place for place in places if place not in taken]
            chosen.append((owner, fix))
    return chosen


def _collide(one: tuple[int, int, str], other: tuple[int, int, str]) -> bool:
    """Whether two different edits touch the same text; two insertions collide where they stand at one place."""
    if one[0] == other[0]:
        return True
    first, second = sorted((one, other))
    return second[0] < first[1] or (second[0] == first[1] and second[0] == second[1])


def apply(text: str, edits: Sequence[Edit]) -> str:
    """The text with edits made that don't overlap; offsets are code points of the text as it is given."""
    parts = []
    last = 0
    for start, end, new in sorted({(edit.span.start, edit.span.end, edit.text) for edit in edits}):
        if start < last:
            raise ValueError(f"edits overlap at offset {start}")
        parts += [text[last:start], new]
        last = end
    return "".join([*parts, text[last:]])


def is_reproduced(text: str) -> bool:
    """Whether libcst can read a text and gives it back as it was."""
    from durable_lint.loading import cst

    try:
        return cst.parse_module(text).code == text
    except cst.ParserSyntaxError:
        return False
