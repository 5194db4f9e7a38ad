"""DUR101: a read of the clock in code that is replayed."""

from durable_lint.checks.base import ERROR, Rule, effects

RULE = Rule("DUR101", "wall-clock-in-workflow", ERROR, "a read of the clock in code that is replayed", "history")
check = effects(RULE, "clock", "a replay reads another time")
