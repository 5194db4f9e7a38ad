"""The table of what shows that each rule is right, ``evidence.toml``, and replays with its events."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from oracle import Pool, Report, replay

TABLE = Path(__file__).with_name("evidence.toml")
NOT_BY_REPLAY = "not by replay"
SHOWN = ("diverges", "fails", "repeats an effect")


@dataclass(frozen=True)
class Row:
    """What one rule's example shows, and what it is run with."""

    shows: str
    why: str | None
    event: Mapping[str, Any]
    environment: Mapping[str, Any]


@cache
def rows() -> Mapping[str, Row]:
    """The rows of the table by code; those whose rule isn't written yet too."""
    return {code: _row(code, table) for code, table in _tables().items() if code != "every"}


def every() -> Row:
    """What every example is run with."""
    return Row(NOT_BY_REPLAY, "unknown", **_tables()["every"])


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(TABLE.read_text("utf-8"))


def _row(code: str, table: dict[str, Any]) -> Row:
    unknown = sorted(set(table) - {"shows", "why", "event", "environment"})
    assert unknown == [], f"{code}: unknown keys {unknown}"
    assert table["shows"] in (*SHOWN, NOT_BY_REPLAY), f"{code}: {table['shows']!r} is no evidence"
    assert (table["shows"] == NOT_BY_REPLAY) == bool(table.get("why")), f"{code}: why, if and only if not by replay"
    return Row(
        table["shows"],
        table.get("why"),
        {**every().event, **table.get("event", {})},
        {**every().environment, **table.get("environment", {})},
    )


def replay_for(code: str, text: str, pool: Pool) -> Report:
    """Replay a module with the event and the environment of a rule's row."""
    row = rows()[code]
    return replay(text, pool, event=row.event, environment=row.environment)
