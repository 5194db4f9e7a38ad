"""DUR103: a generated id in code that is replayed."""

from durable_lint.checks.base import ERROR, Rule, effects

RULE = Rule("DUR103", "generated-id-in-workflow", ERROR, "a generated id in code that is replayed", "history")
check = effects(RULE, "identity", "a replay makes another id")
