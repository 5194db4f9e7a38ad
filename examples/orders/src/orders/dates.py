"""The shop's calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def business_day() -> str:
    """The day that a document of now belongs to, such as ``20250131``: the books close at 22:00 UTC."""
    return (datetime.now(UTC) + timedelta(hours=2)).strftime("%Y%m%d")
