"""DUR208: a blocking wait in code that is replayed."""

from durable_lint.checks.base import ERROR, Rule, effects
from durable_lint.checks.repairs import in_wait

RULE = Rule("DUR208", "sleep-in-workflow", ERROR, "a blocking wait in code that is replayed", "history")
check = effects(RULE, "blocking", "every replay waits again, and the wait is billed", in_wait)
