"""DUR902: a code in a suppression that no rule has; the engine reports it with the suppressions."""

from durable_lint.checks.base import ERROR, Rule

RULE = Rule("DUR902", "unknown-code", ERROR, "a code in a suppression comment that no rule has")
