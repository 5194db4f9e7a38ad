"""Which findings belong to which part of a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from durable_lint.graph.model import Mark
from durable_lint.model import Diagnostic


def mark(found: Diagnostic) -> Mark:
    """A finding as a picture shows it."""
    return Mark(found.code, found.name, found.severity.value, found.message, found.path, found.line)


class Pending:
    """The findings in one function that no element has taken yet."""

    def __init__(self, findings: Sequence[Diagnostic], start: int, end: int) -> None:
        self._left = [one for one in findings if start <= one.location.span.start < end]

    def take(self, start: int, end: int) -> list[Mark]:
        """The findings that begin in a range of the text; nothing gets them again."""
        return [mark(one) for one in self.drop(start, end)]

    def drop(self, start: int, end: int) -> list[Diagnostic]:
        """Leave the findings in a range to another element."""
        found = [one for one in self._left if start <= one.location.span.start < end]
        self._left = [one for one in self._left if one not in found]
        return found


def by_file(findings: Sequence[Diagnostic], files: Mapping[str, str]) -> dict[str, list[Diagnostic]]:
    """The findings of each module by its absolute path; ``files`` gives that for each path as it is shown."""
    found: dict[str, list[Diagnostic]] = {}
    for one in findings:
        if one.path in files:
            found.setdefault(files[one.path], []).append(one)
    return found
