"""Checkers for pylint (``load-plugins = durable_lint.pylint_plugin``) that give the linter's findings as its messages.

A rule's message has the rule's name as its symbol. Its number is the code's behind a 9, its letter that of the rule's
default severity: DUR101 is ``E9101``, ``wall-clock-in-workflow``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from pylint.checkers import BaseRawFileChecker

from durable_lint.engine import rules
from durable_lint.hosted import TROUBLE, TROUBLE_NAME, Host, Remark
from durable_lint.model import RuleInfo, Severity

if TYPE_CHECKING:
    from astroid import nodes
    from pylint.lint import PyLinter

_TROUBLE = RuleInfo(TROUBLE, TROUBLE_NAME, Severity.ERROR, "why a file can't be judged, or not fully")


def register(linter: PyLinter) -> None:
    """Add the checkers, one for each hundred of rules: pylint wants the numbers of one to begin alike."""
    for _, family in groupby((_TROUBLE, *rules()), key=lambda rule: rule.code[:4]):
        linter.register_checker(Family(linter, tuple(family)))


class Family(BaseRawFileChecker):
    """The rules whose codes begin alike."""

    name = "durable-lint"

    def __init__(self, linter: PyLinter, family: Sequence[RuleInfo]) -> None:
        self.msgs = {
            f"{'W' if rule.default is Severity.WARNING else 'E'}9{rule.code[3:]}": ("%s", rule.name, f"{rule.summary}.")
            for rule in family
        }
        self._names = frozenset(rule.name for rule in family)
        super().__init__(linter)

    def process_module(self, node: nodes.Module) -> None:
        """Say what is found in a module."""
        with node.stream() as stream:
            data = stream.read()
        for one in _remarks(node.file, data, node.file_encoding):
            if one.name in self._names:
                self.add_message(one.name, line=one.line, col_offset=one.column - 1, args=(one.message,))


@lru_cache(maxsize=1)
def _host() -> Host:
    """One for the process: it notices itself when a file of a project changes."""
    return Host(noqa=True)


@lru_cache(maxsize=1)
def _remarks(path: str, data: bytes, encoding: str | None) -> Sequence[Remark]:
    """What is found in a module; all families ask for it in turn."""
    return _host().remarks(path, data.decode(encoding or "utf-8", "replace"))
