"""Which version of a package a project uses: what its lock files, its pins and its requirements say, in this order.

Nothing here is a problem of the run: a file that can't be read says nothing, as its own tools will complain of it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from durable_lint import observed
from durable_lint.model import SdkVersion

_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock")
NEWEST = "the newest known version"
"""What is said to have decided where no file does."""


class Dependencies:
    """Reads each directory once; with ``isolated`` it reads nothing."""

    def __init__(self, *, isolated: bool = False) -> None:
        self._isolated = isolated
        self._found: dict[tuple[str, str], tuple[SdkVersion, str] | None] = {}

    def version(self, directory: Path, distribution: str, known: Sequence[SdkVersion]) -> tuple[SdkVersion, str]:
        """The version of a distribution that holds in an absolute directory, and the file that says so.

        The nearest directory with such a file decides, up to the root of a git repository. A range stands for the
        newest of the ``known`` versions that it allows, because that is what gets installed.
        """
        passed: list[tuple[str, str]] = []
        found: tuple[SdkVersion, str] | None = None
        for place in () if self._isolated else (directory, *directory.parents):
            key = (os.fspath(place), distribution)
            if key in self._found:
                found = self._found[key]
                break
            passed.append(key)
            found = _in_directory(place, distribution, known)
            if found is not None or observed.kind(place / ".git"):
                break
        self._found.update(dict.fromkeys(passed, found))
        return found or (max(known), NEWEST)


def _in_directory(place: Path, distribution: str, known: Sequence[SdkVersion]) -> tuple[SdkVersion, str] | None:
    """What the files of one directory say; a lock file before a pin, a pin before a range."""
    mentioned = re.compile(re.escape(distribution).replace(r"\-", "[-_.]+"), re.IGNORECASE)
    for name in _LOCKS:
        text = _text(place / name)
        locked = _locked(text, distribution) if mentioned.search(text) else []
        if locked:
            return max(locked), name
    asked: list[tuple[str, str]] = []
    text = _text(place / "pyproject.toml")
    if mentioned.search(text):
        asked += [("pyproject.toml", one) for one in _in_pyproject(text, distribution)]
    for file in _requirement_files(place):
        text = _text(file)
        if mentioned.search(text):
            asked += [(file.name, one) for one in _in_requirements(text, distribution)]
    asked.sort(key=lambda one: not re.fullmatch(r"={2,3}[^*,]+", one[1]))
    return next(((_newest(specifier, known), name) for name, specifier in asked), None)


def _text(file: Path) -> str:
    try:
        return observed.read_bytes(file).decode("utf-8-sig", "replace") if observed.is_file(file) else ""
    except OSError:
        return ""


def _requirement_files(place: Path) -> list[Path]:
    """The files of requirements in a directory and its folder ``requirements``, the shortest names first."""
    try:
        files = _named(place, r"requirements.*\.(txt|in)")
        folder = place / "requirements"
        inner = _named(folder, r".+\.(txt|in)") if observed.is_folder(folder) else []
    except OSError:
        return []
    return [*sorted(files, key=_by_length), *sorted(inner, key=_by_length)]


def _named(folder: Path, pattern: str) -> list[Path]:
    entries = observed.list_folder(folder, observed.REQUIREMENTS)
    return [Path(entry.path) for entry in entries if re.fullmatch(pattern, entry.name)]


def _by_length(file: Path) -> tuple[int, str]:
    return len(file.name), file.name


def _locked(text: str, distribution: str) -> list[SdkVersion]:
    """The locked versions. Only the package's own entry is parsed: a lock file can have thousands of others."""
    found = []
    for entry in re.split(r"^\[\[package\]\]\s*$", text, flags=re.MULTILINE)[1:]:
        name = re.search(r'^name\s*=\s*"([^"]+)"', entry, re.MULTILINE)
        version = re.search(r'^version\s*=\s*"([^"]+)"', entry, re.MULTILINE)
        if name and version and _canonical(name[1]) == distribution:
            found += [parsed] if (parsed := _parsed(version[1])) is not None else []
    return found


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _parsed(text: str) -> SdkVersion | None:
    from packaging.version import InvalidVersion, Version

    try:
        return SdkVersion(*Version(text).release[:3])
    except InvalidVersion:
        return None


def _newest(specifier: str, known: Sequence[SdkVersion]) -> SdkVersion:
    """The newest known version that a specifier allows; else the newest that it names itself, as ``==1.2.9``."""
    from packaging.specifiers import SpecifierSet

    allowed = SpecifierSet(specifier)
    fitting = [one for one in known if allowed.contains(str(one), prereleases=True)]
    named = [one.version.removesuffix(".*") for one in allowed]
    fitting = fitting or [
        parsed for one in named if allowed.contains(one, prereleases=True) and (parsed := _parsed(one))
    ]
    return max(fitting, default=max(known))


# Requirements


def _in_requirements(text: str, distribution: str) -> Iterator[str]:
    """The specifiers of a distribution in a file of requirements: one requirement per line, options behind it."""
    for line in text.replace("\\\n", " ").replace("\\\r\n", " ").splitlines():
        requirement = re.split(r"(?:^|\s)(?:#|--?[a-zA-Z])", line, maxsplit=1)[0]
        specifier = _specifier(requirement, distribution)
        if specifier is not None:
            yield specifier


def _specifier(requirement: str, distribution: str) -> str | None:
    """The specifier in one requirement; None when it is of another distribution or can't be read."""
    from packaging.requirements import InvalidRequirement, Requirement

    name = re.match(r"\s*([A-Za-z0-9][\w.-]*)", requirement)
    if name is None or _canonical(name[1]) != distribution:
        return None
    try:
        return str(Requirement(requirement.strip()).specifier)
    except InvalidRequirement:
        return None


def _in_pyproject(text: str, distribution: str) -> Iterator[str]:
    """The specifiers of a distribution in a ``pyproject.toml``: those of the package itself before its groups."""
    import tomli

    try:
        document = tomli.loads(text)
    except (tomli.TOMLDecodeError, RecursionError):
        return
    project, tools = _table(document, "project"), _table(document, "tool")
    lists = [project.get("dependencies"), *_table(project, "optional-dependencies").values()]
    lists += [*_table(document, "dependency-groups").values(), _table(tools, "uv").get("dev-dependencies")]
    for requirements in lists:
        for requirement in requirements if isinstance(requirements, list) else ():
            specifier = _specifier(requirement, distribution) if isinstance(requirement, str) else None
            if specifier is not None:
                yield specifier
    poetry = _table(tools, "poetry")
    groups = [poetry, *(group for group in _table(poetry, "group").values() if isinstance(group, dict))]
    for group in groups:
        for name, constraint in (_table(group, "dependencies") | _table(group, "dev-dependencies")).items():
            if _canonical(name) == distribution:
                yield from _of_poetry(constraint)


def _table(table: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = table.get(key)
    return value if isinstance(value, dict) else {}


def _of_poetry(constraint: object) -> Iterator[str]:
    """A constraint of Poetry, ``"^2.0"`` or ``{version = "~2.1"}``, as a specifier."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    text = constraint.get("version", "*") if isinstance(constraint, dict) else constraint
    if not isinstance(text, str):
        return
    parts = re.findall(r"(\^|~(?!=)|[<>=!~]*)\s*(\d[\w.*+!-]*)", text.split("||")[-1])
    specifier = ",".join(_poetry_bounds(operator, version) for operator, version in parts)
    try:
        yield str(SpecifierSet(specifier))
    except InvalidSpecifier:
        return


def _poetry_bounds(operator: str, version: str) -> str:
    if operator not in ("^", "~"):
        return f"{operator or '=='}{version}"
    numbers = [int(number) for number in re.findall(r"\d+", version)][:3]
    kept = 1 if operator == "^" or len(numbers) == 1 else 2
    if operator == "^" and not numbers[0] and len(numbers) > 1:
        kept = 2  # ^0.3 stays below 0.4
    return f">={version},<{'.'.join(map(str, [*numbers[: kept - 1], numbers[kept - 1] + 1]))}"
