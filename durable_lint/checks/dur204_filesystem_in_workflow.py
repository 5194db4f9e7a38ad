"""DUR204: a use of the file system in code that is replayed."""

from durable_lint.checks.base import ERROR, Rule, effects

RULE = Rule("DUR204", "filesystem-in-workflow", ERROR, "a use of the file system in code that is replayed", "history")
check = effects(RULE, "filesystem", "every replay does it again, perhaps on another machine")
