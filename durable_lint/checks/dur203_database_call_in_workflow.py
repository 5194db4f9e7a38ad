"""DUR203: a database call in code that is replayed."""

from durable_lint.checks.base import ERROR, Rule, effects

RULE = Rule("DUR203", "database-call-in-workflow", ERROR, "a database call in code that is replayed", "history")
check = effects(RULE, "database", "every replay makes the call again")
