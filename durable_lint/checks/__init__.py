"""The rules: one file each, found by its name; there is no list to extend."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module

from durable_lint.checks.base import Check, Finding, Rule

CheckFunction = Callable[[Check], Iterator[Finding]]


@cache
def all_checks() -> tuple[tuple[Rule, CheckFunction | None], ...]:
    """Every rule with its check, sorted by code; None where the engine itself reports (suppressions)."""
    found: list[tuple[Rule, CheckFunction | None]] = []
    # Not pkgutil: it imports what inspects functions and reads tokens.
    names = {entry.partition(".")[0] for folder in __path__ for entry in os.listdir(folder)}  # noqa: PTH208
    for name in sorted(names):
        if re.fullmatch(r"dur\d{3}_\w+", name):
            loaded = import_module(f"{__name__}.{name}")
            found.append((loaded.RULE, getattr(loaded, "check", None)))
    return tuple(sorted(found, key=lambda pair: pair[0].code))
