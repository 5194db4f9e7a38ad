"""How fixes write the operations of an SDK."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from durable_lint.records import dataclass

KEYS = {
    "fixes": {"step", "parameter", "wait", "duration", "duration-class", "child", "logger-methods", "stable-id"},
}
"""The tables of a profile that are read here, and their keys."""


@dataclass(frozen=True, slots=True)
class Writing:
    """How fixes write operations of one SDK; an empty text: they can't.

    ``step`` and ``wait`` are templates with ``{context}``, ``{body}``, ``{name}`` and ``{duration}``; ``parameter`` is
    what a step's body receives, ``child`` the method that runs a body as a child context; ``duration`` is a template
    with ``{class}`` and ``{seconds}``, and ``duration_class`` the module and the name of that class.
    """

    step: str = ""
    parameter: str = ""
    wait: str = ""
    duration: str = ""
    duration_class: tuple[str, str] = ("", "")
    child: str = ""
    logger_methods: tuple[str, ...] = ()
    stable_id: str = ""


def read(table: Mapping[str, Any]) -> Writing:
    """Read a table ``[fixes]``, whose keys are known to be right."""
    module, _, name = str(table.get("duration-class", "")).rpartition(".")
    return Writing(
        str(table.get("step", "")),
        str(table.get("parameter", "")),
        str(table.get("wait", "")),
        str(table.get("duration", "")),
        (module, name),
        str(table.get("child", "")),
        tuple(table.get("logger-methods", ())),
        str(table.get("stable-id", "")),
    )
