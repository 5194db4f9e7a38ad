"""The last question: what astroid makes of a call that the index can't tell; the only user of astroid.

astroid reads the source of installed packages and runs none of it. It is asked for calls in workflow code whose callee
lies in an installed package of which the catalogue knows nothing, and for at most ``_QUESTIONS`` of them in one module:
a limit in seconds would let the findings depend on the machine.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING, Any

from durable_lint import observed
from durable_lint.index import things as t
from durable_lint.index.evaluate import Evaluator
from durable_lint.index.facts import Call
from durable_lint.index.things import FunctionId, Thing, Things

if TYPE_CHECKING:
    from collections.abc import Callable

_QUESTIONS = 50
"""How many calls of one module astroid is asked for; it bounds the work for each of them itself."""

_MAX_ANSWERS = 8

_PUBLIC_NAMES = {"_pydatetime": "datetime", "pathlib._local": "pathlib", "pathlib._abc.PathBase": "pathlib.Path"}
"""The public names of modules and classes into which CPython 3.12 and 3.13 moved the source that astroid reads."""


@cache
def is_installed(root: str) -> bool:
    """Whether a top-level package can be found by this interpreter; nothing of it is imported."""
    import importlib.util

    try:
        return importlib.util.find_spec(root) is not None
    except (ImportError, AttributeError, ValueError):
        return False


class Inference:
    """Asks astroid, once for each call; ``text`` gives the source of a module by its path."""

    def __init__(self, evaluator: Evaluator, text: Callable[[str], str | None]) -> None:
        self.ev = evaluator
        self._text = text
        self._trees: dict[str, dict[tuple[int, int], Any]] = {}
        self._asked: dict[str, int] = {}
        self._unknown: dict[str, bool] = {}

    def things(self, fid: FunctionId, call: Call) -> list[Thing]:
        """What the callee is: things outside the project, sorted; nothing when astroid can't tell either."""
        if self._asked.get(fid[0], 0) >= _QUESTIONS or not self.is_worth_asking(self.ev.expr(call.callee, fid)):
            return []
        self._asked[fid[0]] = self._asked.get(fid[0], 0) + 1
        return self._infer(fid[0], call)

    def is_worth_asking(self, callees: Things) -> bool:
        """Whether a callee starts from an installed package of which the catalogue has nothing."""
        outside = (thing[1] for thing in self.ev.concrete(callees) if thing[0] == t.EXT)
        return any(self._is_unknown(dotted) for dotted in outside)

    def _is_unknown(self, dotted: str) -> bool:
        root = dotted.partition(".")[0].partition("(")[0]
        if root not in self._unknown:
            known = root in sys.stdlib_module_names or self.ev.catalogue.knows(root)
            self._unknown[root] = not known and is_installed(root)
        return self._unknown[root] and self.ev.symbol(dotted) is None

    def _infer(self, path: str, call: Call) -> list[Thing]:
        import astroid

        observed.spoil()  # it reads whatever it needs of installed packages
        node = self._calls(path).get((call.start, call.end))
        if node is None:
            return []
        found: set[Thing] = set()
        try:
            for answer in node.func.infer():
                thing = self._thing(answer)
                if thing is not None:
                    found.add(thing)
                if len(found) >= _MAX_ANSWERS:
                    break
        except (astroid.AstroidError, RecursionError, AttributeError, KeyError, TypeError, ValueError):
            return []  # astroid fails on code that Python accepts: then nothing is known, as before
        return sorted(found)

    def _thing(self, answer: Any) -> Thing | None:
        """The thing behind an answer: a function by its qualified name, a method by its class."""
        name = _public(getattr(answer, "qname", lambda: "")())
        if not name:
            return None
        owner, _, method = name.rpartition(".")
        if self.ev.rule(owner) is not None:
            return (t.OBJ, owner, (method,))
        return (t.EXT, name)

    def _calls(self, path: str) -> dict[tuple[int, int], Any]:
        """The calls of a module by their offsets."""
        if path not in self._trees:
            self._trees[path] = {}
            text = self._text(path)
            if text is not None:
                self._trees[path] = _parsed(text)
        return self._trees[path]


def _public(name: str) -> str:
    """A dotted name as users write it, whatever module holds the source: findings don't depend on the interpreter."""
    for private, public in _PUBLIC_NAMES.items():
        if name.startswith(f"{private}."):
            return public + name.removeprefix(private)
    return name


def _parsed(text: str) -> dict[tuple[int, int], Any]:
    import astroid
    from astroid import nodes

    from durable_lint.source import LineIndex

    try:
        tree = astroid.parse(text)
    except (astroid.AstroidError, RecursionError, ValueError):
        return {}
    lines = LineIndex(text)
    return {
        (lines.offset(node.lineno, node.col_offset), lines.offset(node.end_lineno, node.end_col_offset)): node
        for node in tree.nodes_of_class(nodes.Call)
        if node.lineno and node.end_lineno and node.end_lineno <= lines.count
    }
