"""What steps can record of the results of impure calls."""

from __future__ import annotations

import pytest

from durable_lint.knowledge.returns import CARRIED, REFUSED, UNKNOWN, load


def test_each_name_is_a_pattern_that_the_loader_understands() -> None:
    known = load()
    names = [name for name, _ in known.verdicts] + list(known.stateful)
    assert [name for name in names if name.count("*") > 1 or {*"?["} & {*name}] == []


@pytest.mark.parametrize(
    ("api", "verdict"),
    [
        ("boto3.client().get_object", REFUSED),
        ("boto3.client().put_object", CARRIED),
        ("time.time", CARRIED),
        ("time.localtime", REFUSED),
        ("shop.prices", UNKNOWN),
    ],
)
def test_what_is_named_more_exactly_wins(api: str, verdict: str) -> None:
    assert load().of(api) == verdict
