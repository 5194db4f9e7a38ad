"""Replaces a file whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

from durable_lint import observed


class Refused(Exception):
    """A file was not replaced; the text says why."""


def replace(path: str, before: bytes, after: bytes) -> None:
    """Replace the content ``before`` of a file by ``after``; whatever happens, the file is the one or the other.

    The new file is written beside the old one, with its mode (and its owner, where that is allowed), and takes its name
    in one move. A symbolic link stays one: what it points to is replaced. Raises Refused when the file can't be
    written or is no longer as it was.
    """

    def unchanged(target: Path) -> None:
        if observed.read_bytes(target) != before:
            raise Refused("it has changed since it was read: run again")

    target = Path(os.path.realpath(path))
    try:
        _move_in(target, after, target.stat(), unchanged)
    except OSError as error:
        raise Refused(error.strerror or str(error)) from error


def create(path: str, data: bytes) -> None:
    """Make a file with this content, whole or not at all. Raises Refused, also when something has its name already."""

    def free(target: Path) -> None:
        if os.path.lexists(target):
            raise Refused("it is there already")

    target = Path(path).absolute()
    try:
        free(target)
        _move_in(target, data, None, free)
    except OSError as error:
        raise Refused(error.strerror or str(error)) from error


def write(path: str, data: bytes) -> None:
    """Make ``data`` the content of a file, which need not exist: a reader sees the old one whole or the new one whole.

    Missing folders are made. A stream (a pipe, what is below ``/dev``) is written to as it is. Raises Refused.
    """
    given = Path(path)
    try:
        given.parent.mkdir(parents=True, exist_ok=True)
        status = given.stat() if given.exists() else None
        if given.is_relative_to("/dev") or (status is not None and not stat.S_ISREG(status.st_mode)):
            with given.open("ab") as stream:
                stream.write(data)
        else:
            _move_in(Path(os.path.realpath(path)), data, status, lambda _: None)
    except OSError as error:
        raise Refused(error.strerror or str(error)) from error


def _move_in(target: Path, data: bytes, status: os.stat_result | None, check: Callable[[Path], None]) -> None:
    """Write beside ``target``, whose status is given if it exists, then ``check`` it and give the new file its name."""
    if status is not None and not os.access(target, os.W_OK):
        raise Refused("it is read-only")
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:60]}.", suffix=".durable-lint", dir=target.parent)
    temporary: Path | None = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            if status is not None:
                _take_on(stream.fileno(), status)
            elif hasattr(os, "fchmod"):
                os.fchmod(stream.fileno(), 0o666 & ~_umask())
            os.fsync(stream.fileno())
        check(target)
        Path(name).replace(target)
        temporary = None
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()


def _umask() -> int:
    """The mask of the process, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _take_on(handle: int, status: os.stat_result) -> None:
    """Give a new file the owner and the mode of the old one; another owner is no reason to refuse."""
    if hasattr(os, "fchown") and (status.st_uid, status.st_gid) != (os.getuid(), os.getgid()):
        with contextlib.suppress(OSError):
            os.fchown(handle, status.st_uid, status.st_gid)
    if hasattr(os, "fchmod"):
        os.fchmod(handle, stat.S_IMODE(status.st_mode))
