"""Scopes and names: which function binds a name, and what the catalogue and the profiles say of a dotted path."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Sequence

from durable_lint.index import things as t
from durable_lint.index.facts import IMPORT, Function
from durable_lint.index.modules import Modules
from durable_lint.index.things import FunctionId, Thing, Things
from durable_lint.knowledge.apis import ApiRule, Catalogue
from durable_lint.knowledge.profiles import Profile

BUILTINS = frozenset(dir(builtins))


class _Functions(dict[FunctionId, Function]):
    """Functions by their ids: the question that is asked most often."""

    def __init__(self, modules: Modules) -> None:
        super().__init__()
        self._modules = modules

    def __missing__(self, fid: FunctionId) -> Function:
        module = self._modules.get(fid[0])
        if module is None:
            raise KeyError(fid[0])
        self[fid] = module.functions[fid[1]]
        return self[fid]


def _takes(function: Function, name: str) -> bool:
    """Whether a function has a parameter of this name."""
    for parameter in function.parameters:  # noqa: SIM110  (asked too often for a generator)
        if parameter.name == name:
            return True
    return False


class Names:
    """What can be said of functions and names without evaluating anything."""

    def __init__(self, modules: Modules, profiles: Sequence[Profile], catalogue: Catalogue) -> None:
        self.modules = modules
        self.profiles = {profile.id: profile for profile in profiles}
        self.catalogue = catalogue
        self.function: Callable[[FunctionId], Function] = _Functions(modules).__getitem__
        """The facts of a function. Raises KeyError when its module can't be read."""
        self._external: dict[str, Things] = {}
        self._project_names: dict[str, frozenset[str]] = {}
        self._star_homes: dict[tuple[str, str], tuple[str, bool]] = {}
        self._symbols: dict[str, tuple[Profile, str] | None] = {}
        self._tools: dict[str, Thing | None] = {}

    def parent(self, fid: FunctionId) -> FunctionId:
        """The scope around a function."""
        return (fid[0], self.function(fid).parent)

    def enclosing_class(self, fid: FunctionId) -> FunctionId | None:
        """The class whose method a function is, directly or as a function nested in one."""
        while fid[1] > 0:
            parent = self.parent(fid)
            if self.function(parent).kind == "class":
                return parent
            fid = parent
        return None

    def is_within(self, fid: FunctionId, outer: FunctionId) -> bool:
        """Whether a function is defined in another one, at any depth."""
        while fid[1] > 0 and fid != outer:
            fid = self.parent(fid)
        return fid == outer

    def scope_of(self, fid: FunctionId, name: str) -> FunctionId | None:
        """The scope that binds a name as seen from a function; None for builtins and unknown names."""
        function, scope = self.function(fid), fid
        if function.outer and function.outer.get(name) == "global":
            return (fid[0], 0)
        while True:
            if (function.kind != "class" or scope == fid) and (
                name in function.bindings or (function.parameters and _takes(function, name))
            ):
                return scope
            if function.index == 0:
                return None
            scope = (fid[0], function.parent)
            function = self.function(scope)

    def symbol(self, dotted: str) -> tuple[Profile, str] | None:
        """The SDK and its own name behind a dotted path."""
        if dotted not in self._symbols:
            named = [(profile, profile.symbol(dotted)) for profile in self.profiles.values()]
            named = [found for found in named if found[1]]
            # Two profiles may share a package: the one that knows the name has it.
            named.sort(key=lambda found: not found[0].has(found[1]))
            self._symbols[dotted] = named[0] if named else None
        return self._symbols[dotted]

    def project_names(self, path: str) -> frozenset[str]:
        """The names that a module imports from modules of the project, in any scope."""
        if path not in self._project_names:
            module = self.modules.get(path)
            self._project_names[path] = frozenset(
                name
                for function in (module.functions if module is not None else ())
                for name, values in function.bindings.items()
                for value in values
                if value is not None and value[0] == IMPORT and self.modules.find(path, value[1], value[2]) is not None
            )
        return self._project_names[path]

    def is_sdk(self, module: str) -> bool:
        """Whether a module is a package that a profile describes, or lies in one."""
        roots = [root for profile in self.profiles.values() for root in profile.roots]
        return any(module == root or module.startswith(f"{root}.") for root in roots)

    def is_api(self, dotted: str) -> bool:
        """Whether a dotted path is a name that a profile describes."""
        symbol = self.symbol(dotted)
        return symbol is not None and symbol[0].has(symbol[1])

    def tool(self, dotted: str) -> Thing | None:
        """An object of the class of a testing library behind a dotted path."""
        if dotted not in self._tools:
            found = (
                (profile.id, profile.testing.symbol(dotted)) for profile in self.profiles.values() if profile.testing
            )
            self._tools[dotted] = next(
                ((t.TOOL, name, one.id, (), None) for name, one in found if one is not None), None
            )
        return self._tools[dotted]

    def is_known(self, dotted: str) -> bool:
        """Whether the catalogue or a profile has a name outside the project."""
        symbol = self.symbol(dotted)
        if symbol is not None:
            return symbol[0].has(symbol[1])
        known = self.catalogue
        return any(
            look(dotted) is not None for look in (known.call, known.read, known.object, known.instance, known.type)
        )

    def star_home(self, path: str, name: str) -> tuple[str, bool]:
        """The module that binds a name which stars hand on, the last star first, and whether it is outside the project.

        It is found by the syntax alone, so that cycles of stars end and the order of questions doesn't matter.
        """
        key = (path, name)
        if key not in self._star_homes:
            self._star_homes[key] = self._star_home(path, name, {path})
        return self._star_homes[key]

    def _star_home(self, path: str, name: str, seen: set[str]) -> tuple[str, bool]:
        module = self.modules.get(path) if path.endswith(".py") else None
        for star in reversed(module.stars if module is not None else ()):
            assert star is not None
            found = self.modules.find(path, star[1], star[2])
            if found is None or (not star[1] and self.is_api(f"{star[2]}.{name}")):
                if not star[1] and self.is_known(f"{star[2]}.{name}"):
                    return star[2], True
                continue
            if found in seen:
                continue
            seen.add(found)
            inner = self.modules.get(found) if found.endswith(".py") else None
            if inner is not None and name in inner.functions[0].bindings:
                return found, False
            home = self._star_home(found, name, seen)
            if home[0]:
                return home
            if self.modules.submodule(found, name) is not None:
                return found, False
        return "", False

    def external(self, dotted: str) -> Things:
        """A name outside the project: an object if the catalogue knows it as one."""
        found = self._external.get(dotted)
        if found is None:
            known = self.catalogue.instance(dotted) is not None
            found = self._external[dotted] = frozenset({(t.OBJ, dotted, ()) if known else (t.EXT, dotted)})
        return found

    def rule(self, dotted: str) -> ApiRule | None:
        """What the catalogue says of objects built by a name, or of instances of it."""
        return self.catalogue.object(dotted) or self.catalogue.type(dotted) or self.catalogue.instance(dotted)

    def member(self, thing: Thing, last: str) -> str:
        """What calling an object's attribute path is: ``effect``, ``gives`` or ``free``; ``last`` is for no path."""
        rule = self.rule(thing[1])
        return rule.member(".".join(thing[2]) or last) if rule is not None else "free"

    def union(self, many: Iterable[Things]) -> Things:
        """All things of several sets."""
        some = [one for one in many if one]
        if len(some) < 2:  # most are
            return some[0] if some else t.NOTHING
        return t.NOTHING.union(*some)
