"""The fix of a call whose arguments stand in another's place, or are numbers where durations belong."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

from durable_lint.fixes.tree import Tree
from durable_lint.index.facts import Call
from durable_lint.index.forms import Frame
from durable_lint.index.misfits import Misfit, Misfits
from durable_lint.index.sdk_values import NUMBER, TIMEDELTA
from durable_lint.knowledge.profiles import Place
from durable_lint.knowledge.signatures import Durations, Taken
from durable_lint.loading import cst
from durable_lint.model import Edit, Fix, Level, Span
from durable_lint.visit.nodes import argument_node

Bring = Callable[[str, str], tuple[str, tuple[Edit, ...]] | None]


class ArgumentFix:
    """Builds the fix of one misfit; ``bring`` gives the name of something imported, with the edits that import it."""

    def __init__(self, misfits: Misfits, misfit: Misfit, tree: Tree, bring: Bring) -> None:
        self.misfits = misfits
        self.misfit = misfit
        self.tree = tree
        self.bring = bring
        self.call: Call = misfit.call
        self.node = tree.call(misfit.call.number)
        self.frame = Frame(misfit.fid)

    @property
    def durations(self) -> Durations | None:
        """The class of durations of the SDK."""
        return self.misfit.profile.values.durations

    def build(self) -> Fix | None:
        """The fix, None when it isn't sure what is meant."""
        if any(arg.star for arg in self.node.args):
            return None
        if self.misfits.values.unit(self.call, self.frame) is not None:
            return self._factory()
        if not self.misfit.taken:
            return self._setting()
        return self._unit_keyword() or self._wrapped() or self._reordered()

    def _fix(self, title: str, edits: list[Edit]) -> Fix:
        return Fix(title, Level.SAFE, tuple(edits))

    # Durations

    def _named(self, arg: cst.Arg) -> str:
        return arg.keyword.value if arg.keyword is not None else ""

    def _unkeyword(self, arg: cst.Arg, text: str = "") -> Edit:
        """Replace the keyword of an argument and its equals sign."""
        assert arg.keyword is not None
        return Edit(Span(self.tree.span(arg.keyword).start, self.tree.outer_span(arg.value).start), text)

    def _factory(self) -> Fix | None:
        """``Duration(minutes=5)`` and ``Duration.from_minutes(minutes=5)``."""
        durations = self.durations
        if durations is None or len(self.node.args) != 1 or not self._named(self.node.args[0]):
            return None
        (arg,) = self.node.args
        factory = f"from_{self._named(arg)}"
        unit = self.misfits.values.unit(self.call, self.frame)
        if factory not in durations.factories or unit is None:
            return None
        if unit[1] == durations.parameter:
            end = self.tree.outer_span(self.node.func).end
            title = f"call {durations.name}.{factory}"
            return self._fix(title, [self.tree.insert(end, f".{factory}"), self._unkeyword(arg)])
        if isinstance(self.node.func, cst.Attribute) and self.node.func.attr.value == factory:
            return self._fix("give the number without a keyword", [self._unkeyword(arg)])
        return None

    def _duration(self, value: cst.BaseExpression, kinds: frozenset[str]) -> list[Edit] | None:
        """The edits that make a duration of a number of seconds or of a timedelta."""
        durations = self.durations
        found = self.bring(durations.module, durations.name) if durations is not None else None
        if found is None or not isinstance(value, cst.Call | cst.Name | cst.Attribute | cst.Integer | cst.Float):
            return None
        name, edits = found
        span = self.tree.outer_span(value)
        close = ".total_seconds())" if kinds == {TIMEDELTA} else ")"
        before = self.tree.insert(span.start, f"{name}.from_seconds(")
        return [before, self.tree.insert(span.end, close), *edits]

    def _seconds(self, kinds: frozenset[str], position: int, keyword: str) -> bool:
        """Whether an argument is a number that is long enough for a duration, or a timedelta."""
        if kinds == {TIMEDELTA}:
            return True
        values = dict(self.call.keywords)
        given = values.get(keyword, self.call.args[position] if position < len(self.call.args) else None)
        forms = self.misfits.values.forms.of(given, self.frame) if kinds == {NUMBER} else None
        numbers = [form.expr[1] for form in forms or ()]
        least = self.durations.minimum if self.durations is not None else 1
        return bool(numbers) and all(isinstance(one, int | float) and one >= least for one in numbers)

    def _wrap(self, position: int, keyword: str) -> Fix | None:
        """Make a duration of an argument."""
        value = argument_node(self.node, Place(position, keyword))
        values = dict(self.call.keywords)
        given = values.get(keyword, self.call.args[position] if position < len(self.call.args) else None)
        kinds = self.misfits.values.kinds(given, self.frame)
        if value is None or not self._seconds(kinds, position, keyword):
            return None
        edits = self._duration(value, kinds)
        name = self.durations.name if self.durations is not None else ""
        return self._fix(f"make it a {name}", edits) if edits is not None else None

    def _wrapped(self) -> Fix | None:
        """``wait(5)``: the number, where everything else fits."""
        wrong = self._misplaced()
        if len(wrong) != 1 or wrong[0][1].takes != "duration":
            return None
        return self._wrap(wrong[0][0], wrong[0][1].name)

    def _setting(self) -> Fix | None:
        """``CallbackConfig(timeout=300)``."""
        symbol = self.misfits.values.symbol(self.call.callee, self.frame.fid)
        config = symbol[0].values.configs.get(symbol[1]) if symbol is not None else None
        for name in config.durations if config is not None else ():
            position = config.positional.index(name) if config is not None and name in config.positional else 99
            fix = self._wrap(position, name)
            if fix is not None:
                return fix
        return None

    def _unit_keyword(self) -> Fix | None:
        """``wait(seconds=5)``."""
        known = {one.name for one in self.misfit.taken}
        wrong = [arg for arg in self.node.args if self._named(arg) and self._named(arg) not in known]
        lacks = [one for one in self.misfit.taken if one.takes == "duration" and one.name not in self._given()]
        durations = self.durations
        if len(wrong) != 1 or len(lacks) != 1 or durations is None:
            return None
        (arg,) = wrong
        factory = f"from_{self._named(arg)}"
        found = self.bring(durations.module, durations.name) if factory in durations.factories else None
        if found is None:
            return None
        name, edits = found
        first = arg is self.node.args[0] and lacks[0] is self.misfit.taken[0]
        start = self._unkeyword(arg, f"{'' if first else lacks[0].name + '='}{name}.{factory}(")
        end = self.tree.insert(self.tree.outer_span(arg.value).end, ")")
        return self._fix(f"make it a {name}", [start, end, *edits])

    def _given(self) -> set[str]:
        """The names of the parameters that are given an argument."""
        positional = [arg for arg in self.node.args if arg.keyword is None]
        by_position = {one.name for one, _ in zip(self.misfit.taken, positional, strict=False)}
        return by_position | {self._named(arg) for arg in self.node.args}

    # Order

    def _misplaced(self) -> list[tuple[int, Taken]]:
        """The arguments that don't fit, with their position, or a position behind all for those with a keyword."""
        taken = self.misfit.taken
        keyed = {one.name: one for one in taken}
        given = [(i, one, value) for i, (one, value) in enumerate(zip(taken, self.call.args, strict=False))]
        given += [(len(taken), keyed[name], value) for name, value in self.call.keywords if name in keyed]
        return [(i, one) for i, one, value in given if not self._can(one, self._kinds(value))]

    def _kinds(self, value: object) -> frozenset[str]:
        return self.misfits.values.kinds(value, self.frame)  # type: ignore[arg-type]

    def _can(self, one: Taken, kinds: frozenset[str]) -> bool:
        return not kinds or all(self.misfits.fits(self.misfit.profile, one, kind) for kind in kinds)

    def _reordered(self) -> Fix | None:
        """``step("name", fn)``: the arguments in an order that fits, else with the keywords that fit."""
        taken, named = self.misfit.taken, {name for name, _ in self.call.keywords}
        args = [arg for arg in self.node.args if arg.keyword is None]
        kinds = [self._kinds(value) for value in self.call.args]
        if named - {one.name for one in taken} or not args or len(args) > len(taken):
            return None
        orders = [
            order for order in permutations(range(len(args)))
            if all(self._takes(taken[place], kinds[index], index) for place, index in enumerate(order))
        ]  # fmt: skip
        if orders and not named & {one.name for one in taken[: len(args)]}:
            if any(not one.optional and one.name not in named for one in taken[len(args) :]):
                return None
            ranked = sorted(orders, key=_inversions)
            if len(ranked) > 1 and _inversions(ranked[0]) == _inversions(ranked[1]):
                return None
            texts = [self._text(args[index]) for index in ranked[0]]
            spans = [self.tree.outer_span(arg.value) for arg in args]
            extra: list[Edit] = []
            for place, index in enumerate(ranked[0]):
                if not self._can(taken[place], kinds[index]):
                    made = self._called_duration(texts[place])
                    if made is None:
                        return None
                    texts[place], extra = made
            moved = [Edit(span, text) for span, text, i in zip(spans, texts, ranked[0], strict=True)
                     if args[i].value is not args[spans.index(span)].value]  # fmt: skip
            # nothing to move: an argument with a keyword is the one that doesn't fit
            return self._fix("put the arguments in the right order", [*moved, *extra]) if moved else None
        return self._keyworded(args, kinds, named)

    def _takes(self, one: Taken, kinds: frozenset[str], position: int) -> bool:
        """Whether an argument fits a parameter, or is a number of which a duration can be made."""
        number = one.takes == "duration" and kinds == {NUMBER}
        return self._can(one, kinds) or (number and self._seconds(kinds, position, ""))

    def _called_duration(self, number: str) -> tuple[str, list[Edit]] | None:
        """The text of a duration made of a number of seconds, and the edits that import its class."""
        durations = self.durations
        found = self.bring(durations.module, durations.name) if durations is not None else None
        return (f"{found[0]}.from_seconds({number})", list(found[1])) if found is not None else None

    def _keyworded(self, args: list[cst.Arg], kinds: list[frozenset[str]], named: set[str]) -> Fix | None:
        """Keywords for the arguments from the first that doesn't fit on."""
        taken = self.misfit.taken
        first = next((i for i in range(len(args)) if not self._can(taken[i], kinds[i])), len(args))
        free = [one for one in taken[first:] if one.name not in named]
        chosen: list[Taken] = []
        for index in range(first, len(args)):
            fitting = [one for one in free if kinds[index] and self._can(one, kinds[index]) and one not in chosen]
            if len(fitting) != 1:
                return None
            chosen += fitting
        left = [one for one in free if one not in chosen and not one.optional]
        if left or not chosen:
            return None
        edits = [
            self.tree.insert(self.tree.outer_span(arg.value).start, f"{one.name}=")
            for arg, one in zip(args[first:], chosen, strict=True)
        ]
        return self._fix(f"give it as {chosen[0].name}", edits)

    def _text(self, arg: cst.Arg) -> str:
        span = self.tree.outer_span(arg.value)
        return self.tree.text[span.start - self.tree.start : span.end - self.tree.start]


def _inversions(order: tuple[int, ...]) -> int:
    return sum(a > b for i, a in enumerate(order) for b in order[i + 1 :])
