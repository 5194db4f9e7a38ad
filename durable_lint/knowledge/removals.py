"""Names that an SDK no longer has, or keeps for old code only: since which version, and what stands in their place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from durable_lint.model import SdkVersion
from durable_lint.records import dataclass

KEYS = {"removed": {"names", "of", "since", "instead", "why", "still-works"}}
"""The table of a profile that is read here, and its keys."""


@dataclass(frozen=True, slots=True)
class Removal:
    """One name; with ``owner`` it is a keyword argument of that class.

    ``instead`` is the new name that means the same, or empty; ``why`` says what to do without one. ``still_works``: the
    old spelling is kept for old code.
    """

    name: str
    since: SdkVersion
    owner: str = ""
    instead: str = ""
    why: str = ""
    still_works: bool = False


def read(data: Mapping[str, Any], check: Callable[[Mapping[str, Any], str], None]) -> tuple[Removal, ...]:
    """What a profile says is gone. ``check`` refuses tables with unknown keys.

    Raises ValueError when an entry says nothing useful, KeyError for a key that is missing.
    """
    found: list[Removal] = []
    for table in data.get("removed", ()):
        check(table, "removed")
        found += _removals(table)
    return tuple(found)


def _removals(table: Mapping[str, Any]) -> list[Removal]:
    names, since = table["names"], table["since"]
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and name for name in names):
        raise ValueError("names must be a list of names")
    if not isinstance(since, str) or not re.fullmatch(r"\d+\.\d+\.\d+", since):
        raise ValueError('since must be a release such as "2.0.0"')
    version = SdkVersion(*map(int, since.split(".")))
    instead, why = str(table.get("instead", "")), str(table.get("why", ""))
    if not instead and not why:
        raise ValueError(f"{names[0]}: say what stands in its place: instead or why")
    owner, still_works = str(table.get("of", "")), bool(table.get("still-works", False))
    return [Removal(name, version, owner, instead, why, still_works) for name in names]
