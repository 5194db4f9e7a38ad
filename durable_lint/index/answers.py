"""Answers about types: computed once, and kept with what they took for granted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from durable_lint.index.shapes import UNKNOWN, Shapes
from durable_lint.index.things import FunctionId

_MAX_STEPS = 5000
_MAX_DEPTH = 60

Key: TypeAlias = "tuple[str, FunctionId, str | int]"
"""What is asked: its kind, the function that it is about, and a name or a number there."""

Premise: TypeAlias = "tuple[FunctionId, str]"
"""A parameter of a function, or with an empty name the place in it that is asked for."""

Env: TypeAlias = "Mapping[Premise, Shapes | int]"
"""What is taken for granted: what parameters hold, and the offset of the place: what is put into the containers of
its function further down is left out."""

EMPTY: Env = {}


def place(fid: FunctionId, offset: int) -> Env:
    """Nothing is taken for granted but a place."""
    return {(fid, ""): offset}


Kept: TypeAlias = "tuple[Shapes, Mapping[Premise, Shapes | int | None], int]"
"""An answer, the premises that it looked at, and how many questions deep it lay."""


class Answers:
    """Keeps answers. One holds wherever the premises that it looked at are the same."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[Key, tuple[Kept, ...]]] = {}
        """By the path of the function."""
        self._premises: dict[Premise, Shapes | int | None] = {}
        self._asking: dict[Key, tuple[Env, ...]] = {}
        self._cut = 0
        self._steps = 0
        self._depth = 0
        self._deepest = 0

    def forget(self, path: str) -> None:
        """Drop what is known of a module; it is computed again where it is asked for again."""
        self._kept.pop(path, None)

    def once(self, key: Key, env: Env, compute: Callable[..., Shapes], *given: object) -> Shapes:
        """Compute an answer once; what depends on itself, or on too much, is unknown, and nothing above it is kept."""
        module = self._kept.get(key[1][0])
        if module is None:
            module = self._kept[key[1][0]] = {}
        kept = module.get(key, ())
        for found, known, height in kept:
            # What would lie too deep here is computed and cut here, so that it doesn't matter who asked first.
            reached = self._depth + height
            if reached <= _MAX_DEPTH and (not known or all(env.get(one) == known[one] for one in known)):
                self._premises.update(known)
                if reached > self._deepest:
                    self._deepest = reached
                return found
        around = self._asking.get(key, ())
        self._steps = self._steps + 1 if self._depth else 0
        if env in around or self._steps > _MAX_STEPS:
            self._cut += 1
            return UNKNOWN
        cut, outer, deepest = self._cut, self._premises if self._depth else {}, self._deepest
        self._premises, self._deepest, self._asking[key] = {}, self._depth, (*around, env)
        try:
            found = self.deeper(compute, *given)
        finally:
            premises, height = self._premises, self._deepest - self._depth
            self._premises = outer
            if around:
                self._asking[key] = around
            else:
                del self._asking[key]
            if premises:
                outer.update(premises)
            if deepest > self._deepest:
                self._deepest = deepest
        if cut == self._cut:
            module[key] = (*kept, (found, premises or EMPTY, height))
        return found

    def deeper(self, compute: Callable[..., Shapes], *given: object) -> Shapes:
        """Compute something one question deeper; unknown when that is too deep."""
        depth = self._depth
        if depth == _MAX_DEPTH:
            self._cut += 1
            return UNKNOWN
        if not depth:
            self._steps = 0
        self._depth = depth = depth + 1
        if depth > self._deepest:
            self._deepest = depth
        try:
            return compute(*given)
        finally:
            self._depth -= 1

    def premise(self, premise: Premise, env: Env) -> Shapes | int | None:
        """What is taken for granted of a parameter or a place; None for nothing."""
        found = self._premises[premise] = env.get(premise)
        return found

    def within(self, fid: FunctionId, compute: Callable[..., Shapes], *given: object) -> Shapes:
        """Compute what a call of a function gives: its parameters are premises within, not of who asks."""
        outer, self._premises = self._premises, {}
        try:
            return compute(*given)
        finally:
            premises, self._premises = self._premises, outer
            outer.update((one, value) for one, value in premises.items() if one[0] != fid or not one[1])
