"""The cache of verdicts: what a run printed and found, kept for as long as nothing that it asked for has changed.

One file holds the verdict of one question (paths, options, folder, versions): everything that the run asked of the
file system (``observed``), its result, and the texts that it printed. One more file for each spelling of a command
line says which question that is, so that an unchanged run is answered before the command line is parsed.

The files are marshalled behind a digest and belong in a folder of the user's: one that others own or can write is not
used, and they are never looked for in what is linted. Whatever is wrong with them, the run goes on as if they weren't
there.
"""

from __future__ import annotations

import marshal
import os
import sys
import time

import durable_lint
from durable_lint import observed
from durable_lint.observed import Observations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

MAGIC = b"durable-lint cache 1\n"
SUFFIXES = (".verdict", ".record", ".args")
KEPT = 400
"""How many files the cache may hold; the oldest go first."""

TAG = """Signature: 8a477f597d28d172789f06886806bc55
# This file is a cache directory tag created by durable-lint: see https://bford.info/cachedir/
"""
SHOWN = 4
"""How many reports of one result are kept."""

_OTHERWISE = ("DURABLE_LINT_DEBUG", "_DURABLE_LINT_COMPLETE")
"""Variables of the environment that ask for something else."""

Printed = tuple[str, str, int]
"""What a run wrote to standard output and to standard error, and its exit status."""


class CacheError(Exception):
    """The cache can't be used; the text says why."""


class Verdict:
    """What a run asked, its result in plain values, and its reports by format and style, oldest first."""

    def __init__(self, seen: Observations, result: Any, shown: dict[tuple[object, ...], Printed]) -> None:
        self.seen = seen
        self.result = result
        self.shown = shown

    def is_fresh(self) -> tuple[bool, bool]:
        """Whether every answer is as it was; and whether signatures were brought up to date on the way."""
        now = Observations()
        return (True, _refreshed(self.seen, now)) if _same(self.seen, now) else (False, False)

    def changed_files(self) -> set[str] | None:
        """The files with another content; None when one is gone, or something else is not as it was."""
        now, changed = Observations(), set()
        for path, (old, content) in self.seen.files.items():
            try:
                if observed.signature(os.stat(path)) == old:  # noqa: PTH116
                    continue
                if observed.digest(observed.read_bytes(path)) != content:
                    changed.add(path)
            except (OSError, ValueError):
                return None
        _note_folders(self.seen, now)
        return changed if _same_links(self.seen) and _same_folders(self.seen, now) else None


def default_folder() -> str | None:
    """The folder for caches of the user's, by the conventions of the platform; None where there is none."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")  # noqa: PTH111 - pathlib stays out of warm runs
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        if not os.path.isabs(base):  # noqa: PTH117 - the specification says to ignore relative ones
            base = os.path.expanduser("~/.cache")  # noqa: PTH111
    return os.path.join(base, "durable-lint") if os.path.isabs(base) else None  # noqa: PTH117, PTH118


def key_of(kind: str, *parts: object) -> str:
    """The name of the file for a question: everything it depends on that is no file."""
    known = (kind, durable_lint.__version__, sys.version, tuple(sys.path), os.getcwd(), parts)  # noqa: PTH109
    return observed.digest(repr(known).encode()).hex() + f".{kind}"


class Cache:
    """The files in one folder, made when something is written. ``load`` and ``save`` raise nothing but CacheError."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def check(self) -> None:
        """Refuse a folder into which somebody else can put files: they would decide what a run says, or crash it."""
        try:
            status = os.stat(self.folder)  # noqa: PTH116
        except (OSError, ValueError):
            return  # reading or writing will say what is wrong
        if hasattr(os, "getuid"):
            if status.st_uid != os.getuid():
                raise CacheError(f"{self.folder} belongs to another user and is not used")
            if status.st_mode & 0o022:
                raise CacheError(f"{self.folder} can be written by others and is not used (chmod go-w)")

    def load(self, name: str) -> Any:
        """The values of a file, None when there is none; CacheError when it is damaged or can't be read."""
        path = os.path.join(self.folder, name)  # noqa: PTH118
        self.check()
        try:
            with open(path, "rb") as stream:  # noqa: PTH123
                data = stream.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise CacheError(f"{path} can't be read: {error.strerror}") from error
        head, body = data[: len(MAGIC) + 16], data[len(MAGIC) + 16 :]
        if head != _seal(name, body):
            raise CacheError(f"{path} is damaged and is not used")
        try:
            return marshal.loads(body)
        except (ValueError, EOFError, TypeError) as error:
            raise CacheError(f"{path} is damaged and is not used") from error

    def save(self, name: str, values: Any) -> None:
        """Write a file whole or not at all."""
        body = marshal.dumps(values)
        self.check()
        try:
            new = self._prepare()
            path = os.path.join(self.folder, name)  # noqa: PTH118
            temporary = f"{path}.{os.getpid()}-{time.monotonic_ns()}"
            try:
                handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
                with os.fdopen(handle, "wb") as stream:
                    stream.write(_seal(name, body) + body)
                os.replace(temporary, path)  # noqa: PTH105
            except BaseException:
                if os.path.exists(temporary):  # noqa: PTH110
                    os.unlink(temporary)  # noqa: PTH108
                raise
            if not new:
                self._prune()
        except OSError as error:
            raise CacheError(f"{self.folder} can't be written: {error.strerror}") from error

    def verdict(self, name: str) -> Verdict | None:
        """The verdict in a file, whether or not it is still true."""
        values = self.load(name)
        if values is None:
            return None
        seen = Observations()
        try:
            seen.files, seen.folders, seen.kinds, seen.links, result, shown = values
        except (TypeError, ValueError) as error:
            raise CacheError(f"{os.path.join(self.folder, name)} is damaged and is not used") from error  # noqa: PTH118
        if any(type(one) is not dict for one in (seen.files, seen.folders, seen.kinds, seen.links, shown)):
            raise CacheError(f"{os.path.join(self.folder, name)} is damaged and is not used")  # noqa: PTH118
        return Verdict(seen, result, shown)

    def save_verdict(self, name: str, verdict: Verdict) -> None:
        """Write a verdict; only the last reports are kept."""
        seen = verdict.seen
        shown = dict(list(verdict.shown.items())[-SHOWN:])
        self.save(name, (seen.files, seen.folders, seen.kinds, seen.links, verdict.result, shown))

    def clean(self) -> int:
        """Remove the cache's files, and its folder if it holds nothing else; gives how many verdicts there were."""
        removed = 0
        try:
            names = sorted(os.listdir(self.folder))  # noqa: PTH208
        except (FileNotFoundError, NotADirectoryError):
            return 0
        except OSError as error:
            raise CacheError(f"{self.folder} can't be read: {error.strerror}") from error
        try:
            for name in names:
                if any(suffix in name for suffix in SUFFIXES):
                    os.unlink(os.path.join(self.folder, name))  # noqa: PTH108, PTH118
                    removed += name.endswith(".verdict")
            if all(any(suffix in name for suffix in (*SUFFIXES, "CACHEDIR.TAG", ".gitignore")) for name in names):
                for name in ("CACHEDIR.TAG", ".gitignore"):
                    if name in names:
                        os.unlink(os.path.join(self.folder, name))  # noqa: PTH108, PTH118
                os.rmdir(self.folder)  # noqa: PTH106
        except OSError as error:
            raise CacheError(f"{self.folder} can't be cleaned: {error.strerror}") from error
        return removed

    def _prepare(self) -> bool:
        """Make the folder, marked as a cache that belongs in no repository and no backup; gives whether it is new."""
        if os.path.exists(os.path.join(self.folder, "CACHEDIR.TAG")):  # noqa: PTH110, PTH118
            return False
        os.makedirs(self.folder, mode=0o700, exist_ok=True)  # noqa: PTH103
        for name, text in ((".gitignore", "*\n"), ("CACHEDIR.TAG", TAG)):
            path = os.path.join(self.folder, name)  # noqa: PTH118
            if not os.path.exists(path):  # noqa: PTH110
                with open(path, "w", encoding="utf-8") as stream:  # noqa: PTH123
                    stream.write(text)
        return True

    def _prune(self) -> None:
        """Remove the oldest files beyond ``KEPT``; what another run removes at the same time is gone as well."""
        with os.scandir(self.folder) as entries:
            names = [entry.path for entry in entries if any(suffix in entry.name for suffix in SUFFIXES)]
        if len(names) <= KEPT:
            return
        aged = []
        for path in names:
            try:
                aged.append((os.stat(path).st_mtime_ns, path))  # noqa: PTH116
            except FileNotFoundError:
                continue
        for _, path in sorted(aged)[: len(aged) - KEPT * 3 // 4]:
            try:
                os.unlink(path)  # noqa: PTH108
            except FileNotFoundError:
                continue


def _seal(name: str, body: bytes) -> bytes:
    """How a file begins. It proves the name too: a file in the place of another one answers another question."""
    return MAGIC + observed.digest(name.encode() + body)


def note_tool(rules: str) -> None:
    """Note what this program consists of, its rules' data and the packages that it uses: they decide what is found."""
    places = [os.path.dirname(os.path.abspath(__file__)), rules]  # noqa: PTH100, PTH120
    for place in places:
        observed.kind(place)
    while places:
        for entry in observed.list_folder(places.pop()):
            if entry.is_dir() and entry.name != "__pycache__":
                places.append(entry.path)
            elif entry.name.endswith((".py", ".toml")):
                observed.read_bytes(entry.path)
    observed.note_installed()


def is_own(path: str, rules: str) -> bool:
    """Whether a file belongs to this program or to its rules."""
    places = (os.path.dirname(os.path.abspath(__file__)), rules)  # noqa: PTH100, PTH120
    return any(path.startswith(os.path.join(place, "")) for place in places)  # noqa: PTH118


def folder_in(args: Sequence[str]) -> str | None:
    """The folder that a command line names or means; None when it asks for no cache. It need not be valid: what is
    looked up is what the same command line left when it was parsed."""
    named = None
    for at, word in enumerate(args):
        if word == "--no-cache":
            return None
        if word == "--cache-dir" and at + 1 < len(args):
            named = args[at + 1]
        elif word.startswith("--cache-dir="):
            named = word.partition("=")[2]
    return named if named is not None else default_folder()


def answer(args: Sequence[str]) -> Printed | None:
    """What the same command line printed before, if it would print the same now; None when it must be run."""
    if "--watch" in args:
        return None
    folder = folder_in(args)
    if not folder or any(name in os.environ for name in _OTHERWISE) or sys.stdout is None or sys.stderr is None:
        return None
    cache = Cache(folder)
    try:
        meant = cache.load(key_of("args", tuple(args)))
        if meant is None:
            return None
        name, format_, color, quiet = meant
        verdict = cache.verdict(name)
        if verdict is None:
            return None
        printed = verdict.shown.get(look(format_, color, quiet))
        if printed is None:
            return None
        fresh, refreshed = verdict.is_fresh()
        if not fresh:
            return None
        if refreshed:
            cache.save_verdict(name, verdict)
    except (CacheError, ValueError, TypeError, AttributeError, LookupError, OSError):
        return None  # the whole run will say what is wrong
    return printed


def look(format_: str, color: str, quiet: bool) -> tuple[object, ...]:
    """What a report depends on besides its result."""
    from durable_lint.streams import wants_color, width_of

    streams = [(wants_color(color, stream, os.environ), width_of(stream)) for stream in (sys.stdout, sys.stderr)]
    return (format_, quiet, *streams[0], *streams[1])


def _same(seen: Observations, now: Observations) -> bool:
    """Whether all files, folders and links are as they were; where a signature proves nothing, contents are compared,
    and ``now`` gets the new ones."""
    stat = os.stat
    for path, (old, content) in seen.files.items():
        try:
            status = stat(path)
        except (OSError, ValueError):
            return False
        if (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino) != old:
            if old[0] not in (-1, status.st_size):
                return False
            now.files[path] = (observed.signature(status), content)
    _note_folders(seen, now)
    return _same_links(seen) and _same_folders(seen, now) and _same_contents(now)


def _note_folders(seen: Observations, now: Observations) -> None:
    """Note the folders whose signature isn't as it was."""
    for folder, (before, listings) in seen.folders.items():
        try:
            found: observed.Signature | None = observed.signature(os.stat(folder))  # noqa: PTH116
        except (OSError, ValueError):
            found = None
        if found != before:
            now.folders[folder] = (found, listings)


def _same_links(seen: Observations) -> bool:
    return all((observed.kind_now(path), os.path.realpath(path)) == before for path, before in seen.links.items())


def _same_folders(seen: Observations, now: Observations) -> bool:
    for folder, (_, listings) in now.folders.items():
        for purpose, before in listings.items():
            try:
                listed = observed.list_folder(folder, purpose)
            except OSError:
                return False
            if observed.listing(listed, purpose) != before:
                return False
        for name, kind in seen.kinds.get(folder, {}).items():
            if observed.kind_now(os.path.join(folder, name)) != kind:  # noqa: PTH118
                return False
    return True


def _same_contents(now: Observations) -> bool:
    for path, (_, content) in now.files.items():
        try:
            if observed.digest(observed.read_bytes(path)) != content:
                return False
        except (OSError, ValueError):
            return False
    return True


def _refreshed(seen: Observations, now: Observations) -> bool:
    changed = False
    for path, (found, content) in now.files.items():
        settled = now.settled(found)
        changed = changed or settled != seen.files[path][0]
        seen.files[path] = (settled, content)
    for folder, (there, listings) in now.folders.items():
        known = now.settled(there) if there is not None else None
        changed = changed or known != seen.folders[folder][0]
        seen.folders[folder] = (known, listings)
    return changed
