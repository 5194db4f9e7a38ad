"""What a run asks of the file system, noted down, so that a later run can tell whether the answers are still the same.

Every question whose answer can change a result goes through here: what a file holds, what is in a folder, what stands
at a path and where it really is. Outside of ``recording`` the functions only ask. This module imports nothing of ours.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

try:
    from _blake2 import blake2b  # hashlib loads OpenSSL first, which costs more than a whole warm run's hashing
except ImportError:
    from hashlib import blake2b

Signature = tuple[int, int, int, int]
"""The size, the times of the last change of content and of status in ns, and the number of an inode."""

UNKNOWN: Signature = (-1, 0, 0, 0)
"""Stands for a signature that proves nothing: the content must be compared."""

SETTLED = 2_000_000_000
"""How old a change must be, in ns, before an unchanged signature proves an unchanged file: clocks of file systems tick
in steps of up to two seconds."""

FILE, FOLDER, OTHER, NOTHING = "file", "folder", "other", ""
"""What can stand at a path."""

SIZE_LIMIT = 5_000_000
"""The size in bytes up to which a file is read, unless settings say otherwise. It lies above generated clients of APIs,
whose bytes are only searched (5 ms); where it speaks of an SDK, a file of 1 MB already takes 4 to 30 s to judge."""

LARGEST = 100_000_000
"""The size in bytes up to which a file is read by whoever has no limit of his own."""

_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""How files are opened: not even one that has become a pipe since it was looked at may keep us waiting."""

_SKIPPED = frozenset((".git", ".hg", ".mypy_cache", ".pytest_cache", ".ruff_cache", "__pycache__", "node_modules"))
_NAMES = frozenset((".gitignore", "pyvenv.cfg"))

MODULES, REQUIREMENTS = "modules", "requirements"
"""What a folder is listed for: Python files, folders and what decides about them; or files of requirements."""

_SUFFIXES = {MODULES: (".py", ".pyw", ".pth", ".toml"), REQUIREMENTS: (".txt", ".in")}


class Observations:
    """The questions of one run and their answers; paths are absolute."""

    def __init__(self) -> None:
        self.began = time.time_ns()
        self.files: dict[str, tuple[Signature, bytes]] = {}
        """The signature and the digest of every file that was read."""
        self.folders: dict[str, tuple[Signature | None, dict[str, bytes]]] = {}
        """The signature (None: there is none) of every folder that was listed or asked for a name, and the digests of
        its listings by what they were for."""
        self.kinds: dict[str, dict[str, str]] = {}
        """By folder: what stands at the names that were asked for. They are as long as the folder is as it was."""
        self.links: dict[str, tuple[str, str]] = {}
        """What stands behind symbolic links, and where that really is: no folder tells."""
        self.spoiled = False
        """Whether something was asked whose answer isn't noted: then nothing may be concluded later."""

    def state(self) -> bytes:
        """What stands for the contents of all files."""
        return digest(repr([(path, content) for path, (_, content) in sorted(self.files.items())]).encode())

    def renewed(self, new: Observations, changed: set[str]) -> Observations | None:
        """What was asked here and in a later run over changed files; None where the answers don't go together."""
        both = Observations()
        both.began = new.began
        files = {path: (new.settled(sign), content) for path, (sign, content) in new.files.items()}
        both.files = {**self.files, **files}
        both.kinds = {folder: {**self.kinds.get(folder, {}), **kinds} for folder, kinds in new.kinds.items()}
        both.kinds = {**self.kinds, **both.kinds}
        both.links = {**self.links, **new.links}
        for folder, (sign, listings) in new.folders.items():
            before = self.folders.get(folder, (None, {}))[1]
            both.folders[folder] = (new.settled(sign) if sign is not None else None, {**before, **listings})
        both.folders = {**self.folders, **both.folders}
        return both if not new.spoiled and self._agrees(both, changed) and changed <= set(files) else None

    def _agrees(self, later: Observations, changed: set[str]) -> bool:
        """Whether all that was asked here is answered alike later, but for the contents of changed files."""
        return (
            all(later.files[path][1] == one[1] for path, one in self.files.items() if path not in changed)
            and all(
                later.kinds[folder][name] == kind for folder, own in self.kinds.items() for name, kind in own.items()
            )
            and all(later.links[path] == link for path, link in self.links.items())
            and all(
                later.folders[folder][1][purpose] == listing
                for folder, (_, own) in self.folders.items()
                for purpose, listing in own.items()
            )
        )

    def settled(self, signature: Signature) -> Signature:
        """The signature if it will still prove something later, else ``UNKNOWN``."""
        return signature if max(signature[1], signature[2]) < self.began - SETTLED else UNKNOWN


_current: Observations | None = None


class recording:
    """Note down everything that is asked inside."""

    def __enter__(self) -> Observations:
        global _current
        self._before, _current = _current, Observations()
        return _current

    def __exit__(self, *_: object) -> None:
        global _current
        _current = self._before


def note_all(asked: Observations) -> None:
    """Note what was asked elsewhere in a part of the run that recorded for itself."""
    if _current is None:
        return
    for path, (sign, content) in asked.files.items():
        if _current.files.setdefault(path, (sign, content))[1] != content:
            spoil()
    for path, (folder, listings) in asked.folders.items():
        known = _current.folders.setdefault(path, (folder, {}))[1]
        if any(known.setdefault(purpose, listing) != listing for purpose, listing in listings.items()):
            spoil()
    for path, kinds in asked.kinds.items():
        _current.kinds.setdefault(path, {}).update(kinds)
    _current.links.update(asked.links)
    _current.spoiled = _current.spoiled or asked.spoiled


def signature(status: os.stat_result) -> Signature:
    """What changes when a file or a folder does."""
    return (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def digest(data: bytes) -> bytes:
    """16 bytes that stand for a content."""
    return blake2b(data, digest_size=16).digest()


def spoil() -> None:
    """Say that the run asks something which isn't noted."""
    if _current is not None:
        _current.spoiled = True


def note(path: str, data: bytes, status: os.stat_result) -> None:
    """Note the content of a file that was read; ``status`` was asked for before."""
    if _current is not None:
        content = digest(data)
        _, before = _current.files.setdefault(path, (signature(status), content))
        if before != content:
            spoil()


class TooLarge(OSError):
    """A file is larger than its reader allows."""


def read_bytes(path: str | os.PathLike[str], limit: int = LARGEST) -> bytes:
    """The content of a regular file of at most ``limit`` bytes; raises OSError, ``TooLarge`` for a larger one.

    Nothing else is opened: a pipe would wait for its other end, a device never ends or does something.
    """
    name = os.fspath(path)
    try:
        _check(os.stat(name), limit)  # noqa: PTH116 - this module stays clear of pathlib
        with open(os.open(name, _READ), "rb", buffering=0) as stream:  # noqa: PTH123
            status = os.fstat(stream.fileno())
            _check(status, limit)
            data = stream.readall()
        if len(data) > limit:
            raise _too_large(limit)
    except FileNotFoundError:
        kind(name)
        raise
    except OSError:
        spoil()
        raise
    note(name, data, status)
    return data


def _check(status: os.stat_result, limit: int) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, "it is a directory")
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
    if status.st_size > limit:
        raise _too_large(limit)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(errno.EFBIG, f"it is larger than {size_text(limit)}")


def size_text(size: int) -> str:
    """A number of bytes for people: ``5 MB``, ``800 kB``."""
    return f"{size // 1_000_000} MB" if not size % 1_000_000 else f"{size // 1000} kB" if size >= 1000 else f"{size} B"


def kind(path: str | os.PathLike[str]) -> str:
    """What stands at a path, behind links."""
    name = os.fspath(path)
    found = kind_now(name)
    if _current is not None:
        folder, base = os.path.split(name)
        _note_folder(folder or os.curdir)
        _current.kinds.setdefault(folder or os.curdir, {})[base] = found
        if found and os.path.islink(name):  # noqa: PTH114
            _current.links[name] = (found, os.path.realpath(name))
    return found


def is_file(path: str | os.PathLike[str]) -> bool:
    """Whether a regular file stands at a path, behind links."""
    return kind(path) == FILE


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Whether a folder stands at a path, behind links."""
    return kind(path) == FOLDER


def real_path(path: str | os.PathLike[str]) -> str:
    """Where a path really leads."""
    name = os.fspath(path)
    real = os.path.realpath(name)
    if _current is not None:
        _current.links[name] = (kind_now(name), real)
    return real


def list_folder(path: str | os.PathLike[str], purpose: str = MODULES) -> list[os.DirEntry[str]]:
    """The entries of a folder, sorted by name; use none that the purpose doesn't speak of. Raises OSError."""
    name = os.fspath(path)
    before = _status(name) if _current is not None else None
    try:
        with os.scandir(name) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:
        spoil()
        raise
    if _current is not None:
        there = signature(before) if before is not None else None
        listings = _current.folders.setdefault(name, (there, {}))[1]
        if listings.setdefault(purpose, listing(entries, purpose)) != listing(entries, purpose):
            spoil()
        for entry in entries:
            if purpose == MODULES and entry.is_symlink():
                _current.links[entry.path] = (kind_now(entry.path), os.path.realpath(entry.path))
    return entries


def note_installed() -> None:
    """Note which packages this interpreter finds: any that is installed, removed or upgraded changes the listing."""
    for place in dict.fromkeys(sys.path):
        if kind_now(place or os.curdir) == FOLDER:
            list_folder(place or os.curdir)


def listing(entries: Iterable[os.DirEntry[str]], purpose: str) -> bytes:
    """The digest of the entries of a folder, sorted by name, that can matter to a purpose."""
    lines = []
    for entry in entries:
        if purpose == REQUIREMENTS:
            kind, counts = "", entry.name.endswith(_SUFFIXES[purpose])
        elif entry.is_symlink():
            kind, counts = "l", True
        elif entry.is_dir(follow_symlinks=False):
            kind, counts = "d", entry.name not in _SKIPPED
        else:
            kind, counts = "f", entry.name in _NAMES or entry.name.endswith(_SUFFIXES[purpose])
        if counts:
            lines.append(kind + entry.name)
    return digest("\0".join(lines).encode("utf-8", "surrogateescape"))


def kind_now(path: str) -> str:
    """What stands at a path, behind links; nothing is noted."""
    status = _status(path)
    if status is None:
        return NOTHING
    return FILE if stat.S_ISREG(status.st_mode) else FOLDER if stat.S_ISDIR(status.st_mode) else OTHER


def _note_folder(folder: str) -> None:
    if _current is not None and folder not in _current.folders:
        status = _status(folder)
        _current.folders[folder] = (signature(status) if status is not None else None, {})


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116 - this module stays clear of pathlib
    except (OSError, ValueError):
        return None
