"""The tables of ``rules/`` that load fast say what the TOML says, or they are not believed."""

from __future__ import annotations

import marshal
from collections.abc import Callable
from pathlib import Path

import pytest
from linting import ROOT, run_python

from durable_lint.knowledge import catalogue, compiled, profile_tables, returns, types


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the tables are, freshly written."""
    monkeypatch.setattr(compiled, "FOLDER", tmp_path / "compiled")
    compiled.write()
    return tmp_path / "compiled"


def refuse(*_: object) -> object:
    raise AssertionError("the TOML is read")


def test_they_say_what_the_toml_says(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = compiled._parsed
    made_of = catalogue.sources()
    read = catalogue.read(made_of)
    monkeypatch.setattr(compiled, "_parsed", refuse)
    assert compiled.plain("catalogue", made_of, refuse) == read
    for name, module in (("profiles", profile_tables), ("types", types), ("returns", returns)):
        assert compiled.tables(name, module.sources()) == parsed(module.sources())
    assert catalogue._load.__wrapped__(made_of[0].parent).call("time.time") is not None


BREAK: dict[str, Callable[[Path], object]] = {
    "missing": lambda file: file.unlink(),
    "empty": lambda file: file.write_bytes(b""),
    "cut off": lambda file: file.write_bytes(file.read_bytes()[:-1]),
    "another byte": lambda file: file.write_bytes(file.read_bytes()[:-1] + b"\xff"),
    "a folder": lambda file: (file.unlink(), file.mkdir()),
}


@pytest.mark.parametrize("how", BREAK)
def test_what_is_damaged_is_made_anew(folder: Path, how: str) -> None:
    BREAK[how](folder / "types.marshal")
    files = types.sources()
    assert compiled.tables("types", files) == compiled._parsed(files)


def test_what_marshal_refuses_is_made_anew(folder: Path) -> None:
    files = types.sources()
    (folder / "types.marshal").write_bytes(compiled._digest(files) + compiled.digest(b"?") + b"?")
    with pytest.raises(ValueError):
        marshal.loads(b"?")
    assert compiled.tables("types", files) == compiled._parsed(files)


@pytest.mark.parametrize(
    ("name", "text"), (("a.toml", "value = 2\n"), ("b.toml", "value = 1\n")), ids=("content", "name")
)
def test_what_was_made_of_something_else_is_made_anew(folder: Path, tmp_path: Path, name: str, text: str) -> None:
    before, after = tmp_path / "a.toml", tmp_path / name
    before.write_text("value = 1\n", "utf-8")
    compiled._write("mine", [before], compiled._parsed([before]))
    assert compiled.plain("mine", [before], refuse) == {"a.toml": {"value": 1}}
    after.write_text(text, "utf-8")
    assert compiled.tables("mine", [after]) == compiled._parsed([after]) != {"a.toml": {"value": 1}}


def test_a_change_of_the_code_that_reads_the_catalogue_counts(folder: Path, tmp_path: Path) -> None:
    *files, code = catalogue.sources()
    changed = tmp_path / code.name
    changed.write_bytes(code.read_bytes() + b"\n")
    assert compiled.plain("catalogue", [*files, code], lambda: "anew") != "anew"
    assert compiled.plain("catalogue", [*files, changed], lambda: "anew") == "anew"


def test_nothing_imports_toml_where_they_are_written(folder: Path) -> None:
    code = f"""
import pathlib, sys
from durable_lint.knowledge import catalogue, compiled, profile_tables, types
compiled.FOLDER = pathlib.Path({str(folder)!r})
catalogue.load(), profile_tables.load(), types.load()
print({{"tomli", "datetime"}} & set(sys.modules))
"""
    done = run_python("-c", code, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("set()\n", "")
