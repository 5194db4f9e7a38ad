"""DUR104: an environment or configuration read in code that is replayed."""

from durable_lint.checks.base import WARNING, Rule, effects

RULE = Rule(
    "DUR104",
    "environment-read-in-workflow",
    WARNING,
    "an environment or configuration read in code that is replayed",
    "history",
)
check = effects(RULE, "environment", "a replay can read another value")
