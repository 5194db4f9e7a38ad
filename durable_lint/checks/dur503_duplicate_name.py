"""DUR503: one name for several operations of a context."""

from collections.abc import Iterator
from itertools import groupby

from durable_lint.checks.base import WARNING, Check, Finding, Rule
from durable_lint.checks.repairs import with_number

RULE = Rule("DUR503", "duplicate-name", WARNING, "one constant name for several operations of a context", "history")


def check(ctx: Check) -> Iterator[Finding]:
    """The second and later uses of a constant name on a context, and uses in a loop; exclusive branches may share."""
    for region in ctx.replayed():
        uses = sorted(region.names.values(), key=lambda use: (repr(use.scope), use.label, use.start))
        for (_, label), group in groupby(uses, key=lambda use: (repr(use.scope), use.label)):
            alike = list(group)
            for index, use in enumerate(alike):
                if use.place.loops:
                    message = f'every round of the loop uses the name "{label}" again'
                elif any(not use.place.excludes(other.place) for other in alike[:index]):
                    message = f'the name "{label}" is already used on this context'
                else:
                    continue
                yield Finding(RULE, use.start, use.end, message, fix=with_number(ctx, region, use, alike))
