"""The language server: analysis of open documents (``session``), and what LSP makes of it (``app`` and the rest)."""
