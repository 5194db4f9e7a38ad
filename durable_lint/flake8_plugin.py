"""The flake8 plugin ``DUR``: hands the files of flake8's run to the linter, and its findings back.

flake8 imports this module at each start, so it imports the linter only when a file is checked.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

import durable_lint

if TYPE_CHECKING:
    from argparse import Namespace

    from durable_lint.hosted import Host


class Plugin:
    """What flake8 makes for each file that it could parse."""

    name: ClassVar[str] = "durable-lint"
    version: ClassVar[str] = durable_lint.__version__

    _named: ClassVar[tuple[str, ...]] = ()
    _host: ClassVar[Host | None] = None

    def __init__(self, tree: ast.AST, filename: str, lines: Sequence[str]) -> None:
        """flake8 gives the name that ``--stdin-display-name`` says for standard input, and lines with their ends."""
        self._filename = filename
        self._lines = lines

    @classmethod
    def parse_options(cls, options: Namespace) -> None:
        """Begin a run: codes that ``--select`` and ``--extend-select`` name in full turn on rules that are off."""
        cls._named = (*(options.select or ()), *(options.extend_select or ()))
        cls._host = None

    def run(self) -> Iterator[tuple[int, int, str, type[Plugin]]]:
        """Line from 1, column from 0, code with message, and this class, for each finding."""
        from durable_lint.hosted import Host

        if Plugin._host is None:
            Plugin._host = Host(self._named)
        for one in Plugin._host.remarks(self._filename, "".join(self._lines)):
            yield one.line, one.column - 1, f"{one.code} {one.message}", type(self)
