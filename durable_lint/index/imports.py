"""What an import stands for. The API of an SDK that a profile describes is not looked up in its source."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from durable_lint.index import things as t
from durable_lint.index.things import Things

if TYPE_CHECKING:
    from durable_lint.index.evaluate import Evaluator


def imported(ev: Evaluator, importer: str, level: int, module: str, name: str) -> Things:
    """The name of a module, or the module where ``name`` is empty, as the file ``importer`` imports it."""
    path = ev.modules.find(importer, level, module)
    if path is None:
        if level:
            return t.NOTHING
        return ev.external(f"{module}.{name}" if name else module)
    if not level and _is_described(ev, importer, module, name):
        if name:
            return ev.external(f"{module}.{name}")
        ev.homes[module] = path
        return frozenset({(t.EXT, module)})
    if path == importer and name:  # a package that imports from itself means its submodule
        return ev.submodule(path, name)
    return ev.member_of(path, name) if name else frozenset({(t.MODULE, path)})


def _is_described(ev: Evaluator, importer: str, module: str, name: str) -> bool:
    """Whether a profile describes a module of the project, or the name in it, for code outside of its package."""
    described = ev.is_api(f"{module}.{name}") if name else ev.is_sdk(module)
    if not described:
        return False
    home = ev.modules.find(importer, 0, module.partition(".")[0]) or ""
    package = str(PurePosixPath(home).parent) if home.endswith("/__init__.py") else home
    return importer != home and not importer.startswith(f"{package}/")
