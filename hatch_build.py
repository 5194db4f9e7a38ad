"""Writes the tables of ``rules/`` in the form that loads fast when the package is built or installed for editing."""

from __future__ import annotations

import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledTables(BuildHookInterface):  # type: ignore[type-arg,misc]
    """Called by hatchling, see ``[tool.hatch.build.targets.wheel]`` in ``pyproject.toml``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the tables before the files are collected."""
        sys.path.insert(0, self.root)
        try:
            from durable_lint.knowledge import compiled

            compiled.write()
        finally:
            sys.path.remove(self.root)
