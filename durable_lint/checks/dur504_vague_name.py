"""DUR504: a name that says nothing."""

import re
from collections.abc import Iterator

from durable_lint.checks.base import Check, Finding, Rule

RULE = Rule("DUR504", "vague-name", None, "an operation name that says nothing of what the operation does")

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_VAGUE = frozenset([
    "a", "action", "activity", "an", "another", "bar", "baz", "call", "callback", "child", "code", "data", "do",
    "doing", "entry", "exec", "execute", "fn", "foo", "func", "function", "go", "handle", "handler", "invoke", "it",
    "item", "job", "main", "map", "misc", "more", "my", "name", "new", "next", "number", "object", "op",
    "operation", "other", "parallel", "part", "perform", "phase", "piece", "proc", "process", "processing", "run",
    "running", "some", "something", "stage", "step", "stuff", "sub", "task", "temp", "test", "that", "the", "thing",
    "things", "this", "tmp", "todo", "unit", "wait", "work", "workflow"
])  # fmt: skip
"""Words that fit every operation."""


def check(ctx: Check) -> Iterator[Finding]:
    """Constant names that consist of words which fit every operation, of numbers and of single letters."""
    for site in ctx.sites():
        name = ctx.project.issuing.label(site.issued, site.fid, site.index)
        if isinstance(name, str) and is_vague(name):
            kind = site.issued.operation.name
            message = f'the name "{name}" of {kind} says nothing: nobody finds it in a history or in an alarm'
            yield Finding(RULE, site.call.start, site.call.end, message)


def is_vague(name: str) -> bool:
    """Whether a name holds no word that tells one operation from another."""
    words = [word.lower() for word in _WORDS.findall(name)]
    letters = name.isascii()  # words of other scripts are not told apart
    return bool(name.strip()) and letters and all(word in _VAGUE or len(word) == 1 for word in words)
