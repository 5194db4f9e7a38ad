"""The rules: one file each, found by its name; there is no list to extend."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from functools import cache

from durable_lint.checks.base import Check, Finding, Rule

CheckFunction = Callable[[Check], Iterator[Finding]]


@cache
def all_checks() -> tuple[tuple[Rule, CheckFunction | None], ...]:
    """Every rule with its check, sorted by code; None where the engine itself reports (suppressions)."""
    found: list[tuple[Rule, CheckFunction | None]] = []
    for module in pkgutil.iter_modules(__path__):
        if re.fullmatch(r"dur\d{3}_\w+", module.name):
            loaded = importlib.import_module(f"{__name__}.{module.name}")
            found.append((loaded.RULE, getattr(loaded, "check", None)))
    return tuple(sorted(found, key=lambda pair: pair[0].code))
