"""How long waits and callbacks last, by the durations that their calls and configurations are given."""

from __future__ import annotations

from collections.abc import Iterator

from durable_lint.index import facts as f
from durable_lint.index.effects import Hops
from durable_lint.index.facts import Call, Expr
from durable_lint.index.forms import Form, Forms, Frame
from durable_lint.index.issuing import Site, argument
from durable_lint.index.sdk_values import SdkValues
from durable_lint.index.things import FunctionId
from durable_lint.knowledge.profiles import Place
from durable_lint.knowledge.signatures import ConfigClass

Short = tuple[int, int, Hops]
"""Where a duration that is too short is made, and the hops to there if it is in another function."""


class Deadlines:
    """Answers for the calls of one module."""

    def __init__(self, values: SdkValues, path: str) -> None:
        self.values = values
        self.forms: Forms = values.forms
        self.path = path

    # Durations that are too short

    def waits(self, site: Site) -> Iterator[Short]:
        """The durations below the minimum that a wait is given."""
        durations = site.issued.profile.values.durations
        for position, taken in enumerate(site.issued.operation.parameters):
            given = argument(site.call, Place(position, taken.name)) if taken.takes == "duration" else False
            if durations is not None and not isinstance(given, bool):
                yield from self.short(given, site.fid, site.call, durations.minimum)

    def short(self, expr: Expr, fid: FunctionId, call: Call, minimum: int, zero: bool = True) -> Iterator[Short]:
        """The places where a too short duration is made that ``call`` gets: all that it can be are too short.

        ``zero``: none at all counts too.
        """
        found = self._all_short(expr, Frame(fid), minimum, zero)
        if found is not None:
            for form in found:
                yield self._made(form, fid, call)
            return
        for way in self.forms.ways(fid):
            for form in self._all_short(expr, way, minimum, zero) or ():
                yield self._passed(form, way, call)

    def _all_short(self, expr: Expr, frame: Frame, minimum: int, zero: bool) -> list[Form] | None:
        """The forms of a duration when all are too short; nothing when one isn't; None when it can't be told."""
        forms = self.forms.of(expr, frame)
        found: list[Form] = []
        for form in forms or ():
            seconds = self.values.seconds(form)
            if seconds is None:
                return None
            if not all(-1 < one < minimum and (one or zero) for one in seconds):
                return []
            found.append(form)
        return found if forms is not None else None

    def _made(self, form: Form, fid: FunctionId, call: Call) -> Short:
        """Where the duration is made; at the call of the helper that makes it, or where it is used when that is in
        another module."""
        scope, through = self.forms.place(form)
        made = self.values.called(form)
        assert made is not None
        at = through or made
        if scope[0] == self.path:
            return at.start, at.end, self._hops(scope, at, form, made) if through is not None else ()
        return call.start, call.end, self._hops(fid, call, form, made)

    def _passed(self, form: Form, way: Frame, call: Call) -> Short:
        """Where a caller passes the number: at its call, or where the duration is made when that is elsewhere."""
        made = self.values.called(form)
        assert made is not None and way.caller is not None and way.call is not None
        if way.caller.fid[0] == self.path:
            return way.call.start, way.call.end, self._hops(way.caller.fid, way.call, form, made)
        text = "called here"
        hops = ((way.fid[0], call.start, call.end, "here"), (way.caller.fid[0], way.call.start, way.call.end, text))
        return call.start, call.end, hops

    def _hops(self, fid: FunctionId, call: Call, form: Form, made: Call) -> Hops:
        return ((fid[0], call.start, call.end, "here"), (form.frame.fid[0], made.start, made.end, "made here"))

    # Configurations

    def config(self, call: Call, fid: FunctionId) -> ConfigClass | None:
        """The configuration class that a call makes an object of."""
        symbol = self.values.symbol(call.callee, fid)
        return symbol[0].values.configs.get(symbol[1]) if symbol is not None else None

    def unlimited(self, site: Site) -> bool:
        """Whether an operation that waits for somebody has no deadline, in one of the ways its function is entered."""
        place = site.issued.operation.config
        if place is None or not site.issued.operation.deadline:
            return False
        given = argument(site.call, place)
        if given is False:
            hidden = any(arg is not None and arg[0] == f.STAR for arg in site.call.args)
            return not hidden and all(name for name, _ in site.call.keywords)
        expr = given if not isinstance(given, bool) else None
        verdict = self._lacks(expr, Frame(site.fid))
        if verdict is not None:
            return verdict
        return any(self._lacks(expr, way) for way in self.forms.ways(site.fid))

    def _lacks(self, expr: Expr, frame: Frame) -> bool | None:
        """Whether no configuration that an expression can be sets a deadline; None when it can't be told."""
        forms = self.forms.of(expr, frame)
        if forms is None:
            return None
        verdicts = [self._form_lacks(form) for form in forms]
        return None if None in verdicts else all(verdicts)

    def _form_lacks(self, form: Form) -> bool | None:
        if form.kind == f.CONST:
            return form.expr[1] is None
        made = self.values.called(form)
        config = self.config(made, form.frame.fid) if made is not None else None
        if made is None or config is None:
            return None
        for name in config.deadlines:
            given = self.values.setting(made, form.frame, name)
            if given is False:
                continue
            if given is None or isinstance(given, bool) or name == config.deadlines[0]:
                return False
            zero = self._all_short(given, form.frame, 1, True)
            if not zero or any(any(self.values.seconds(one) or [1]) for one in zero):
                return False
        return True
