"""Plain searches over the bytes of files say what the patterns say that they stand for."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from durable_lint import workspace

TESTS = re.compile(rb"\bTestCase\b|^\s*(?:async\s+)?def\s+test", re.MULTILINE)
COMMENT = re.compile(rb"durable-lint:|noqa\s*:[^\n]*DUR", re.IGNORECASE)

PIECES = st.sampled_from(
    [b"TestCase", b"def", b"test", b"async", b" ", b"\t", b"\n", b"x", b"_", b".", b"9", b"\xc3\xa9", b"#", b"noqa",
     b"NoQA", b":", b"DUR101", b"dur", b"durable-lint:", b"Durable-Lint:", b"("]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=12).map(b"".join)


@settings(max_examples=500, deadline=None)
@given(TEXTS)
def test_searches_agree_with_patterns(text: bytes) -> None:
    assert workspace._holds_tests(text) == (TESTS.search(text) is not None)
    assert workspace._holds_comment(text) == (COMMENT.search(text) is not None)


def test_both_answers_are_given() -> None:
    assert workspace._holds_tests(b"class A(unittest.TestCase): ...") and workspace._holds_tests(
        b"async  def test_a(): ..."
    )
    assert not workspace._holds_tests(b"MyTestCases = undef test")
    assert workspace._holds_comment(b"x  # NOQA: E501, DUR101") and not workspace._holds_comment(
        b"during  # noqa: E501"
    )
