"""What an order is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """One product of an order; the price is for one piece."""

    sku: str
    quantity: int
    price_cents: int
    warehouse: str


@dataclass(frozen=True, slots=True)
class Order:
    """An order as the shop sends it."""

    order_id: str
    email: str
    express: bool
    lines: tuple[Line, ...]

    @classmethod
    def from_event(cls, event: dict[str, Any]) -> Order:
        """Read an order from the event; raises KeyError where a field is missing."""
        return cls(
            order_id=event["order_id"],
            email=event["email"],
            express=bool(event.get("express", False)),
            lines=tuple(Line(**line) for line in event["lines"]),
        )

    @property
    def total_cents(self) -> int:
        """The price of all lines."""
        return sum(line.quantity * line.price_cents for line in self.lines)
