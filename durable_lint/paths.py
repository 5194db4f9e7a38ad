"""How paths are shown, and gitignore-style patterns that stand in a directory."""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from durable_lint.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pathspec import GitIgnoreSpec


def display(path: str | Path, cwd: str | Path) -> str:
    """An absolute path as people read it: relative to ``cwd`` if below, with ``/``, undecodable bytes as ``\\xNN``."""
    shown = relative(os.fspath(path), os.fspath(cwd)) or os.fspath(path)
    return shown.replace(os.sep, "/").encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def relative(path: str, directory: str) -> str | None:
    """What leads from an absolute directory to an absolute path below it (``.`` for itself), or None."""
    if path == directory:
        return "."
    prefix = directory if directory.endswith(os.sep) else directory + os.sep
    return path[len(prefix) :] if path.startswith(prefix) else None


def in_text(name: str) -> bytes:
    """A name as it stands in the text of a file; those that come from paths or constants need not be valid."""
    return name.encode("utf-8", "surrogatepass")


def _specification(lines: Sequence[str]) -> GitIgnoreSpec:
    """Compiled patterns; without what ``re`` prints of those that it may read otherwise one day, such as ``[[]]``."""
    import warnings

    from pathspec import GitIgnoreSpec

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return GitIgnoreSpec.from_lines(lines)


def pattern_error(line: str) -> str | None:
    """Why a gitignore-style pattern can't match anything, or None if it can."""
    try:
        patterns = list(_specification([line]).patterns)
    except (ValueError, re.error) as error:
        return str(error)
    return None if patterns and patterns[0].include is not None else "it matches nothing"


@dataclass(frozen=True)
class Patterns:
    """Gitignore-style patterns, the last that matches decides; ``root`` is the absolute directory where they stand.

    Lines that are no pattern are passed over, as git does.
    """

    root: str
    lines: tuple[str, ...]

    @cached_property
    def _spec(self) -> GitIgnoreSpec:
        try:
            return _specification(self.lines)
        except (ValueError, re.error):
            return _specification([line for line in self.lines if pattern_error(line) is None])

    def check(self, path: str, *, directory: bool) -> bool | None:
        """Whether an absolute path is matched (True), let in again by a ``!`` pattern (False), or neither (None).

        A path that isn't below the root is compared from the root of the file system.
        """
        below = relative(path, self.root)
        if below == "." or not self.lines:
            return None
        name = (path if below is None else below).replace(os.sep, "/").lstrip("/")
        return self._spec.check_file(name + "/" if directory else name).include

    def without(self, directory: str) -> Patterns:
        """The same patterns but for those that match this directory: for a walk that was asked to start inside it."""
        if self.check(directory, directory=True) is None:
            return self
        kept = [line for line in self.lines if not self._only(line.removeprefix("!")).check(directory, directory=True)]
        return Patterns(self.root, tuple(kept))

    def _only(self, line: str) -> Patterns:
        return Patterns(self.root, (line,))
