"""DUR205: a started process in code that is replayed."""

from durable_lint.checks.base import ERROR, Rule, effects

RULE = Rule("DUR205", "subprocess-in-workflow", ERROR, "a started process in code that is replayed", "history")
check = effects(RULE, "subprocess", "every replay starts it again")
