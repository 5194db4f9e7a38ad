"""Replaces a file whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path


class Refused(Exception):
    """A file was not replaced; the text says why."""


def replace(path: str, before: bytes, after: bytes) -> None:
    """Replace the content ``before`` of a file by ``after``; whatever happens, the file is the one or the other.

    The new file is written beside the old one, with its mode (and its owner, where that is allowed), and takes its name
    in one move. A symbolic link stays one: what it points to is replaced. Raises Refused when the file can't be
    written or is no longer as it was.
    """
    target = Path(os.path.realpath(path))
    temporary = None
    try:
        status = target.stat()
        if not os.access(target, os.W_OK):
            raise Refused("it is read-only")
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:60]}.", suffix=".durable-lint", dir=target.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as stream:
            stream.write(after)
            stream.flush()
            _take_on(stream.fileno(), status)
            os.fsync(stream.fileno())
        if target.read_bytes() != before:
            raise Refused("it has changed since it was read: run again")
        temporary.replace(target)
        temporary = None
    except OSError as error:
        raise Refused(error.strerror or str(error)) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()


def _take_on(handle: int, status: os.stat_result) -> None:
    """Give a new file the owner and the mode of the old one; another owner is no reason to refuse."""
    if hasattr(os, "fchown") and (status.st_uid, status.st_gid) != (os.getuid(), os.getgid()):
        with contextlib.suppress(OSError):
            os.fchown(handle, status.st_uid, status.st_gid)
    if hasattr(os, "fchmod"):
        os.fchmod(handle, stat.S_IMODE(status.st_mode))
