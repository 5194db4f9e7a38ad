"""What ``durable_lint.records`` makes behaves as what ``dataclasses`` makes."""

from __future__ import annotations

import ast
import copy
import dataclasses
import importlib
import operator
import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from linting import ROOT, run_python

from durable_lint import records
from durable_lint.model import Position

PACKAGE = ROOT / "durable_lint"
OPTIONS = {"frozen", "slots", "order", "eq"}


def made_classes() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Module, name and options of every class that the package makes with ``dataclass``."""
    for file in sorted(PACKAGE.rglob("*.py")):
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for node in ast.parse(file.read_bytes()).body:
            for decorator in node.decorator_list if isinstance(node, ast.ClassDef) else ():
                text = ast.unparse(decorator)
                if text == "dataclass" or text.startswith("dataclass("):
                    keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
                    yield module, node.name, {one.arg or "": ast.literal_eval(one.value) for one in keywords}


CLASSES = [pytest.param(*one, id=f"{one[0]}.{one[1]}") for one in made_classes()]


def test_many_classes_are_made() -> None:
    assert len(CLASSES) > 100


@pytest.mark.parametrize(("module", "name", "options"), CLASSES)
def test_a_class_is_as_the_standard_one(module: str, name: str, options: dict[str, Any]) -> None:
    assert options.keys() <= OPTIONS
    if module.startswith("durable_lint.server."):
        pytest.importorskip("lsprotocol")
    ours = getattr(importlib.import_module(module), name)
    assert not any(hasattr(base, "__record__") for base in ours.__bases__), "fields can't be inherited"
    fields = []
    for one in dataclasses.fields(ours):
        how = {key: getattr(one, key) for key in ("default", "default_factory", "init", "compare", "hash")}
        fields.append((one.name, one.type, dataclasses.field(**how)))
    theirs = dataclasses.make_dataclass(name, fields, **options)
    assert ours.__match_args__ == theirs.__match_args__
    assert hasattr(ours, "__slots__") == hasattr(theirs, "__slots__")
    if hasattr(ours, "__post_init__"):
        return
    given = {one.name: number for number, one in enumerate(dataclasses.fields(ours), 1) if one.init}
    least = {key: value for key, value in given.items() if _must_be_given(ours, key)}
    for values in (given, least):
        pair = ours(**values), theirs(**values)
        assert dataclasses.asdict(pair[0]) == dataclasses.asdict(pair[1])
        assert repr(pair[0]) == repr(pair[1]).replace(theirs.__qualname__, ours.__qualname__)
        assert (pair[0] == ours(**values)) == (pair[1] == theirs(**values))
        assert pair[0] != pair[1]
        assert (ours.__hash__ is None) == (theirs.__hash__ is None)
    if ours.__hash__ not in (None, object.__hash__) and not any(isinstance(one, dict) for one in values.values()):
        assert hash(ours(**given)) == hash(theirs(**given))
    for key in given:
        others = {**given, key: 0}
        assert (ours(**given) == ours(**others)) == (theirs(**given) == theirs(**others)), key
        if options.get("order"):
            for compare in (operator.lt, operator.le, operator.gt, operator.ge):
                assert compare(ours(**given), ours(**others)) == compare(theirs(**given), theirs(**others))
        if options.get("frozen"):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(ours(**given), key, 0)
            with pytest.raises(dataclasses.FrozenInstanceError):
                delattr(ours(**given), key)
    with pytest.raises(TypeError):
        ours(**given, no_such_field=1)
    if least:
        with pytest.raises(TypeError):
            ours()


def _must_be_given(cls: type[Any], name: str) -> bool:
    field = {one.name: one for one in dataclasses.fields(cls)}[name]
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def test_defaults_that_are_made_are_not_shared() -> None:
    @records.dataclass(slots=True)
    class Basket:
        fruit: list[str] = records.field(default_factory=list)

    basket = Basket()
    basket.fruit.append("fig")
    assert Basket().fruit == []
    with pytest.raises(AttributeError):
        basket.price = 3  # type: ignore[attr-defined]


def test_a_record_can_be_replaced_copied_and_pickled() -> None:
    place = Position(3, 4)
    assert records.replace(place, column=9) == dataclasses.replace(place, column=9) == Position(3, 9)
    assert copy.copy(place) == copy.deepcopy(place) == pickle.loads(pickle.dumps(place)) == place
    with pytest.raises(TypeError):
        records.replace(place, depth=1)  # type: ignore[call-arg]


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("slots", [False, True])
def test_the_first_objects_are_made_as_the_later_ones(frozen: bool, slots: bool) -> None:
    def made() -> Any:
        class Box:
            name: str
            size: int = 3
            parts: list[str] = records.field(default_factory=list)
            seen: int = records.field(init=False, default_factory=int)

            def __post_init__(self) -> None:
                if self.size < 0:
                    raise ValueError(self.name)

        return records.dataclass(Box, frozen=frozen, slots=slots)

    def outcome(cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        try:
            return repr(cls(*args, **kwargs))
        except (TypeError, ValueError) as error:
            return f"{type(error).__name__}: {error}"

    later = made()
    for _ in range(20):
        later("warm")
    assert later.__init__.__code__.co_filename == "<__init__ of a record>"
    asked: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
        (("a",), {}), (("a", 4), {}), ((), {"name": "a"}), (("a",), {"parts": ["p"]}), (("a", 1, ["p"]), {}),
        (("a", -1), {}), ((), {}), (("a",), {"name": "b"}), (("a",), {"seen": 1}), (("a", 1, [], 2), {}),
        ((), {"other": 1}),
    ]  # fmt: skip
    said = [(outcome(made(), args, kwargs), outcome(later, args, kwargs)) for args, kwargs in asked]
    assert [one for one, _ in said] == [one for _, one in said]
    assert said[5][0] == "ValueError: a" and sum(one.startswith("TypeError") for one, _ in said) == 5


def test_methods_are_written_when_they_are_called() -> None:
    code = """
import durable_lint.model as model
before = model.Position.__init__
model.Position(1, 2)
assert model.Position.__init__ is before
for _ in range(9):
    model.Position(1, 2)
assert model.Position.__init__ is not before
assert model.Position.__init__.__code__.co_filename == "<__init__ of a record>"
import sys
assert "dataclasses" not in sys.modules
"""
    done = run_python("-c", code, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
