"""What the standard streams can show."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

WIDEST = 100
"""The cells that a report takes at most."""


def wants_color(choice: str, stream: TextIO | None, environment: Mapping[str, str]) -> bool:
    """Whether to colour ``stream``; ``auto`` asks NO_COLOR, FORCE_COLOR, TERM and the stream, in that order."""
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return environment.get("TERM") != "dumb" and stream is not None and stream.isatty()


def width_of(stream: TextIO | None) -> int | None:
    """The cells to write to a stream at most; None when no terminal says how wide it is."""
    if stream is None or not stream.isatty():
        return None
    import shutil

    return min(shutil.get_terminal_size().columns, WIDEST)
