"""The findings of an old code base that may stay: a file by which they are known again, whatever moves around them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import NoReturn

from durable_lint import fingerprints, observed
from durable_lint.model import Diagnostic, Problem
from durable_lint.paths import display
from durable_lint.records import dataclass
from durable_lint.settings import ConfigError

DEFAULT = "durable-lint-baseline.json"
"""The name of the file where neither the settings nor the command line gives one."""

VERSION = 1
ABOUT = "Findings that durable-lint leaves out. 'durable-lint baseline' writes it anew."
_KEYS = ("code", "text", "fingerprint")
_TEXT = 100
_SHOWN = 5
"""How many entries that match nothing are named."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One finding: ``path`` is relative to the folder of the file with ``/``, ``text`` the line that it stands on."""

    path: str
    code: str
    text: str
    fingerprint: str


@dataclass(frozen=True)
class Baseline:
    """The entries of a file (absolute), by fingerprint; ``shown`` is its path as people read it."""

    file: Path
    shown: str
    entries: Mapping[str, Entry]
    data: bytes | None = None
    """The bytes of the file, None when there is none yet."""

    def key(self, entry: Entry) -> str:
        """The absolute path with ``/`` of an entry's file."""
        return Path(os.path.normpath(self.file.parent / entry.path)).as_posix()


def name(file: Path, key: str) -> str:
    """How a baseline names a file that is given by its absolute path."""
    return Path(os.path.relpath(key, file.parent)).as_posix()


def entries_of(
    file: Path, found: Iterable[Diagnostic], lines: Mapping[tuple[str, int], str], key: Callable[[str], str]
) -> list[Entry]:
    """The entries of findings in their order, among them all of each file that has any.

    ``key`` gives the absolute path for the path of a finding; ``lines`` as in ``RunResult``.
    """
    given = list(found)
    marks = fingerprints.fingerprints(given, lines, lambda path: name(file, key(path)))
    texts = [" ".join(lines.get((one.path, one.line), "").split())[:_TEXT] for one in given]
    return [
        Entry(name(file, key(one.path)), one.code, text, mark)
        for one, text, mark in zip(given, texts, marks, strict=True)
    ]


def written(entries: Iterable[Entry]) -> bytes:
    """The content of a file with these entries: sorted, by file, each on a line of its own for git to merge."""
    import json

    head = {"about": ABOUT, "version": VERSION, "fingerprints": fingerprints.VERSION}
    lines = ["{", *(f"{json.dumps(key)}: {json.dumps(value)}," for key, value in head.items())]
    by_path = groupby(sorted(set(entries)), key=lambda entry: entry.path)
    groups = [f"{_json(path)}: [\n{_rows(own)}\n]" for path, own in by_path]
    return "\n".join([*lines, '"findings": {', *([",\n".join(groups)] if groups else []), "}", "}", ""]).encode()


def _rows(entries: Iterable[Entry]) -> str:
    return ",\n".join(_json({key: getattr(entry, key) for key in _KEYS}) for entry in entries)


def _json(value: object) -> str:
    import json

    plain = json.dumps(value, ensure_ascii=False)
    try:
        plain.encode()
    except UnicodeEncodeError:  # a path that is no text
        return json.dumps(value)
    return plain


def read(file: Path, cwd: Path) -> Baseline:
    """A baseline; raises ConfigError for one that is missing, or is none of ours."""
    import json

    shown = display(file, cwd)
    try:
        data = observed.read_bytes(file)
    except FileNotFoundError:
        _refuse(shown, "there is no such baseline: durable-lint baseline writes it")
    except OSError as error:
        _refuse(shown, f"can't be read: {error.strerror}")
    try:
        text = data.decode("utf-8-sig")
        document = json.loads(text)
    except UnicodeDecodeError as error:
        _refuse(shown, f"is not UTF-8 (byte {error.start}): durable-lint baseline writes it anew once it is deleted")
    except json.JSONDecodeError as error:
        conflict = next((number for number, line in enumerate(text.split("\n"), 1) if line.startswith("<<<<<<<")), 0)
        if conflict:
            _refuse(shown, "holds a merge conflict: keep the lines of both sides", conflict)
        _refuse(shown, f"is not valid JSON: {error.msg}", error.lineno)
    except RecursionError:
        _refuse(shown, "is nested too deep")
    return Baseline(file, shown, _entries(document, shown), data)


def _entries(document: object, shown: str) -> dict[str, Entry]:
    if not isinstance(document, dict) or not isinstance(document.get("findings"), dict):
        _refuse(shown, "is no baseline: it holds no findings")
    if (document.get("version"), document.get("fingerprints")) != (VERSION, fingerprints.VERSION):
        _refuse(shown, "is of another version of durable-lint: delete it, then durable-lint baseline writes it anew")
    found: dict[str, Entry] = {}
    for path, rows in document["findings"].items():
        for one in rows if isinstance(rows, list) else [None]:
            if not isinstance(one, dict) or set(one) != set(_KEYS) or not all(isinstance(one[key], str) for key in one):
                _refuse(shown, f'a finding of "{path}" must have the keys {", ".join(_KEYS)}, each with a string')
            found[one["fingerprint"]] = Entry(path, **one)
    return found


def _refuse(shown: str, message: str, line: int = 0) -> NoReturn:
    raise ConfigError(Problem("configuration", shown, message, line))


class Baselines:
    """The baselines of one run, each read once, and which of their entries were found again."""

    def __init__(self, cwd: Path, *, on: bool) -> None:
        self._cwd = cwd
        self._on = on
        self.given: list[str] = []
        """The absolute paths, with ``/``, of the files and folders to lint."""
        self._known: dict[Path, Baseline | ConfigError] = {}
        self._matched: dict[Path, set[str]] = {}

    def load(self, file: Path | None) -> None:
        """Read a baseline before it is needed; raises ConfigError when it can't be used."""
        if file is None or not self._on:
            return
        if file not in self._known:
            try:
                self._known[file] = read(file, self._cwd)
            except ConfigError as error:
                self._known[file] = error
        known = self._known[file]
        if isinstance(known, ConfigError):
            raise known

    def new(
        self, file: Path | None, key: str, found: list[Diagnostic], lines: Mapping[tuple[str, int], str]
    ) -> list[Diagnostic]:
        """Those of all findings in a file (given by its absolute path) that the baseline ``file`` doesn't hold."""
        baseline = self._known.get(file) if file is not None else None
        if file is None or not isinstance(baseline, Baseline):
            return found
        entries = entries_of(file, found, lines, lambda _: key)
        matched = self._matched.setdefault(file, set())
        matched.update(entry.fingerprint for entry in entries if entry.fingerprint in baseline.entries)
        return [one for one, entry in zip(found, entries, strict=True) if entry.fingerprint not in baseline.entries]

    def covers(self, key: str) -> bool:
        """Whether a file (by its absolute path) was among those to lint, excluded or not."""
        return any(key == given or key.startswith(given.rstrip("/") + "/") for given in self.given)

    def notes(self, judged: Callable[[str, str], bool]) -> list[str]:
        """What is to be said: how much was left out, and which entries match nothing any more.

        ``judged`` says whether a code was looked for in a file (by its absolute path). A run over some files of a
        baseline says nothing of its entries: what is found in one file can depend on others.
        """
        said: list[str] = []
        for baseline in self._known.values():
            if isinstance(baseline, ConfigError):
                continue
            matched = self._matched.get(baseline.file, set())
            count = sum(self.covers(baseline.key(baseline.entries[mark])) for mark in matched)
            if count:
                are, them = (" is", "it") if count == 1 else ("s are", "them")
                said.append(f"{count} finding{are} left out: {baseline.shown} holds {them}")
            if all(self.covers(baseline.key(one)) or is_gone(baseline, one) for one in baseline.entries.values()):
                left = [one for mark, one in baseline.entries.items() if mark not in matched]
                said += _stale(baseline, sorted(one for one in left if is_stale(baseline, one, judged)))
        return said


def is_stale(baseline: Baseline, entry: Entry, judged: Callable[[str, str], bool]) -> bool:
    """Whether an entry that matches nothing has nothing to match, rather than that nobody looked."""
    return is_gone(baseline, entry) or judged(baseline.key(entry), entry.code)


def is_gone(baseline: Baseline, entry: Entry) -> bool:
    """Whether the file of an entry is there no more."""
    return not observed.kind(baseline.key(entry))


def _stale(baseline: Baseline, stale: list[Entry]) -> list[str]:
    drops = "durable-lint baseline --prune drops it"
    said = [
        f'{baseline.shown}: {one.code} is no longer found in {one.path} at "{one.text}": {drops}'
        for one in stale[:_SHOWN]
    ]
    if len(stale) > _SHOWN:
        said.append(f"{baseline.shown}: {len(stale) - _SHOWN} more entries match nothing any more")
    return said
