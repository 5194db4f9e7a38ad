"""The frozen values that pass between the stages; this module imports nothing of ours."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from durable_lint.records import dataclass, field


class Severity(Enum):
    """How bad a finding is; the order of the members is the order of the levels."""

    ERROR = "error"
    WARNING = "warning"

    @property
    def rank(self) -> int:
        """0 for the worst level, rising as the levels get milder."""
        return list(Severity).index(self)


class Level(Enum):
    """What applying a fix can change."""

    SAFE = "safe"
    """Neither the result nor the recorded operations of any execution."""
    HISTORY = "history"
    """The sequence or the names of operations: executions in flight must be drained first."""
    UNSAFE = "unsafe"
    """Perhaps what the code means."""


class SdkVersion(NamedTuple):
    """A released version of an SDK. It compares with tuples too: ``version >= (2, 0)``."""

    major: int
    minor: int = 0
    patch: int = 0

    def __str__(self) -> str:
        return ".".join(map(str, self))


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A range of text: offsets from 0 in code points of the decoded text, the end excluded."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file as people write it: line and column from 1, the column in code points."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A range of one file. ``path`` is relative to the working directory where it can be, with ``/``."""

    path: str
    start: Position
    end: Position
    span: Span


@dataclass(frozen=True, slots=True)
class Hop:
    """One station on the path from the reported line to the cause; or, ``forward``, a place that its value reaches."""

    location: Location
    message: str
    forward: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace ``span`` of the file by ``text``. The engine adds the same place as people write it."""

    span: Span
    text: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits of one file that belong together."""

    title: str
    level: Level
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: a rule, a place, what will go wrong, and the path to the cause."""

    code: str
    name: str
    severity: Severity
    message: str
    location: Location
    related: tuple[Hop, ...] = ()
    fix: Fix | None = None
    twin: int = 0
    """How many findings before it in its file have the same code and stand on a line with the same text."""

    @property
    def path(self) -> str:
        """The file, relative to the working directory where it can be, with ``/``."""
        return self.location.path

    @property
    def line(self) -> int:
        """The first line, from 1."""
        return self.location.start.line

    @property
    def column(self) -> int:
        """The first column, from 1, in code points."""
        return self.location.start.column

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Findings are always given in this order."""
        return (self.path, self.location.span.start, self.location.span.end, self.code, self.message)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a run can't be fully trusted: it makes the exit status 2.

    ``kind`` is one of ``missing``, ``unreadable``, ``unwritable``, ``unfixable``, ``encoding``, ``syntax``,
    ``too-deep``, ``too-large``, ``configuration``, ``usage``, ``memory`` and ``internal``; ``path`` is empty when no
    file is concerned; ``line`` is from 1, or 0 when none is concerned.
    """

    kind: str
    path: str
    message: str
    line: int = 0

    @property
    def sort_key(self) -> tuple[str, int, str, str]:
        """Problems are always given in this order."""
        return (self.path, self.line, self.kind, self.message)


@dataclass(frozen=True, slots=True)
class Suppression:
    """A comment that silences findings.

    ``codes`` are as written; an empty tuple stands for every code (a bare ``# noqa``, which is never called unused).
    ``scope`` is ``line``, ``function`` or ``file``; ``span`` is the comment's own, ``target`` the text that it covers.
    """

    codes: tuple[str, ...]
    reason: str
    scope: str
    span: Span
    target: Span


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """What is known of a rule without running it. ``default`` is None for a rule that is off until selected.

    ``strict``: the preset of that name turns it on.
    """

    code: str
    name: str
    default: Severity | None
    summary: str
    fix: str = ""
    strict: bool = True


@dataclass(frozen=True, slots=True)
class Applied:
    """A fix that was applied: of which rule, at which level, and what it did."""

    code: str
    level: Level
    title: str


@dataclass(frozen=True, slots=True)
class FixedFile:
    """A file that fixes change: ``file`` is its absolute path, ``path`` as it is shown, ``before`` and ``after`` its
    bytes, ``old`` and ``new`` the texts that they stand for."""

    file: str
    path: str
    before: bytes
    after: bytes
    old: str
    new: str
    applied: tuple[Applied, ...]


@dataclass(frozen=True, slots=True)
class RunResult:
    """What one run found, sorted; ``files`` counts the Python files that were looked at, parsed or not."""

    diagnostics: tuple[Diagnostic, ...]
    problems: tuple[Problem, ...]
    files: int
    statistics: Mapping[str, int] = field(default_factory=dict)
    lines: Mapping[tuple[str, int], str] = field(default_factory=dict)
    """The text of every line that a finding or a hop stands on, by path and line from 1, for the text report."""
    notes: tuple[str, ...] = ()
    """What may be worth saying and is no problem."""
    fixed: tuple[FixedFile, ...] = ()
    """The files that fixes change, sorted by path; the findings are those that are left."""
