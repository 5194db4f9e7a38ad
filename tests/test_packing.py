"""Facts that were packed are the same when they are unpacked."""

from __future__ import annotations

import pytest
from fixture_files import FIXTURES

from durable_lint import source
from durable_lint.index import packing
from durable_lint.index.collect import collect
from durable_lint.index.facts import Function, Module
from durable_lint.index.scope import Shared


def facts_of(text: str) -> Module:
    decoded = source.decode(text.encode(), "m.py")
    return collect(decoded, source.parse(decoded), "/project/m.py")


def values(module: Module) -> object:
    """Everything in the facts, so that a number and a truth that are equal differ."""
    return repr(packing._plain_module(module))


def test_fixtures() -> None:
    shared = Shared()
    modules = []
    for file in sorted(FIXTURES.rglob("*.py")):
        decoded = source.read(file, file.name)
        modules.append(collect(decoded, source.parse(decoded), file.as_posix(), shared))
    unpacked = packing.unpack(packing.pack(modules))
    assert [values(one) for one in unpacked] == [values(one) for one in modules]
    assert len(modules) > 900


def test_kinds_of_records() -> None:
    module = facts_of(
        "def f(a: int, *b, c=1):\n"
        "    with open(a) as x:\n"
        "        try:\n"
        "            x.y[0] = {1, True, 1.0}\n"
        "        except (A, B):\n"
        "            return x.z\n"
        "        except C:\n"
        "            pass\n"
        "    for i in b:\n"
        "        if i == c and x['k']:\n"
        "            yield i\n"
    )
    (unpacked,) = packing.unpack(packing.pack([module]))
    assert values(unpacked) == values(module)
    f = unpacked.functions[1]
    assert {type(one).__name__ for one in (*f.parameters, *f.calls, *f.reads, *f.writes, *f.withs, *f.tries)} == {
        "Parameter", "Call", "Read", "Write", "Try",
    }  # fmt: skip
    assert [type(clause).__name__ for clause in f.tries[0].clauses] == ["Clause", "Clause"]
    assert (f.loops[0].names, f.comparisons[0].how) == (("i",), "Eq")
    assert f.loads["x"] == module.functions[1].loads["x"]


def test_what_is_equal_is_kept_once() -> None:
    module = facts_of("def f(a):\n    a.b(a.c)\n    return a\n\n\ndef g(a):\n    return a.c\n")
    (unpacked,) = packing.unpack(packing.pack([module]))
    for one in (module, unpacked):
        f, g = one.functions[1:]
        assert f.returns[0] is f.calls[0].callee[1]  # type: ignore[index]
        assert f.calls[0].args[0] is g.returns[0]


@pytest.mark.parametrize("field", ["bindings", "annotations", "attributes", "outer", "keys", "marks"])
def test_what_is_empty_takes_no_memory(field: str) -> None:
    one, other = facts_of("def f(): ...\ndef g(): ...\n").functions[1:]
    assert getattr(one, field) is getattr(other, field)
    assert [name for name in Function.__slots__ if isinstance(getattr(one, name), list | set | dict)] == [
        "bindings", "annotations", "attributes", "outer", "keys", "marks",
    ]  # fmt: skip


def test_places_of_names() -> None:
    text = "def f(a, b):\n    return a + b + a\n" + "# " + "x" * 70_000 + "\ndef g(a):\n    return a\n"
    f, g = facts_of(text).functions[1:]
    assert (list(f.loads), len(f.loads), "a" in f.loads, "c" in f.loads) == (["a", "b"], 2, True, False)
    places = {name: [text[start:end] for _, start, end in found] for name, found in f.loads.items()}
    assert places == {"a": ["a", "a"], "b": ["b"]}
    assert list(f.loads.values()) == [f.loads["a"], f.loads.get("b")]
    assert f.loads.get("c") == ()
    ((_, start, end),) = g.loads["a"]
    assert start > 70_000 and text[start:end] == "a"
