"""DUR201: a network call in code that is replayed."""

from durable_lint.checks.base import ERROR, Rule, effects

RULE = Rule("DUR201", "network-call-in-workflow", ERROR, "a network call in code that is replayed", "history")
check = effects(RULE, "network", "every replay makes the call again")
