"""DUR901: a suppression that suppresses nothing; the engine reports it when all checks have run."""

from durable_lint.checks.base import WARNING, Rule

RULE = Rule("DUR901", "unused-suppression", WARNING, "a suppression comment that suppresses nothing", fix="safe")
