"""The tables of ``rules/`` as plain values, which load in a tenth of the time that reading TOML takes.

An installation writes them into the package (``hatch_build.py``), ``python -m durable_lint.knowledge.compiled`` writes
them anew. Each says of which bytes it was made: where those have changed, where it is damaged or missing, TOML is read.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from durable_lint.observed import digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FOLDER = Path(__file__).with_name("_compiled")
_SIZE = len(digest(b""))
_FORMAT = 4
"""The version of marshal's format, which every supported Python reads."""


def plain(name: str, made_of: Iterable[Path], make: Callable[[], Any]) -> Any:
    """What ``make`` gives, or what it gave when the files ``made_of`` held what they hold now."""
    try:
        data = (FOLDER / f"{name}.marshal").read_bytes()
        payload = data[2 * _SIZE :]
        if data[: 2 * _SIZE] == _digest(made_of) + digest(payload):
            return marshal.loads(payload)
    except (OSError, EOFError, ValueError, TypeError):
        pass  # none was written, or of another Python
    return make()


def tables(name: str, files: Sequence[Path]) -> Mapping[str, Any]:
    """What TOML files say, by their names. Raises OSError, UnicodeDecodeError or tomli.TOMLDecodeError."""
    found: Mapping[str, Any] = plain(name, files, lambda: _parsed(files))
    return found


def write() -> None:
    """Write what ``plain`` and ``tables`` look for."""
    from durable_lint.knowledge import catalogue, profile_tables, returns, types

    FOLDER.mkdir(exist_ok=True)
    _write("catalogue", catalogue.sources(), catalogue.read(catalogue.sources()))
    for name, files in (
        ("profiles", profile_tables.sources()),
        ("types", types.sources()),
        ("returns", returns.sources()),
    ):
        _write(name, files, _parsed(files))


def _write(name: str, made_of: Iterable[Path], value: Any) -> None:
    payload = marshal.dumps(value, _FORMAT)
    (FOLDER / f"{name}.marshal").write_bytes(_digest(made_of) + digest(payload) + payload)


def _parsed(files: Iterable[Path]) -> Mapping[str, Any]:
    import tomli

    return {file.name: tomli.loads(file.read_text("utf-8")) for file in files}


def _digest(files: Iterable[Path]) -> bytes:
    """What stands for the names and the contents of files."""
    contents = []
    for file in files:
        content = file.read_bytes()
        contents.append(b"%b %d\n%b" % (file.name.encode(), len(content), content))
    return digest(b"".join(contents))


if __name__ == "__main__":
    write()
