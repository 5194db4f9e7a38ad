"""Attributes, methods, properties and inheritance of the project's classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from durable_lint.index import things as t
from durable_lint.index.annotations import annotated
from durable_lint.index.things import FunctionId, Thing, Things

if TYPE_CHECKING:
    from durable_lint.index.evaluate import Evaluator

_PROPERTIES = ("builtins.property", "functools.cached_property", "django.utils.functional.cached_property")


class Classes:
    """Looks attributes up in classes, along their order of resolution."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def order(self, cid: FunctionId) -> Things:
        """The class and its bases as (position, thing) pairs: ours by depth first, those outside the project last."""
        found: dict[Thing, int] = {}
        self._visit((t.CLASS, cid), found)
        return frozenset((position, thing) for thing, position in found.items())

    def _visit(self, thing: Thing, found: dict[Thing, int]) -> None:
        if thing in found or len(found) > 1000:
            return
        found[thing] = len(found)
        if thing[0] == t.CLASS:
            cid = thing[1]
            parent = self._evaluator.parent(cid)
            for base in self._evaluator.function(cid).bases:
                for inner in sorted(self._evaluator.expr(base, parent), key=repr):
                    if inner[0] in (t.CLASS, t.EXT):
                        self._visit(inner, found)

    def lineage(self, cid: FunctionId) -> list[Thing]:
        """The class itself, then its bases."""
        return [thing for _, thing in sorted(self._evaluator.solver.get(("mro", cid)), key=lambda pair: pair[0])]

    def fields(self, cid: FunctionId) -> list[str]:
        """The annotated names of a class and its bases, in the order of a dataclass's parameters."""
        owners = [base[1] for base in reversed(self.lineage(cid)) if base[0] == t.CLASS]
        return list(dict.fromkeys(name for owner in owners for name in self._evaluator.function(owner).annotations))

    def of(self, receiver: Thing, name: str) -> Things:
        """What an attribute of an instance, a class or ``super()`` stands for."""
        if receiver[0] == t.SUPER:
            found = self._evaluator.solver.get(("attr", receiver[1], name, True))
        else:
            found = self._evaluator.solver.get(("attr", receiver[1], name, False))
            if len(receiver) > 2:
                for derived in self._evaluator.solver.get(("subclasses", receiver[1])):
                    found |= self._evaluator.solver.get(("attr", derived, name, False))
        bound = receiver[2] if receiver[0] == t.SUPER else receiver
        return t.gather(found, lambda thing: self._bind(thing, bound))

    def attribute(self, cid: FunctionId, name: str, above: bool) -> Things:
        """What a class knows under a name, not yet bound to an instance: ``("slot", thing)`` from a class body, the
        thing itself from an assignment to ``self``."""
        ev = self._evaluator
        found: set[Thing] = set()
        slot_seen = False
        for base in self.lineage(cid)[1 if above else 0 :]:
            if base[0] == t.EXT:
                tool = ev.tool(base[1])
                if tool is not None and not slot_seen:
                    found |= {("inherited", one, False) for one in ev.attribute(tool, name)}
                rule = ev.rule(base[1])
                if not slot_seen and rule is not None:
                    found.add(("inherited", (t.OBJ, base[1], (name,)), rule.on_class))
                continue
            function, owner = ev.function(base[1]), base[1]
            found |= ev.union(ev.expr(value, owner) for value in function.attributes.get(name, ()))
            if name in function.annotations:
                found |= annotated(ev, function.annotations[name], owner)
            if name in function.bindings and not slot_seen:
                slot_seen = True
                for value in function.bindings[name]:
                    found |= {("slot", thing) for thing in ev.expr(value, owner)}
        return frozenset(found) | ev.solver.get(("field", cid, name))

    def _bind(self, thing: Thing, receiver: Thing) -> Things:
        if thing[0] == "inherited":
            return frozenset({thing[1]}) if thing[2] or receiver[0] == t.INST else t.NOTHING
        if thing[0] != "slot":
            return frozenset({thing})
        inner = thing[1]
        if inner[0] != t.FN:
            return frozenset({inner})
        fid = inner[1]
        function = self._evaluator.function(fid)
        if function.kind == "lambda" or self._evaluator.function(self._evaluator.parent(fid)).kind != "class":
            return frozenset({inner})
        if self._evaluator.is_decorated(fid, "builtins.staticmethod"):
            return frozenset({inner})
        if self._evaluator.is_decorated(fid, "builtins.classmethod"):
            return frozenset({(t.METHOD, fid, (t.CLASS, receiver[1]))})
        if receiver[0] == t.CLASS:
            return frozenset({inner})
        if self.is_property(fid):
            return self._evaluator.solver.get(("ret", fid))
        return frozenset({(t.METHOD, fid, receiver)})

    def is_property(self, fid: FunctionId) -> bool:
        """Whether reading the function's name runs it."""
        return any(self._evaluator.is_decorated(fid, name) for name in _PROPERTIES)

    def methods(self, receiver: Thing, name: str) -> list[FunctionId]:
        """The functions that a class holds under a name, such as ``__init__``: the nearest in its lineage."""
        if receiver[0] not in (t.INST, t.CLASS):
            return []
        classes = [receiver[1]]
        if len(receiver) > 2:
            classes += sorted(self._evaluator.solver.get(("subclasses", receiver[1])))
        found = {thing for cid in classes for thing in self._evaluator.solver.get(("attr", cid, name, False))}
        return sorted({thing[1][1] for thing in found if thing[0] == "slot" and thing[1][0] == t.FN})

    def properties(self, found: Things, name: str) -> list[FunctionId]:
        """The property functions that reading ``name`` on any of these things runs."""
        receivers = [thing for thing in found if thing[0] == t.INST]
        return sorted({fid for thing in receivers for fid in self.methods(thing, name) if self.is_property(fid)})
