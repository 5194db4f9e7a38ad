"""The commands, one module for each group. At import they load no more than click; ``table`` not even that."""

NAMES = ("rules", "explain", "config", "baseline", "add-ignores", "clean", "init", "graph", "completion", "server")
"""The words that name a command; ``check`` is meant where none of them is given."""

COMPLETING = "_DURABLE_LINT_COMPLETE"
"""The environment variable by which a shell's script asks for words: ``bash_complete``, ``zsh_complete`` or
``fish_complete``."""
