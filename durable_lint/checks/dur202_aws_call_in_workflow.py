"""DUR202: a call of an AWS service in code that is replayed."""

from durable_lint.checks.base import ERROR, Rule, effects

RULE = Rule("DUR202", "aws-call-in-workflow", ERROR, "a call of an AWS service in code that is replayed", "history")
check = effects(RULE, "aws", "every replay makes the call again")
