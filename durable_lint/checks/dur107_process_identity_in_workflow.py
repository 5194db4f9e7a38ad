"""DUR107: a value of the process or the host in code that is replayed."""

from durable_lint.checks.base import ERROR, Rule, effects

RULE = Rule(
    "DUR107",
    "process-identity-in-workflow",
    ERROR,
    "a value of the process or the host in code that is replayed",
    "history",
)
check = effects(RULE, "process", "a replay runs in another process")
