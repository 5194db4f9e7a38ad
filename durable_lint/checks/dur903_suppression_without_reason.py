"""DUR903: a suppression that doesn't say why; the engine reports it with the suppressions."""

from durable_lint.checks.base import Rule

RULE = Rule("DUR903", "suppression-without-reason", None, "a suppression comment that gives no reason")
