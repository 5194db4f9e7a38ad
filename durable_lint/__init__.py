"""durable-lint: a static analyzer for durable-execution code in Python."""

__version__ = "0.1.0"
