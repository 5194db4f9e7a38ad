"""What a run is doing at the moment, for whoever wants to show it; nobody does by default."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

Item = TypeVar("Item")


class Progress:
    """The phase of a run and, in one that goes through files, which of how many is at hand, from 1."""

    def __init__(self) -> None:
        self.round = ""
        self.now: tuple[str, int, int, str] = ("", 0, 0, "")

    def __str__(self) -> str:
        phase, number, total, path = self.now
        return f"{self.round}{phase} {number}/{total} {path}" if total else f"{self.round}{phase}"


_shown: ContextVar[Progress | None] = ContextVar("shown", default=None)


@contextmanager
def shown(progress: Progress) -> Iterator[None]:
    """Keep ``progress`` up to date inside the block."""
    token = _shown.set(progress)
    try:
        yield
    finally:
        _shown.reset(token)


def phase(name: str) -> None:
    """A phase begins of which only the name is known."""
    progress = _shown.get()
    if progress is not None:
        progress.now = (name, 0, 0, "")


def again(name: str) -> None:
    """All phases begin anew; ``name`` says for which time."""
    progress = _shown.get()
    if progress is not None:
        progress.round = f"{name}: "


def over(name: str, items: Iterable[Item], path: Callable[[Item], str]) -> Iterable[Item]:
    """The items of a phase that goes through files, whose shown paths ``path`` gives."""
    progress = _shown.get()
    return items if progress is None else _counted(progress, name, list(items), path)


def _counted(progress: Progress, name: str, items: Sequence[Item], path: Callable[[Item], str]) -> Iterator[Item]:
    for number, item in enumerate(items, 1):
        progress.now = (name, number, len(items), path(item))
        yield item
