"""What is drawn of one workflow: its elements in the order in which they run, each with the findings on it.

Nothing here knows a format. The writers escape every text: names, conditions and paths come from source code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from durable_lint.records import dataclass, field
from durable_lint.report import visible

LONGEST = 60
"""Characters of a name or of a piece of source code in a picture; the rest is cut off."""

CUT = "…"


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding, as a picture shows it; ``severity`` is ``error`` or ``warning``, ``line`` counts from 1."""

    code: str
    name: str
    severity: str
    message: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where an element stands: the path as it is shown, and the line from 1."""

    path: str
    line: int


@dataclass(slots=True)
class Column:
    """One of several sequences that stand side by side: an arm of a branch, a clause, a body of an operation."""

    label: str
    items: list[Element]
    marks: list[Mark] = field(default_factory=list)


@dataclass(slots=True)
class Operation:
    """A durable operation. ``kind`` is the SDK's name for it, ``name`` what the execution's history shows (empty: it
    has none), ``detail`` what it waits for or calls.

    ``bodies`` are those that have operations of their own; ``repeats`` says how often each of them runs.
    """

    kind: str
    name: str
    detail: str
    place: Place
    suspends: bool = False
    bodies: list[Column] = field(default_factory=list)
    repeats: str = ""
    marks: list[Mark] = field(default_factory=list)

    @property
    def title(self) -> str:
        """What it is called in a picture."""
        return self.name or f"{self.kind} without a name"

    @property
    def note(self) -> str:
        """Its kind and what more is to be said of it."""
        return " · ".join(part for part in (self.kind if self.name else "", self.detail, self.repeats) if part)


@dataclass(slots=True)
class Branch:
    """Code of which one column runs."""

    test: str
    columns: list[Column]
    place: Place
    marks: list[Mark] = field(default_factory=list)


@dataclass(slots=True)
class Loop:
    """Code that runs again and again; ``endless``: only a jump leaves it."""

    head: str
    items: list[Element]
    place: Place
    endless: bool = False
    marks: list[Mark] = field(default_factory=list)


@dataclass(slots=True)
class Attempt:
    """A ``try``: the first column is what is tried, each other one a clause; ``final`` runs after all of them."""

    columns: list[Column]
    final: list[Element]
    place: Place
    marks: list[Mark] = field(default_factory=list)


@dataclass(slots=True)
class Helper:
    """A call of a function of the project that issues operations itself; ``folded`` says why nothing is drawn of it."""

    name: str
    items: list[Element]
    place: Place
    folded: str = ""
    marks: list[Mark] = field(default_factory=list)


@dataclass(slots=True)
class Code:
    """Code between operations that has a finding."""

    text: str
    place: Place
    marks: list[Mark] = field(default_factory=list)


@dataclass(slots=True)
class Jump:
    """``return``, ``raise``, ``break`` or ``continue``."""

    kind: str
    text: str
    place: Place
    marks: list[Mark] = field(default_factory=list)


Element: TypeAlias = Operation | Branch | Loop | Attempt | Helper | Code | Jump


@dataclass(slots=True)
class Picture:
    """The picture of one workflow: the function's name and place, what it does, and the findings on its definition."""

    name: str
    place: Place
    items: list[Element]
    marks: list[Mark] = field(default_factory=list)


def columns(element: Element) -> Sequence[Column]:
    """The sequences in an element, in the order of the code."""
    if isinstance(element, Operation):
        return element.bodies
    if isinstance(element, Branch):
        return element.columns
    if isinstance(element, Attempt):
        return [*element.columns, Column("finally", element.final)]
    return [Column("", element.items)] if isinstance(element, Loop | Helper) else ()


def walk(items: Sequence[Element]) -> Iterator[Element]:
    """Every element, each before what is in it."""
    for element in items:
        yield element
        for column in columns(element):
            yield from walk(column.items)


def operations(picture: Picture) -> list[Operation]:
    """The operations of a picture in the order of the code."""
    return [element for element in walk(picture.items) if isinstance(element, Operation)]


def marks(picture: Picture) -> list[Mark]:
    """The findings of a picture, each once, in the order of the picture."""
    found = list(picture.marks)
    for element in walk(picture.items):
        found += element.marks
        for column in columns(element):
            found += column.marks
    return list(dict.fromkeys(found))


def matters(items: Sequence[Element]) -> bool:
    """Whether a sequence does anything that a picture must show: more than staying in a loop or leaving it."""
    return any(
        element.kind in ("return", "raise") if isinstance(element, Jump) else acts([element]) or bool(element.marks)
        for element in walk(items)
    )


def acts(items: Sequence[Element]) -> bool:
    """Whether a sequence does more than choosing a way."""
    return any(not isinstance(element, Jump | Branch) for element in walk(items))


def goes_on(items: Sequence[Element]) -> bool:
    """Whether what stands behind a sequence can run after it."""
    return not any(_ends(element) for element in items)


def _ends(element: Element) -> bool:
    if isinstance(element, Jump):
        return True
    if isinstance(element, Branch):
        return not any(goes_on(column.items) for column in element.columns)
    if isinstance(element, Loop):
        return element.endless and not _is_left(element.items)
    if isinstance(element, Attempt):
        return not goes_on(element.final) or not any(goes_on(column.items) for column in element.columns)
    return False


def _is_left(items: Sequence[Element]) -> bool:
    """Whether a ``break`` of the loop itself stands in a sequence."""
    for element in items:
        if isinstance(element, Jump) and element.kind == "break":
            return True
        if isinstance(element, Branch | Attempt) and any(_is_left(column.items) for column in columns(element)):
            return True
    return False


def short(text: str, longest: int = LONGEST) -> str:
    """A text on one line, without invisible characters, cut off where it gets too long."""
    text = visible(" ".join(text.split()))
    return text if len(text) <= longest else text[: longest - 1].rstrip() + CUT
