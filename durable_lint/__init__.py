"""durable-lint: a static analyzer for durable-execution code in Python.

``lint_paths`` and ``lint_source`` are the public functions; both give a ``RunResult`` of ``Diagnostic`` values.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing itself would take a third of a warm run's imports
if TYPE_CHECKING:
    from typing import Any

    from durable_lint.engine import lint_paths
    from durable_lint.fixing import lint_source
    from durable_lint.model import Diagnostic, Problem, RunResult, Severity

__version__ = "0.1.0"
__all__ = ["Diagnostic", "Problem", "RunResult", "Severity", "__version__", "lint_paths", "lint_source"]


def __getattr__(name: str) -> Any:
    """Import the public names when they are asked for: the command's start must stay light."""
    if name == "lint_paths":
        from durable_lint.engine import lint_paths

        return lint_paths
    if name == "lint_source":
        from durable_lint.fixing import lint_source

        return lint_source
    if name in __all__:
        from durable_lint import model

        return getattr(model, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
