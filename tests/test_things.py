"""What an expression can stand for grows in a lattice: how and in which order things arrive makes no difference."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from hypothesis import given, settings
from hypothesis import strategies as st

from durable_lint.index import things as t
from durable_lint.index.things import Thing, Things

_PLAIN: list[Thing] = [(t.FN, ("m.py", index)) for index in range(3)] + [(t.CONST, "a")]


def _wrapped(inner: st.SearchStrategy[Things]) -> st.SearchStrategy[Things]:
    """What evaluating one more expression can make of things: all goes through the functions that build them."""
    kinds = st.sampled_from(["list", "dict"])
    displays = st.dictionaries(st.sampled_from("abcd"), inner, max_size=2).map(lambda pairs: tuple(pairs.items()))
    keyed = st.builds(lambda kind, pairs: frozenset({t.keyed(kind, pairs)}), kinds, displays)
    container = st.builds(lambda kind, inside: frozenset({t.container(kind, inside)}), kinds, inner)
    carried = inner.map(lambda found: frozenset((t.CARRIED, one) for one in t.wrappable(found)))
    partial = st.builds(_partial, inner, inner)
    member = st.builds(_members, st.one_of(keyed, container), st.sampled_from(["get", "pop"]))
    return st.one_of(keyed, container, carried, partial, member)


def _partial(functions: Things, given: Things) -> Things:
    bound = t.wrappable(given)
    return frozenset((t.PARTIAL, one, (bound,), (("key", bound),)) for one in t.wrappable(functions))


def _members(found: Things, name: str) -> Things:
    return frozenset((t.MEMBER, one, name) for one in found)


_DISPLAYS = st.builds(
    lambda key, thing: frozenset({t.keyed("dict", ((key, frozenset({thing})),))}),
    st.sampled_from("abcdef"),
    st.sampled_from(_PLAIN),
)
_THINGS = st.one_of(
    _DISPLAYS,
    st.recursive(st.sampled_from(_PLAIN).map(lambda thing: frozenset({thing})), _wrapped, max_leaves=6),
)


def _joined(many: Sequence[Things]) -> Things:
    return reduce(t.join, many, t.NOTHING)


@settings(max_examples=300, deadline=None)
@given(st.lists(_THINGS, min_size=2, max_size=9), st.randoms(use_true_random=False))
def test_the_order_and_the_grouping_of_what_arrives_make_no_difference(many: list[Things], chance: object) -> None:
    whole = _joined(many)
    shuffled = list(many)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert _joined(shuffled) == whole
    for middle in range(1, len(many)):
        assert t.join(_joined(many[:middle]), _joined(many[middle:])) == whole
    assert _joined([frozenset().union(*many)]) == t.join(t.NOTHING, frozenset().union(*many)) == whole


@settings(max_examples=300, deadline=None)
@given(st.lists(_THINGS, min_size=1, max_size=9))
def test_what_is_known_grows_and_comes_to_rest(many: list[Things]) -> None:
    whole = _joined(many)
    for one in many:
        assert t.join(whole, one) == whole == t.join(one, whole)
    assert all(t.nesting(thing) <= t.MAX_NESTING for thing in whole)


@settings(max_examples=300, deadline=None)
@given(st.lists(_THINGS, min_size=1, max_size=5), st.lists(_THINGS, min_size=1, max_size=5))
def test_what_is_made_of_more_things_is_more(few: list[Things], others: list[Things]) -> None:
    less = _joined(few)
    more = t.join(less, _joined(others))
    for make in (
        lambda found: frozenset({t.container("list", found)}),
        lambda found: frozenset({t.keyed("dict", (("a", found),))}),
        lambda found: frozenset((t.CARRIED, one) for one in t.wrappable(found)),
        lambda found: _partial(found, found),
    ):
        assert t.join(make(less), make(more)) == t.join(t.NOTHING, make(more))


def test_a_display_that_comes_late_joins_those_that_were_too_many() -> None:
    displays = [frozenset({t.keyed("dict", ((key, frozenset({(t.FN, ("m.py", 1))})),))}) for key in "abcdef"]
    early = _joined(displays)
    assert len(early) == 1
    assert early == _joined(displays[::-1]) == t.join(_joined(displays[:3]), _joined(displays[2:]))
    assert t.join(early, displays[0]) == early
