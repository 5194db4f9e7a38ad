"""Which top-level statements can hold a finding: what the visitor need not look at is never parsed by libcst."""

from __future__ import annotations

from durable_lint.index.facts import Module
from durable_lint.index.project import Project


def suspects(project: Project, module: Module) -> set[int]:
    """The indexes of the module's top-level statements that must be visited."""
    return {
        function.top
        for function in module.functions
        if function.top >= 0 and project.kinds((module.path, function.index))
    }
