"""What the runner and the worker processes say to each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """One invocation.

    ``number`` decides on the worker process, the clock, the seeds and which of the ``environment``'s values hold
    (None unsets a variable). ``input`` is the SDK's invocation input. Invocations with the same ``warm`` key
    share one module. ``answer`` is what stubs answer.
    """

    path: str
    number: int = 0
    input: Any = None
    handler: str = "handler"
    environment: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    answer: Mapping[str, Any] = field(default_factory=dict)
    warm: str | None = None


@dataclass
class Operation:
    """One call of an operation of a durable context.

    ``arguments`` and ``outcome`` are pictures that can be compared between processes; ``outcome`` is None
    until the operation returns or raises. ``failed`` holds the errors of a batch's items.
    """

    id: str
    kind: str
    name: str | None
    arguments: str
    root: bool
    in_step: bool
    on_outer_context: bool
    after_suspension: bool
    suspended: bool = False
    outcome: tuple[str, ...] | None = None
    failed: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind} {self.name!r}"


@dataclass
class Record:
    """What one invocation did. ``error`` is what left the handler; ``unloadable`` why its module didn't run."""

    response: dict[str, Any] | None = None
    error: str | None = None
    unloadable: str | None = None
    stubs_missing: bool = False
    hung: bool = False
    suspended: bool = False
    operations: list[Operation] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    mutations: list[str] = field(default_factory=list)

    @property
    def status(self) -> str | None:
        """``SUCCEEDED``, ``FAILED``, ``PENDING`` or None when nothing was returned."""
        return (self.response or {}).get("Status")
