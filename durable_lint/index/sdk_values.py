"""What forms are to an SDK: durations and their seconds, configuration objects, and which kind of argument each is."""

from __future__ import annotations

from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.facts import Call, Expr
from durable_lint.index.forms import Form, Forms, Frame
from durable_lint.index.issuing import argument
from durable_lint.index.things import FunctionId
from durable_lint.knowledge.profiles import Place, Profile
from durable_lint.knowledge.signatures import ConfigClass
from durable_lint.records import dataclass

TEXT, NUMBER, TRUTH, NONE, CALLABLE, COLLECTION = "text", "number", "truth", "none", "callable", "collection"
DURATION, TIMEDELTA, CONFIG = "duration", "timedelta", "config"
"""The kinds of arguments that can be told apart; ``config`` is followed by ``:`` and the class."""


_ANNOTATED = {
    "builtins.str": TEXT, "builtins.int": NUMBER, "builtins.float": NUMBER, "datetime.timedelta": TIMEDELTA,
}  # fmt: skip


def _constant(value: object) -> str:
    if isinstance(value, bool):
        return TRUTH
    if isinstance(value, int | float):
        return NUMBER
    return TEXT if isinstance(value, str) else NONE if value is None else ""


@dataclass(frozen=True, slots=True)
class Made:
    """Call ``index`` of the function ``fid``, which calls the SDK's class or function ``name``."""

    fid: FunctionId
    index: int
    call: Call
    profile: Profile
    name: str

    @property
    def config(self) -> ConfigClass | None:
        """The configuration class that it makes an object of."""
        return self.profile.values.configs.get(self.name)


class SdkValues:
    """Answers what an argument is, as far as the project shows."""

    def __init__(self, forms: Forms) -> None:
        self.forms = forms
        self.ev = forms.ev
        self._by_path: dict[str, list[Made]] = {}
        self._named: dict[str, tuple[Profile, str] | None] = {}

    def made(self, path: str) -> list[Made]:
        """The calls of a module that call a class or a function of an SDK by its name, by function and call."""
        if path not in self._by_path:
            module = self.ev.modules.get(path)
            self._by_path[path] = [
                Made((path, function.index), index, call, *symbol)
                for function in (module.functions if module is not None else ())
                for index, call in enumerate(function.calls)
                if (symbol := self.symbol(call.callee, (path, function.index))) is not None
            ]
        return self._by_path[path]

    def forget(self, path: str) -> None:
        """Give up what is known of the calls of a module."""
        self._by_path.pop(path, None)

    def called(self, form: Form) -> Call | None:
        """The call that a form is."""
        return self.ev.function(form.frame.fid).calls[int(str(form.expr[1]))] if form.kind == f.CALL else None

    def symbol(self, callee: Expr, fid: FunctionId) -> tuple[Profile, str] | None:
        """The SDK's class, or its method with a dot, that an expression is, such as ``Duration.from_days``."""
        things = self.ev.expr(callee, fid)
        thing = next(iter(things)) if len(things) == 1 else (t.CONST,)
        if thing[0] != t.EXT:
            return None
        dotted = thing[1]
        if dotted not in self._named:
            self._named[dotted] = self._name(dotted)
        return self._named[dotted]

    def _name(self, dotted: str) -> tuple[Profile, str] | None:
        found = self.ev.symbol(dotted) if "()" not in dotted and "[]" not in dotted else None
        if found is None:
            return None
        owner, name = dotted.split(".")[-2:]
        return found[0], f"{owner}.{name}" if owner[:1].isupper() else name

    def kinds(self, expr: Expr, frame: Frame) -> frozenset[str]:
        """The kinds that an argument can have; nothing when one of them is unknown."""
        forms = self.forms.of(expr, frame)
        kinds = {self.kind(form) for form in forms or ()}
        return frozenset() if "" in kinds else frozenset(kinds)

    def is_returned(self, expr: Expr, frame: Frame) -> bool:
        """Whether a helper makes the value: the expression calls it."""
        return any(form.is_returned for form in self.forms.of(expr, frame) or ())

    def kind(self, form: Form) -> str:
        """The kind of a form, empty when it isn't known."""
        if form.kind == f.CONST:
            return _constant(form.expr[1])
        if form.kind == f.NAME:
            return self._annotated(form)
        if form.kind in (f.SEQ, f.DICT):
            return COLLECTION
        if form.kind == f.FUNC:
            function = self.ev.function((form.frame.fid[0], int(str(form.expr[1]))))
            return "" if function.decorators else CALLABLE
        if form.kind == f.JOIN:
            parts = form.expr[1]
            return TEXT if isinstance(parts, tuple) and parts and parts[-1] == (f.CONST, "") else ""
        call = self.called(form)
        return self._made(call, form.frame) if call is not None else ""

    def _annotated(self, form: Form) -> str:
        """What the annotation of a parameter says, where it names one class."""
        fid = form.frame.fid
        annotation = next(one.annotation for one in self.ev.function(fid).parameters if one.name == form.expr[1])
        scope = self.ev.parent(fid)
        things = self.ev.expr(annotation, scope) if annotation is not None and annotation[0] != f.JOIN else ()
        known = _ANNOTATED.get(next(iter(things))[1]) if len(things) == 1 else None
        if known is not None:
            return known
        found = self.symbol(annotation, scope) if annotation is not None else None
        if found is None:
            return ""
        values, name = found[0].values, found[1]
        if name in values.configs:
            return f"{CONFIG}:{name}"
        return DURATION if values.durations is not None and name == values.durations.name else ""

    def _made(self, call: Call, frame: Frame) -> str:
        things = self.ev.expr(call.callee, frame.fid)
        if things == {(t.EXT, "datetime.timedelta")}:
            return TIMEDELTA
        found = self.symbol(call.callee, frame.fid)
        if found is None:
            return ""
        values, name = found[0].values, found[1]
        if name in values.configs:
            return f"{CONFIG}:{name}"
        durations = values.durations
        if durations is None:
            return ""
        made = name == durations.name or name.removeprefix(f"{durations.name}.") in durations.factories
        return DURATION if made else ""

    # Durations

    def unit(self, call: Call, frame: Frame) -> tuple[Profile, str, int] | None:
        """For a call that makes a duration: the SDK, the parameter for the number, and the seconds of its unit."""
        found = self.symbol(call.callee, frame.fid)
        durations = found[0].values.durations if found is not None else None
        if found is None or durations is None:
            return None
        if found[1] == durations.name:
            return found[0], durations.parameter, 1
        factory = found[1].removeprefix(f"{durations.name}.")
        seconds = durations.factories.get(factory) if factory != found[1] else None
        return (found[0], durations.factory_parameter, seconds) if seconds is not None else None

    def number(self, call: Call, frame: Frame) -> Expr | bool:
        """The number that a call makes a duration of; False when none is given."""
        unit = self.unit(call, frame)
        hidden = any(a is not None and a[0] == f.STAR for a in call.args)
        hidden = hidden or any(name != (unit[1] if unit is not None else "") for name, _ in call.keywords)
        return None if unit is None or hidden else argument(call, Place(0, unit[1]))

    def seconds(self, form: Form) -> list[float] | None:
        """The seconds that a duration can have, before fractions are cut off; None when they aren't known."""
        call = self.called(form)
        unit = self.unit(call, form.frame) if call is not None else None
        if call is None or unit is None:
            return None
        given = self.number(call, form.frame)
        if given is False:
            return [0] if unit[1] == self._constructor(unit[0]) else None
        forms = self.forms.of(given if not isinstance(given, bool) else None, form.frame)
        found = []
        for one in forms or ():
            value = one.expr[1]
            if one.kind != f.CONST or isinstance(value, bool) or not isinstance(value, int | float):
                return None
            found.append(value * unit[2])
        return found or None

    @staticmethod
    def _constructor(profile: Profile) -> str:
        assert profile.values.durations is not None
        return profile.values.durations.parameter

    # Configurations

    def setting(self, call: Call, frame: Frame, parameter: str) -> Expr | bool:
        """What a configuration object is given for a parameter: None when it can't be told, False when nothing."""
        found = self.symbol(call.callee, frame.fid)
        config = found[0].values.configs.get(found[1]) if found is not None else None
        if config is None or any(not name for name, _ in call.keywords):
            return None
        if any(arg is not None and arg[0] == f.STAR for arg in call.args):
            return None
        position = config.positional.index(parameter) if parameter in config.positional else len(call.args)
        return argument(call, Place(position, parameter))
