"""What a step's serializer can record of the results of impure calls (``rules/returns.toml``)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from durable_lint.knowledge import compiled, rules_dir
from durable_lint.knowledge.apis import fits
from durable_lint.records import dataclass

CARRIED, REFUSED, UNKNOWN = "carried", "refused", "unknown"


@dataclass(frozen=True)
class Returns:
    """Verdicts by patterns of names (see ``fits``); the values of ``members`` and ``functions`` are always carried."""

    verdicts: tuple[tuple[str, str], ...]
    stateful: tuple[str, ...]
    members: frozenset[str]
    functions: frozenset[str]

    def of(self, api: str) -> str:
        """``carried``, ``refused`` or ``unknown`` for an API as the catalogue names it."""
        name = api.replace("()", "")
        return next((verdict for pattern, verdict in self.verdicts if fits(pattern, name)), UNKNOWN)

    def keeps_state(self, api: str) -> bool:
        """Whether calls of an API belong together with others on the same object."""
        name = api.replace("()", "")
        return any(fits(pattern, name) for pattern in self.stateful)


@cache
def load() -> Returns:
    """The verdicts; what is refused wins, because it is named more exactly."""
    files = sources()
    data = compiled.tables("returns", files)[files[0].name]
    verdicts = [(name, verdict) for verdict in (REFUSED, CARRIED) for table in data[verdict] for name in table["names"]]
    stateful = [name for table in data["stateful"] for name in table["names"]]
    members, functions = (
        frozenset(name for table in data[key] for name in table["names"]) for key in ("members", "functions")
    )
    return Returns(tuple(verdicts), tuple(stateful), members, functions)


def sources() -> Sequence[Path]:
    """The file with the verdicts."""
    return [rules_dir() / "returns.toml"]
