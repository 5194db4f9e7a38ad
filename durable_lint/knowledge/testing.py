"""What a profile says of its SDK's testing library: the classes that tests meet, and what their members give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from durable_lint.records import dataclass, field


@dataclass(frozen=True, slots=True)
class RenamedArgument:
    """An argument of a method that has another name now; ``arg`` is its position from 0."""

    method: str
    old: str
    new: str
    arg: int


@dataclass(frozen=True, slots=True)
class TestClass:
    """A class of the testing library.

    ``runs`` is the argument (position, keyword) that takes the handler under test, with ``runs_body`` a body.
    ``closed_by`` names the methods of which one must be called, unless ``with`` does it. ``gives`` maps a member, with
    ``()`` when it is called, to the id of the class that it gives. ``text`` are the attributes that hold JSON text,
    ``plain`` when that is no more than the ``json.dumps`` of the value. ``item``: it is a list of another class, in an
    order that says nothing.
    """

    __test__ = False  # no test, whatever pytest makes of its name

    id: str
    names: tuple[str, ...]
    runs: tuple[int, str] | None = None
    runs_body: bool = False
    closed_by: tuple[str, ...] = ()
    gives: Mapping[str, str] = field(default_factory=dict)
    renamed: tuple[RenamedArgument, ...] = ()
    text: tuple[str, ...] = ()
    plain: bool = False
    item: str = ""


@dataclass(frozen=True, slots=True)
class Testing:
    """A testing library: its packages, its classes by id and by name, and the look-ups by an operation's kind.

    ``lookups`` maps an operation to the method of a result that finds it by name; ``lookup`` finds any operation.
    ``suspending`` are the operations that make a runner invoke the handler again. ``started_by``: keys of an event with
    which the service itself calls a handler; ``refusal`` is what a call with any other event raises since the version
    ``refused_since``.
    """

    __test__ = False

    roots: tuple[str, ...]
    classes: Mapping[str, TestClass]
    lookup: str
    lookups: Mapping[str, str]
    suspending: tuple[str, ...]
    started_by: tuple[str, ...]
    refusal: str
    refused_since: tuple[int, ...]

    def symbol(self, dotted: str) -> TestClass | None:
        """The class behind a dotted path."""
        head, _, last = dotted.rpartition(".")
        if not any(head == root or head.startswith(f"{root}.") for root in self.roots):
            return None
        return next((one for one in self.classes.values() if last in one.names), None)


KEYS = {
    "testing": {"import-roots", "lookup", "lookups", "suspending", "started-by", "refusal", "refused-since", "class"},
    "testing.class": {
        "id", "names", "runs", "runs-body", "closed-by", "gives", "renamed-arguments", "text", "plain-json", "item",
    },
    "renamed-argument": {"method", "old", "new", "arg"},
}  # fmt: skip


def read(data: Mapping[str, Any], check: Callable[[Mapping[str, Any], str], None]) -> Testing | None:
    """The testing library of a parsed profile, if it says one; ``check`` looks at the keys of a table of some kind.

    Raises KeyError for a key that is missing.
    """
    if "testing" not in data:
        return None
    table = data["testing"]
    check(table, "testing")
    for one in table["class"]:
        check(one, "testing.class")
        for renamed in one.get("renamed-arguments", ()):
            check(renamed, "renamed-argument")
    classes = [_class(one) for one in table["class"]]
    return Testing(
        tuple(table["import-roots"]),
        {one.id: one for one in classes},
        str(table["lookup"]),
        dict(table.get("lookups", {})),
        tuple(table.get("suspending", ())),
        tuple(table.get("started-by", ())),
        str(table.get("refusal", "")),
        tuple(int(part) for part in str(table.get("refused-since", "0")).split(".")),
    )


def _class(table: Mapping[str, Any]) -> TestClass:
    runs = table.get("runs")
    return TestClass(
        str(table["id"]),
        tuple(table.get("names", ())),
        (int(runs["arg"]), str(runs["keyword"])) if runs is not None else None,
        bool(table.get("runs-body", False)),
        tuple(table.get("closed-by", ())),
        dict(table.get("gives", {})),
        tuple(
            RenamedArgument(str(one["method"]), str(one["old"]), str(one["new"]), int(one["arg"]))
            for one in table.get("renamed-arguments", ())
        ),
        tuple(table.get("text", ())),
        bool(table.get("plain-json", False)),
        str(table.get("item", "")),
    )
