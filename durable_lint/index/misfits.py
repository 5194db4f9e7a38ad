"""Arguments that an operation, a duration or a configuration can't take: by their kind, their name or their number."""

from __future__ import annotations

from collections.abc import Iterator

from durable_lint.index import facts as f
from durable_lint.index.facts import Call, Expr
from durable_lint.index.forms import Frame
from durable_lint.index.issuing import Site
from durable_lint.index.sdk_values import (
    CALLABLE,
    COLLECTION,
    CONFIG,
    DURATION,
    NONE,
    NUMBER,
    TEXT,
    TIMEDELTA,
    TRUTH,
    SdkValues,
)
from durable_lint.index.things import FunctionId
from durable_lint.knowledge.profiles import Profile
from durable_lint.knowledge.signatures import ConfigClass, Durations, Taken
from durable_lint.records import dataclass

_TAKES = {
    "callable": {CALLABLE},
    "callables": {COLLECTION},
    "items": {COLLECTION},
    "text": {TEXT},
    "duration": {DURATION},
}
_OPEN = ("anything", "context")
"""Parameters that take whatever they are given."""

_CALLED = {
    TEXT: "a text",
    NUMBER: "a number",
    TRUTH: "a truth value",
    NONE: "None",
    CALLABLE: "a function",
    COLLECTION: "a collection",
    DURATION: "a duration",
    TIMEDELTA: "a timedelta",
}


@dataclass(frozen=True, slots=True)
class Misfit:
    """What is wrong with a call. ``what`` ends a sentence that begins with the called name; ``taken`` are the
    parameters that it has, none for a configuration."""

    fid: FunctionId
    call: Call
    what: str
    profile: Profile
    taken: tuple[Taken, ...] = ()


class Misfits:
    """Judges the calls of a module's functions."""

    def __init__(self, values: SdkValues) -> None:
        self.values = values
        self.ev = values.ev

    def fits(self, profile: Profile, taken: Taken, kind: str) -> bool:
        """Whether a parameter takes an argument of a kind; one of unknown kind always fits."""
        if not kind or taken.takes in _OPEN or (kind == NONE and taken.optional):
            return True
        if kind == NUMBER and taken.takes == "text" and taken.optional:
            return True  # a number as a name is written down like one
        if kind.startswith(CONFIG):
            return profile.values.accepts(taken.takes, kind.partition(":")[2])
        return kind in _TAKES.get(taken.takes, ())

    def site(self, site: Site) -> Misfit | None:
        """What is wrong with a call that issues an operation, if anything."""
        profile, taken = site.issued.profile, site.issued.operation.parameters
        if not taken:
            return None
        what = self._operation(profile, taken, site.issued.operation.is_open, site.call, Frame(site.fid))
        return Misfit(site.fid, site.call, what, profile, taken) if what else None

    def _operation(self, profile: Profile, taken: tuple[Taken, ...], is_open: bool, call: Call, frame: Frame) -> str:
        known = {one.name: one for one in taken}
        hidden = _is_hidden(call) or (is_open and any(name not in known for name, _ in call.keywords))
        positional = [] if any(map(_is_star, call.args)) else list(call.args)
        if len(positional) > len(taken) and not is_open:
            return f"takes {len(taken)} arguments at most: this call raises TypeError"
        given = [*zip(taken, positional, strict=False)]
        for name, value in call.keywords:
            if name and name not in known and is_open:
                continue
            if name and name not in known:
                return f"has no parameter {name}: this call raises TypeError"
            if name and known[name] in taken[: len(positional)]:
                return f"is given its {name} twice: this call raises TypeError"
            if name:
                given.append((known[name], value))
        names = {one.name for one, _ in given}
        lacks = next((one.name for one in taken if not one.optional and one.name not in names), "")
        wrong = self._wrong(profile, given, frame)
        if wrong:
            return wrong
        return f"is not given its {lacks}: this call raises TypeError" if lacks and not hidden else ""

    def _wrong(self, profile: Profile, given: list[tuple[Taken, Expr]], frame: Frame) -> str:
        for one, value in given:
            if one.takes in _OPEN:
                continue
            kinds = self._unfit(profile, one, value, frame)
            # What a caller passes counts where the function itself doesn't show what it is.
            for way in self.values.forms.ways(frame.fid) if kinds is None and frame.caller is None else ():
                kinds = kinds or self._unfit(profile, one, value, way)
            if kinds:
                return f"is given {described(min(kinds))} as its {one.name}: the operation fails or never ends"
        return ""

    def _unfit(self, profile: Profile, one: Taken, value: Expr, frame: Frame) -> frozenset[str] | None:
        """The kinds of an argument of which none fits; nothing when one does, None when it can't be told."""
        kinds = self.values.kinds(value, frame)
        if not kinds:
            return None
        # What a called function gives where a body stands is another fault: the function runs outside of it.
        eager = one.takes.startswith("callable") and self.values.is_returned(value, frame)
        return frozenset() if eager or any(self.fits(profile, one, kind) for kind in kinds) else kinds

    def module(self, path: str) -> Iterator[Misfit]:
        """What is wrong with the durations and configurations that a module builds."""
        for made in self.values.made(path):
            frame = Frame(made.fid)
            unit = self.values.unit(made.call, frame)
            if unit is not None:
                what = self._duration(made.profile.values.durations, made.call, frame, unit[1])
            else:
                what = self._config(made.config, made.call, frame) if made.config is not None else ""
            if what:
                yield Misfit(made.fid, made.call, what, made.profile)

    def _duration(self, found: Durations | None, call: Call, frame: Frame, parameter: str) -> str:
        wrong = next((name for name, _ in call.keywords if name and name != parameter), "")
        if wrong:
            return f"has no parameter {wrong}: this call raises TypeError"
        if len(call.args) + len(call.keywords) > 1 and not _is_hidden(call):
            return "is given more than one number: this call raises TypeError"
        given = self.values.number(call, frame)
        if given is False and found is not None and found.parameter != parameter:
            return f"is not given its {parameter}: this call raises TypeError"
        kinds = self.values.kinds(given if not isinstance(given, bool) else None, frame)
        if kinds and NUMBER not in kinds:
            return f"is given {described(min(kinds))} as its {parameter}: this call raises an error"
        return ""

    def _config(self, config: ConfigClass, call: Call, frame: Frame) -> str:
        for name in config.durations:
            given = self.values.setting(call, frame, name)
            kinds = self.values.kinds(given if not isinstance(given, bool) else None, frame)
            if kinds and DURATION not in kinds:
                return f"is given {described(min(kinds))} as its {name}: the operation fails when it reads it"
        return ""


def described(kind: str) -> str:
    """A kind of argument in words."""
    return _CALLED.get(kind) or f"a {kind.partition(':')[2]}"


def _is_star(expr: Expr) -> bool:
    return expr is not None and expr[0] == f.STAR


def _is_hidden(call: Call) -> bool:
    return any(map(_is_star, call.args)) or any(not name for name, _ in call.keywords)
