"""The knowledge of external APIs: one value per catalogue entry, and how names are looked up."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from durable_lint.knowledge.conditions import Arguments, Condition
from durable_lint.records import dataclass, field


@dataclass(frozen=True, slots=True)
class ApiRule:
    """One catalogue entry. ``form`` is ``call``, ``read`` or ``object``; what follows ``unless`` is for objects.

    ``methods`` are the only effects when there are any; ``gives`` are methods or attributes that give an object
    which counts the same; ``free`` maps those without effect to the reason. ``when_called``: calling the object is an
    effect. ``also_gives`` are effects that give such an object all the same.
    ``subscript``: an item of it counts the same. ``on_class``: the class itself and what derives from it count
    like an object.
    """

    kind: str
    why: str
    form: str
    only: Condition | None = None
    unless: Condition | None = None
    methods: frozenset[str] = frozenset()
    gives: frozenset[str] = frozenset()
    free: Mapping[str, str] = field(default_factory=dict, hash=False)
    when_called: bool = False
    subscript: bool = False
    on_class: bool = False
    also_gives: frozenset[str] = frozenset()

    def applies(self, args: Arguments) -> bool:
        """Whether a call with these arguments is an effect, or builds an object that counts; in doubt it isn't."""
        if self.only is not None and not self.only.holds(args):
            return False
        return self.unless is None or not self.unless.holds(args, hidden=True)

    def member(self, path: str) -> str:
        """What calling the dotted attribute ``path`` of such an object is: ``effect``, ``gives`` or ``free``.

        The names ``__call__``, ``__getitem__`` and ``__truediv__`` stand for the object's own call, item and ``/``.
        """
        if path == "__call__" and self.when_called:
            return "effect"
        if path == "__getitem__" and self.subscript:
            return "gives"
        rest = self._beyond_gives(path)
        if not rest:
            return "gives"
        if ".".join(rest) in self.methods:
            return "effect"
        return "free" if self.methods or _longest(rest, self.free) or rest[-1].startswith("__") else "effect"

    def attribute(self, path: str) -> bool:
        """Whether the dotted attribute ``path``, read and not called, is an object that counts the same."""
        rest = self._beyond_gives(path)
        return not rest or not (self.methods or _longest(rest, self.free) or rest[-1].startswith("__"))

    def _beyond_gives(self, path: str) -> list[str]:
        rest = path.split(".")
        while rest and (taken := _longest(rest, self.gives)):
            rest = rest[taken:]
        return rest


def _longest(segments: list[str], names: Container[str]) -> int:
    """How many leading segments, joined by dots, are the longest of ``names`` that fits; 0 for none."""
    return next((n for n in range(len(segments), 0, -1) if ".".join(segments[:n]) in names), 0)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What is known of external APIs, asked for by fully qualified dotted names.

    The tables give the number of a name's entry in ``_rules``.
    """

    _rules: Mapping[int, ApiRule]
    _calls: Mapping[str, int]
    _reads: Mapping[str, int]
    _objects: Mapping[str, int]
    _types: Mapping[str, int]
    _instances: Mapping[str, int]
    _patterns: Sequence[tuple[str, int]]
    _pure: Mapping[str, str]
    _roots: frozenset[str]
    _matched: dict[str, ApiRule | None] = field(init=False, default_factory=dict, compare=False)

    def call(self, dotted: str) -> ApiRule | None:
        """The entry for calling ``dotted``; an exact name goes before a wildcard, and ``[[pure]]`` takes out of one."""
        return self._find(self._calls, dotted)

    def read(self, dotted: str) -> ApiRule | None:
        """The entry for reading ``dotted`` itself (ask for ``os.environ``, not for ``os.environ.get``)."""
        return self._find(self._reads, dotted)

    def object(self, dotted: str) -> ApiRule | None:
        """The entry of the object that calling ``dotted`` builds: a class, a factory, or a class method that builds."""
        return self._find(self._objects, dotted)

    def type(self, dotted: str) -> ApiRule | None:
        """The entry of the objects that the class ``dotted`` stands for, in an annotation or as a base class."""
        if (found := self._types.get(dotted)) is not None:
            return self._rules[found]
        if dotted in self._pure:
            return None
        return self._matching(dotted)

    def instance(self, dotted: str) -> ApiRule | None:
        """The entry of the object that ``dotted`` itself is without being called, such as ``loguru.logger``."""
        found = self._instances.get(dotted)
        return self._rules[found] if found is not None else None

    def _matching(self, dotted: str) -> ApiRule | None:
        """The entry of the first pattern that fits; remembered, because most names fit none."""
        if dotted not in self._matched:
            found = next((number for pattern, number in self._patterns if _fits(pattern, dotted)), None)
            self._matched[dotted] = self._rules[found] if found is not None else None
        return self._matched[dotted]

    def pure(self, dotted: str) -> str | None:
        """Why calling ``dotted`` is known to be harmless, or None when nothing says so."""
        return self._pure.get(dotted) or self._pure.get(_wildcard(dotted))

    def roots(self) -> frozenset[str]:
        """The first segments of all names, without those that hold a ``*``; see also ``knows``."""
        return self._roots

    def knows(self, root: str) -> bool:
        """Whether any entry can concern what is imported from the top-level package ``root``."""
        return root in self._roots or any(_fits(pattern.partition(".")[0], root) for pattern, _ in self._patterns)

    def _find(self, names: Mapping[str, int], dotted: str) -> ApiRule | None:
        found = names.get(dotted)
        if found is None and dotted not in self._pure:
            found = names.get(_wildcard(dotted))
        return self._rules[found] if found is not None else None


def _wildcard(dotted: str) -> str:
    return dotted.rpartition(".")[0] + ".*"


def _fits(pattern: str, dotted: str) -> bool:
    """Whether ``dotted`` fits, segment by segment; a ``*`` stands for any text without a dot."""
    wanted, given = pattern.split("."), dotted.split(".")
    return len(wanted) == len(given) and all(fits(*pair) for pair in zip(wanted, given, strict=True))


def fits(pattern: str, text: str) -> bool:
    """Whether a text fits a pattern with at most one ``*``, which stands for any text."""
    before, star, after = pattern.partition("*")
    if not star:
        return pattern == text
    return len(text) >= len(before) + len(after) and text.startswith(before) and text.endswith(after)
