"""What an edit inside one function can change: the rest of its module is left out, its findings only move.

A module is cut into its top-level statements. Functions that share no name of the module with the edited one are
blanked, character for character, so that every offset stays. Nothing of this holds where other files import the module.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence

from durable_lint.model import Diagnostic, Hop, Location, Span
from durable_lint.records import dataclass, replace
from durable_lint.source import LineIndex, SourceFile

_LINE = re.compile(r"\bline \d")
_OURS = re.compile(r"durable-lint|noqa", re.IGNORECASE)
_INK = re.compile(r"[^\r\n]")


@dataclass(frozen=True)
class Top:
    """A top-level statement, decorators included: its offsets, what it binds and which names it mentions."""

    start: int
    end: int
    is_function: bool
    binds: frozenset[str]
    mentions: frozenset[str]

    def moved(self, by: int) -> Top:
        """The same statement elsewhere."""
        return replace(self, start=self.start + by, end=self.end + by)


@dataclass(frozen=True)
class Edit:
    """An edit inside one function: the new text with other functions blanked, and the statements of the new text.

    ``apart`` are the indexes of the statements whose findings it can't change; it ends at ``end`` of the old text, and
    what follows moves by ``by``.
    """

    text: str
    tops: tuple[Top, ...]
    apart: tuple[int, ...]
    end: int
    by: int

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Where the statements apart stand in the new text."""
        return [(self.tops[i].start, self.tops[i].end) for i in self.apart]

    def is_apart(self, location: Location) -> bool:
        """Whether a place of the new text is in one of the statements apart."""
        return any(start <= location.span.start < end for start, end in self.spans)


def tops_of(text: str) -> tuple[Top, ...]:
    """The top-level statements of a module that parses; raises SyntaxError."""
    lines = LineIndex(text)
    found = []
    for node in ast.parse(text).body:
        first = min([node, *getattr(node, "decorator_list", ())], key=lambda one: one.lineno)
        start = lines.offset(first.lineno, 0 if first is not node else node.col_offset)
        found.append(_top(node, start, lines.offset(node.end_lineno or 1, node.end_col_offset or 0)))
    return tuple(found)


def _top(node: ast.stmt, start: int, end: int) -> Top:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return Top(start, end, False, frozenset(), frozenset())
    inner = list(ast.walk(node))
    names = {one.id for one in inner if isinstance(one, ast.Name)} | {
        one.attr for one in inner if isinstance(one, ast.Attribute)
    }
    binds = {one.id for one in inner if isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load)}
    names |= {name for one in inner if isinstance(one, ast.Global) for name in one.names}
    is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        binds = {node.name}
    return Top(start, end, is_function, frozenset(binds), frozenset(names))


def narrow(before: str, tops: Sequence[Top], after: str) -> Edit | None:
    """The edit that makes ``after`` of ``before``; None where it is not inside one function."""
    first = _common(before, after)
    rest = min(len(before), len(after)) - first
    last = _common(before[len(before) - rest :][::-1], after[len(after) - rest :][::-1])
    by, end = len(after) - len(before), len(before) - last
    index = next((i for i, top in enumerate(tops) if top.start < first and end <= top.end and top.is_function), None)
    if index is None:
        return None
    old = tops[index]
    written = after[old.start : old.end + by]
    try:
        nodes = ast.parse(written).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if len(nodes) != 1 or not isinstance(nodes[0], ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    new = _top(nodes[0], old.start, old.end + by)
    lines = LineIndex(written)
    if new.binds != old.binds or lines.offset(nodes[0].end_lineno or 1, nodes[0].end_col_offset or 0) != len(written):
        return None
    both = replace(new, mentions=new.mentions | old.mentions)
    others = [top if i < index else top.moved(by) for i, top in enumerate(tops)]
    apart = _apart([*others[:index], both, *others[index + 1 :]], index)
    text = after
    for i in apart:
        if not others[i].is_function:
            continue
        text = text[: others[i].start] + _INK.sub(" ", text[others[i].start : others[i].end]) + text[others[i].end :]
    return Edit(text, (*others[:index], new, *others[index + 1 :]), tuple(apart), end, by)


def _common(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginnings."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _apart(tops: Sequence[Top], index: int) -> list[int]:
    """The statements that have no name of the module in common with one of them, straight or through others."""
    bound = {name for top in tops for name in top.binds}
    uses = [top.binds | (top.mentions & bound) for top in tops]
    near = set(uses[index])
    while True:
        more = {name for used in uses if used & near for name in used} - near
        if not more:
            return [i for i, used in enumerate(uses) if not used & near]
        near |= more


def moved(found: Iterable[Diagnostic], edit: Edit, old: SourceFile, new: SourceFile) -> list[Diagnostic] | None:
    """The findings in the statements apart, where they stand now; None where that can't be said."""
    kept = []
    spans = edit.spans
    same_lines = old.lines.count == new.lines.count
    for one in found:
        location = _moved(one.location, edit, new)
        if not edit.is_apart(location):
            continue
        hops = [
            replace(hop, location=_moved(hop.location, edit, new)) if hop.location.path == new.path else hop
            for hop in one.related
        ]
        if not same_lines and _LINE.search(one.message):
            return None
        if any(not _fits(hop, new, spans) for hop in hops):
            return None
        kept.append(replace(one, location=location, related=tuple(hops)))
    return kept


def _moved(location: Location, edit: Edit, new: SourceFile) -> Location:
    start, end = (at + edit.by if at >= edit.end else at for at in (location.span.start, location.span.end))
    if max(start, end) > len(new.text):
        return location
    return new.location(Span(start, end))


def _fits(hop: Hop, new: SourceFile, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a hop stands in another file, or in a statement apart."""
    at = hop.location.span.start
    return hop.location.path != new.path or any(start <= at < end for start, end in spans)


def speaks_of_ours(text: str) -> bool:
    """Whether a text holds a comment that may silence findings, perhaps in functions that are left out."""
    return _OURS.search(text) is not None
