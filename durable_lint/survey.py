"""What a project looks like, as far as its first configuration depends on it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from durable_lint.dependencies import NEWEST, Dependencies
from durable_lint.discovery import discover, mentions
from durable_lint.model import SdkVersion
from durable_lint.records import dataclass


@dataclass(frozen=True)
class Survey:
    """``workflows`` counts the files that speak of an SDK, of ``files`` Python files.

    ``roots`` are the folders in which the top-level modules of those lie, ``tests`` those that hold tests; both are
    relative to the project, with ``/``. ``sdk_source`` is the file that says the version, empty when none does.
    ``pre_commit``, ``github``, ``gitlab`` and ``ruff`` are used and don't know of durable-lint.
    """

    files: int
    workflows: int
    roots: tuple[str, ...]
    tests: tuple[str, ...]
    sdk: SdkVersion
    sdk_source: str
    pre_commit: bool
    github: bool
    gitlab: bool
    ruff: bool


def survey(folder: Path) -> Survey:
    """Look at the project in an absolute folder; what can't be read counts for nothing."""
    from durable_lint.knowledge import profile_tables

    known = profile_tables.load()
    names = {root.encode() for profile in known for root in profile.roots}
    found = [one.file for one in discover(["."], cwd=folder).files]
    tests = {file for file in found if _is_test(file.relative_to(folder))}
    workflows = [file for file in found if mentions(_data(file), names)]
    released = next(profile for profile in known if profile.versions)
    version, source = Dependencies().version(folder, released.distribution, released.versions)
    return Survey(
        files=len(found),
        workflows=len(workflows),
        roots=_shown(folder, (_root(file) for file in workflows if file not in tests)),
        tests=_shown(folder, (_test_folder(folder, file) for file in tests)),
        sdk=version,
        sdk_source="" if source == NEWEST else source,
        pre_commit=_lacks_us(folder.glob(".pre-commit-config.yaml")),
        github=_lacks_us(folder.glob(".github/workflows/*.y*ml")),
        gitlab=_lacks_us(folder.glob(".gitlab-ci.yml")),
        ruff=_lacks_codes(folder),
    )


def _data(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def _is_test(path: Path) -> bool:
    """Whether a file is a test by its name or its place, as pytest and unittest have them."""
    return path.stem.startswith("test_") or path.stem.endswith("_test") or path.parts[0] in ("tests", "test")


def _test_folder(folder: Path, file: Path) -> Path:
    """The outermost folder named after tests, else the one that a test lies in."""
    inner = [place for place in file.parents if place.is_relative_to(folder) and place.name in ("tests", "test")]
    return inner[-1] if inner and inner[-1] != folder else file.parent


def _root(file: Path) -> Path:
    """The folder in which the outermost package of a module lies."""
    folder = file.parent
    while (folder / "__init__.py").is_file() and folder.parent != folder:
        folder = folder.parent
    return folder


def _shown(folder: Path, places: Iterable[Path]) -> tuple[str, ...]:
    """Folders relative to the project, sorted; those outside of it and those with names that no text can hold not."""
    inside = {place.relative_to(folder).as_posix() for place in places if place.is_relative_to(folder)}
    return tuple(sorted(name for name in inside if name.isprintable()))


def _lacks_us(files: Iterable[Path]) -> bool:
    """Whether there are files for a tool, and none of them names durable-lint."""
    texts = [_data(file) for file in files]
    return bool(texts) and not any(b"durable-lint" in text for text in texts)


def _lacks_codes(folder: Path) -> bool:
    """Whether the project uses ruff, and doesn't tell it of our codes."""
    texts = [_data(folder / name) for name in ("ruff.toml", ".ruff.toml") if (folder / name).is_file()]
    texts += [text for text in [_data(folder / "pyproject.toml")] if b"[tool.ruff" in text]
    return bool(texts) and not any(re.search(rb"""external\s*=\s*\[[^]]*["']DUR""", text) for text in texts)
