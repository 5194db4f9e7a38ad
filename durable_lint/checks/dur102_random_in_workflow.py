"""DUR102: a random value in code that is replayed."""

from durable_lint.checks.base import ERROR, Rule, effects

RULE = Rule("DUR102", "random-in-workflow", ERROR, "a random value in code that is replayed", "history")
check = effects(RULE, "random", "a replay draws another value")
