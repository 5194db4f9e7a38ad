"""What passes between modules, noted down so that a later run need not link all of them again.

Modules depend on what they import. Beyond that, two things cross their borders: what the code of one module pushes
into keys of another (arguments, modes, callers), and questions to the whole project. Both are noted here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from durable_lint.index import things as t
from durable_lint.index.solver import Key

WANTED = "wanted"
"""Begins the key under which it is noted that a key of another module was wanted for what computing it pushes."""

COMMON = frozenset({"decorators", "registered"})
"""The kinds of keys that belong to no module; what the second one comes to is noted as ``registering``."""

_NOTHING: frozenset[Any] = frozenset()

Given = dict[Key, frozenset[Any]]
"""What one module pushed into keys of others."""


class Beyond(BaseException):
    """A run over a part of the project needs more of it; no Exception, so that nothing takes it for a fault."""


def home(key: Key) -> str:
    """The module that a key belongs to; empty for what is common to all."""
    if key[0] in COMMON:
        return ""
    fid = key[2] if key[0] == WANTED else key[1]
    return str(fid[0] if isinstance(fid, tuple) else fid)


class Notes:
    """The notes of one run. ``attributes`` and ``imported`` are what the modules that aren't loaded read and import:
    None where nothing is known of that, so that nobody may ask. ``changing`` is what they change, ``registered`` are
    the loggers that they give to contexts."""

    def __init__(
        self,
        attributes: Iterable[str] | None = (),
        imported: Iterable[str] | None = (),
        changing: Iterable[tuple[Any, ...]] | None = (),
        registered: Iterable[tuple[str, str]] | None = (),
    ) -> None:
        self._given: defaultdict[str, Given] = defaultdict(dict)
        self._items: defaultdict[str, dict[Key, list[Hashable]]] = defaultdict(dict)
        self._shared: dict[frozenset[Any], frozenset[Any]] = {}
        """Each set of pushed things once."""
        self.asked: set[Key] = set()
        """The keys that are only pushed and that anybody asked for."""
        self.attributes: set[str] = set()
        """The names of attributes of which it was asked who reads them."""
        self.importers: set[str] = set()
        """The modules of which it was asked who imports them."""
        self.changing: set[tuple[tuple[Any, ...], str]] = set()
        """The state of other modules that is changed, with the module that changes it."""
        self.registering: set[tuple[tuple[str, str], str]] = set()
        """The loggers that are given to contexts, with the module that does it."""
        self.asked_loggers = False
        """Whether anybody asked for these loggers."""
        self.managed: set[tuple[str, str]] = set()
        """The modules of context managers, with those of the blocks that can suspend in them."""
        self.is_linked = False
        """Whether everything is linked: then nothing more should be pushed."""
        self.pushed: frozenset[Key] | None = None
        """The keys that were pushed into by then; None where it shall be noted whatever is asked for."""
        self.is_late = False
        """Whether something was pushed later all the same."""
        self._elsewhere = frozenset(attributes) if attributes is not None else None
        self._imported = frozenset(imported) if imported is not None else None
        self._changed = frozenset(changing) if changing is not None else None
        self._registered = frozenset(registered) if registered is not None else None

    def ask(self, key: Key) -> None:
        """Note that a key which is only pushed is asked for; what nobody has pushed into need not be kept."""
        if self.pushed is None or key in self.pushed:
            self.asked.add(key)

    def linked(self) -> None:
        """Note that everything is linked."""
        self.is_linked = True
        pushed: list[Mapping[Key, Any]] = [*self._given.values(), *self._items.values()]
        self.pushed = frozenset().union(*pushed)
        self.asked &= self.pushed

    def want(self, asking: Key, key: Key) -> None:
        """Note that computing a key wants another. Functions are run because they are reached: that is noted."""
        if key[0] != "run":
            self.push(asking, (WANTED, *key), frozenset())

    def push(self, asking: Key, key: Key, items: frozenset[Any]) -> None:
        """Note what computing a key pushes into another, if that is another module's."""
        source = home(asking)
        if home(key) != source:
            self.is_late = self.is_late or self.is_linked
            given = self._given[source]
            found = t.join(given.get(key, _NOTHING), items)
            given[key] = self._shared.setdefault(found, found)

    def push_item(self, asking: Key, key: Key, item: Hashable) -> None:
        """Note the same of a key that grows by an item at a time."""
        source = home(asking)
        if home(key) != source:
            self.is_late = self.is_late or self.is_linked
            self._items[source].setdefault(key, []).append(item)

    def given(self) -> dict[str, Given]:
        """By module: what computing its keys pushed into keys of other modules."""
        found: dict[str, Given] = {path: dict(given) for path, given in self._given.items()}
        for path, items in self._items.items():
            found.setdefault(path, {}).update((key, frozenset(many)) for key, many in items.items())
        return found

    def ask_readers(self, name: str) -> None:
        """Note that all readers of an attribute's name are looked for; raises Beyond when some are not loaded."""
        self.attributes.add(name)
        if self._elsewhere is None or name in self._elsewhere:
            raise Beyond

    def ask_importers(self, path: str) -> None:
        """Note that all importers of a module are looked for; raises Beyond when some are not loaded."""
        self.importers.add(path)
        if self._imported is None or path in self._imported:
            raise Beyond

    def changed_elsewhere(self) -> frozenset[tuple[Any, ...]]:
        """The state that modules which are not loaded change; raises Beyond when nothing is known of that."""
        if self._changed is None:
            raise Beyond
        return self._changed

    def registered_elsewhere(self) -> frozenset[tuple[str, str]]:
        """The loggers that modules which are not loaded give to contexts; raises Beyond when nothing is known of it."""
        self.asked_loggers = True
        if self._registered is None:
            raise Beyond
        return self._registered


def mentioned(items: Iterable[Any], paths: Mapping[str, Any]) -> set[str]:
    """Those of some paths that stand anywhere in things."""
    found: set[str] = set()
    waiting = list(items)
    while waiting:
        one = waiting.pop()
        if type(one) is tuple or type(one) is frozenset:
            waiting += one
        elif type(one) is str and one in paths:
            found.add(one)
    return found
