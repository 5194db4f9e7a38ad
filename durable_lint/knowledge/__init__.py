"""The one door to ``rules/``: pages, catalogue and profiles are data that a reviewer can check without reading code."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path


@cache
def rules_dir() -> Path:
    """The folder with the rule pages: packaged as ``_rules`` in a wheel, ``rules/`` beside the package in a checkout.

    A checkout's own folder wins, because an editable install may leave a stale packaged copy.
    Raises FileNotFoundError when neither is there: the installation is broken.
    """
    package = Path(__file__).resolve().parent.parent
    for folder in (package.parent / "rules", package / "_rules"):
        if (folder / "catalogue").is_dir() and (folder / "profiles").is_dir():
            return folder
    raise FileNotFoundError(f"durable-lint's rule data is missing beside {package}: reinstall durable-lint")


def toml_files(folder: Path) -> Sequence[Path]:
    """The ``*.toml`` files in a folder, sorted by name."""
    return [folder / name for name in sorted(os.listdir(folder)) if name.endswith(".toml")]  # noqa: PTH208
