"""What changed since a git revision, and which findings stand on it or are caused by it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from durable_lint import observed
from durable_lint.causes import Causes, Hunk
from durable_lint.model import Diagnostic, Location, Problem, RunResult
from durable_lint.records import replace
from durable_lint.settings import ConfigError
from durable_lint.source import SourceError, parse, read

_DIFF = (
    *("diff", "-U0", "--no-color", "--no-ext-diff", "--no-textconv", "--text", "--find-renames", "--no-relative"),
    *("--inter-hunk-context=0", "--src-prefix=a/", "--dst-prefix=b/", "--ignore-submodules=all"),
)
"""What a user's settings of git could change is said."""

_HEADERS = re.compile(
    rb"(?:old mode|new mode|deleted file mode|new file mode|similarity index|dissimilarity index"
    rb"|rename from|rename to|index|---|\* Unmerged path) "
)
_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@(?: |$)")
_BARE_RETURN = re.compile(rb"\r(?!\n)")
_ESCAPE = re.compile(rb'\\([0-7]{3}|[abtnvfr"\\])')
_LETTERS = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}


class Changes:
    """What changed in the files of a repository since a revision; what git doesn't know counts as changed."""

    def __init__(self, root: Path, cwd: Path, tracked: set[bytes], hunks: dict[bytes, list[Hunk]]) -> None:
        self._root = os.fsencode(os.path.realpath(root))
        self._cwd = cwd
        self._tracked = tracked
        self._hunks = hunks
        self._causes: dict[str, Causes | None] = {}

    def narrowed(self, result: RunResult) -> RunResult:
        """The result with those findings only that stand on what changed, or are caused by it."""
        return replace(result, diagnostics=tuple(found for found in result.diagnostics if self.cause(found)))

    def touch(self, place: Location) -> bool:
        """Whether a place, as a finding or its path gives it, was changed."""
        hunks = self._of(place.path)
        return hunks is None or any(hunk.touches(place.start.line, place.end.line) for hunk in hunks)

    def cause(self, found: Diagnostic) -> bool:
        """Whether a finding, or what is on its path, stands on a changed line or depends on one."""
        places = [found.location, *(hop.location for hop in found.related)]
        return any(self.touch(place) for place in places) or any(self._change(place) for place in places)

    def _change(self, place: Location) -> bool:
        """Whether a place depends on a change of its file, or may for all that is known."""
        hunks = self._of(place.path)
        if not hunks:
            return False
        if place.path not in self._causes:
            self._causes[place.path] = self._causes_in(place.path, hunks)
        causes = self._causes[place.path]
        return causes is None or causes.cause(place.span)

    def _causes_in(self, path: str, hunks: list[Hunk]) -> Causes | None:
        """What the changes of a file cause; None when they can't be compared with its lines."""
        try:
            source = read(self._cwd / path, path, limit=observed.LARGEST)
            # lines that end in a bare carriage return are no lines to git
            return None if _BARE_RETURN.search(source.data) else Causes(source, parse(source), hunks)
        except SourceError:
            return None

    def _of(self, path: str) -> list[Hunk] | None:
        """The changes of a file, None for one that is new as a whole."""
        name = os.path.relpath(os.fsencode(os.path.realpath(self._cwd / path)), self._root)
        name = name.replace(os.fsencode(os.sep), b"/")
        return self._hunks.get(name, []) if name in self._tracked else None


def changes_since(revision: str, cwd: Path, *, only_python: bool = True) -> Changes:
    """What changed in the working tree of the repository around ``cwd`` since a revision.

    ``revision...`` with three dots is where the branch left that revision; ``only_python`` looks at ``*.py`` only.
    Raises ConfigError (kind ``usage``) when git or the revision can't be had.
    """
    root = Path(os.fsdecode(_git(cwd, "rev-parse", "--show-toplevel", said=f"{cwd} is in no git repository")[:-1]))
    commit = _commit(revision, cwd)
    tracked = _git(root, "ls-files", "-z", said="git can't list the files of the repository").split(b"\0")
    which = (":(top,icase)*.py",) if only_python else ()
    text = _git(root, *_DIFF, commit, "--", *which, said=f'git can\'t compare with "{revision}"')
    try:
        lines = parsed(text)
    except ValueError as error:
        raise _refusal(f"the answer of git diff isn't understood ({error}): please report this") from error
    return Changes(root, cwd, set(tracked), lines)


def _commit(revision: str, cwd: Path) -> str:
    name = revision.removesuffix("...")
    shallow = "in a clone of limited depth fetch it first (actions/checkout: fetch-depth: 0)"
    said = f'git knows no revision "{name}": {shallow}'
    commit = _git(cwd, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", said=said)
    if name != revision:
        commit = _git(cwd, "merge-base", commit.decode().strip(), "HEAD", said=f'HEAD and "{name}" share no commit')
    return commit.decode().strip()


def _git(cwd: Path, *words: str, said: str) -> bytes:
    """What a git command prints; ``said`` is what to say when it fails."""
    environment = {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_DIFF_OPTS": ""}
    try:
        done = subprocess.run(
            ["git", *words], cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    except OSError as error:
        raise _refusal(f"it needs git, which can't be run: {error.strerror}") from error
    if done.returncode:
        why = " ".join(done.stderr.decode("utf-8", "backslashreplace").split()).removeprefix("fatal: ")
        raise _refusal(f"{said} ({why})" if why else said)
    return done.stdout


def _refusal(message: str) -> ConfigError:
    return ConfigError(Problem("usage", "", f"--diff-from: {message}"))


def parsed(diff: bytes) -> dict[bytes, list[Hunk]]:
    """The changes of each file (by its path in the repository) of a ``git diff -U0``.

    Raises ValueError for anything that is not expected there: a finding must not get lost because of it.
    """
    lines = iter(diff.split(b"\n")[:-1])
    found: dict[bytes, list[Hunk]] = {}
    current: list[Hunk] | None = None
    for line in lines:
        if line.startswith(b"@@"):
            if current is None:
                raise ValueError("a hunk of no file")
            _take_hunk(line, lines, current)
        elif line.startswith(b"diff --git "):
            current = None
        elif line.startswith(b"+++ "):
            current = found.setdefault(_path(line[4:]), [])
        elif not _HEADERS.match(line) and line != b"\\ No newline at end of file":
            raise ValueError(f"unknown line {line[:40]!r}")
    return found


def _take_hunk(head: bytes, lines: Iterator[bytes], into: list[Hunk]) -> None:
    match = _HUNK.match(head)
    if match is None:
        raise ValueError(f"unknown head of a hunk {head[:40]!r}")
    gone, first, come = int(match[1] or 1), int(match[2]), int(match[3] or 1)
    old: list[bytes] = []
    for sign, count in ((b"-", gone), (b"+", come)):
        while count:
            line = next(lines, b"")
            if line.startswith(sign):
                count -= 1
                if sign == b"-":
                    old.append(line[1:])
            elif not line.startswith(b"\\"):
                raise ValueError(f"a hunk ends early at {line[:40]!r}")
    into.append(Hunk(first, come, b"\n".join(old)))


def _path(written: bytes) -> bytes:
    """The path behind ``+++``, without the prefix ``b/``; empty for a file that is gone."""
    name = written.removesuffix(b"\t")
    if name.startswith(b'"') and name.endswith(b'"'):
        name = _ESCAPE.sub(_escaped, name[1:-1])
    if name == b"/dev/null":
        return b""
    if not name.startswith(b"b/"):
        raise ValueError(f"unknown path {written[:40]!r}")
    return name[2:]


def _escaped(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([int(code, 8)]) if len(code) == 3 else _LETTERS.get(code, code)
