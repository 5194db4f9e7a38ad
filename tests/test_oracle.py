"""The replay oracle itself, and that the real SDK shows what the rule pages claim."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from evidence import NOT_BY_REPLAY, replay_for, rows
from oracle import Pool, hooks, replay
from oracle.judge import KINDS, VERDICTS
from rule_pages import PAGES, example

from durable_lint import engine

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
HEAD = """\
import time
from aws_durable_execution_sdk_python import DurableContext, durable_execution
from aws_durable_execution_sdk_python.config import Duration
"""
needs_posix = pytest.mark.skipif(os.name != "posix", reason="needs signals and sessions")


def module(body: str, before: str = "") -> str:
    """A module whose handler has this body."""
    handler = "@durable_execution\ndef handler(event, context):\n"
    return HEAD + textwrap.dedent(before) + handler + textwrap.indent(textwrap.dedent(body), "    ")


def has_handler(text: str) -> bool:
    return "\ndef handler(" in text or "\nasync def handler(" in text


# -- the rules


def test_the_table_of_evidence_has_every_rule() -> None:
    missing = sorted({rule.code for rule in engine.rules()} - set(rows()))
    assert missing == [], f"give them a row in tests/evidence.toml: {', '.join(missing)}"


@each_page
def test_the_example_shows_what_the_table_claims(page: Path, pool: Pool) -> None:
    row, text = rows()[page.stem], example(page, "Example")
    if row.shows != NOT_BY_REPLAY:
        report = replay_for(page.stem, text, pool)
        assert row.shows in report.verdicts, report
    elif has_handler(text):
        report = replay_for(page.stem, text, pool)
        assert report.verdict not in ("diverges", "fails"), f"the table says that no replay shows it:\n{report}"


@each_page
def test_what_to_use_instead_is_clean(page: Path, pool: Pool) -> None:
    text = example(page, "Use instead")
    if rows()[page.stem].shows != NOT_BY_REPLAY:
        report = replay_for(page.stem, text, pool)
        assert report.verdict == "clean", report
    elif has_handler(text):
        report = replay_for(page.stem, text, pool)
        assert report.verdict not in ("diverges", "fails"), report


# -- the oracle


def test_the_private_parts_that_it_stands_on_are_there() -> None:
    gone = hooks.missing()
    assert gone == [], f"the oracle must learn this release of the SDK: it misses {', '.join(gone)}"


def test_each_kind_gives_a_verdict() -> None:
    assert {verdict for verdict, _ in KINDS.values()} | {"clean"} == set(VERDICTS)


WRITES = {
    "step": "context.step(lambda _: seen.append(1), name='a')",
    "decorated step": "context.step(durable(seen), name='a')",
    "child": "context.run_in_child_context(lambda child: seen.append(1), name='a')",
    "map": "context.map([1, 2], lambda child, item, index, items: seen.append(item), name='a')",
    "parallel": "context.parallel([lambda child: seen.append(1)], name='a')",
    "submitter": "context.wait_for_callback(lambda token, _: seen.append(token), name='a')",
}


@pytest.mark.parametrize("call", WRITES.values(), ids=WRITES)
def test_it_sees_writes_in_each_kind_of_body(call: str, pool: Pool) -> None:
    decorated = """\
        from aws_durable_execution_sdk_python import durable_step

        @durable_step
        def durable(_, seen):
            seen.append(1)

        """
    report = replay(module(f"seen = []\n{call}\nreturn len(seen)\n", decorated), pool)
    assert "lost write" in report.kinds, report


CLEAN = {
    "accumulates outside": """\
        seen = []
        for index in range(3):
            seen.append(context.step(lambda _: time.time(), name=f"read-{index}"))
            context.wait(Duration.from_hours(1), name=f"wait-{index}")
        return seen
        """,
    "child, map, parallel": """\
        def each(child, item, index, items):
            return child.step(lambda _: item * 2, name="double")

        doubled = context.map([1, 2, 3], each, name="all")
        doubled.throw_if_error()
        both = context.parallel([lambda child: child.step(lambda _: 1, name="one"), lambda child: 2], name="both")
        total = context.run_in_child_context(lambda child: child.step(lambda _: 3, name="sum"), name="inner")
        return [doubled.get_results(), both.get_results(), total]
        """,
    "callback, invoke": """\
        callback = context.create_callback(name="approval")
        context.step(lambda _: callback.callback_id, name="send")
        answer = callback.result()
        return [answer, context.invoke("billing:live", {"answer": answer}, name="bill")]
        """,
    "retries": """\
        import random

        def flaky(step_context):
            if step_context.attempt < 3:
                raise ValueError("try again")
            return random.random()

        return context.step(flaky, name="flaky")
        """,
    "prints once": """\
        if not context.is_replaying():
            print("started")
        context.logger.info("started")
        context.step(lambda _: print("in a step"), name="print")
        context.wait(Duration.from_hours(1), name="rest")
        context.logger.info("done")
        """,
}


@pytest.mark.parametrize("body", CLEAN.values(), ids=CLEAN)
def test_it_finds_nothing_in_right_handlers(body: str, pool: Pool) -> None:
    report = replay(module(body), pool)
    assert report.verdict == "clean", report


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('raise ValueError("no")', "failed execution"),
        ("return {1, 2}", "failed execution"),
        ('context.parallel([lambda: 1], name="all")\nreturn 1', "failed item"),
        ('import socket\nsocket.create_connection(("192.0.2.1", 80))', "failed execution"),
        ("from aws_durable_execution_sdk_python import StepFuture", "failed execution"),
    ],
)
def test_it_says_what_fails(body: str, kind: str, pool: Pool) -> None:
    report = replay(module(body), pool)
    assert (report.verdict, kind in report.kinds) == ("fails", True), report


def test_a_handler_that_is_not_durable_fails(pool: Pool) -> None:
    report = replay("def handler(event, context):\n    return {1, 2}\n", pool)
    assert (report.verdict, "not durable" in str(report)) == ("fails", True), report


def test_a_module_that_needs_a_package_is_undecided(pool: Pool) -> None:
    needs = "from package_of_nobody import limits\n\nlimits.highest + 1\n\n"
    report = replay(module("return 1", needs), pool)
    assert report.verdict == "undecided", report


def test_the_world_is_put_back_after_each_invocation(pool: Pool) -> None:
    body = """\
        import os
        os.environ["LEAK"] = "1"
        context.step(lambda _: 1, name="one")
        """
    assert replay(module(body), pool).verdict == "clean"
    leaked = replay(module('import os\nreturn context.step(lambda _: os.environ["LEAK"], name="read")'), pool)
    assert leaked.verdict == "fails", leaked


def test_temporary_files_are_those_of_one_execution(pool: Pool) -> None:
    body = """\
        from pathlib import Path
        with open("/tmp/oracle-test", "x") as file:
            file.write("1")
        return Path("/tmp").exists()
        """
    first = [
        replay(
            module(
                f"def body(_):\n{textwrap.indent(textwrap.dedent(body), '    ')}\n"
                'return context.step(body, name="write")'
            ),
            pool,
        )
        for _ in range(2)
    ]
    assert [report.verdict for report in first] == ["clean", "clean"], first[0]
    assert not Path("/tmp/oracle-test").exists()


def test_it_says_the_same_each_time(pool: Pool) -> None:
    texts = [example(page, "Example") for page in PAGES if page.stem in ("DUR101", "DUR106", "DUR301", "DUR401")]
    again = [(replay_for("DUR101", text, pool).kinds, replay_for("DUR101", text, pool).kinds) for text in texts]
    assert len(again) == 4
    assert all(one == other for one, other in again), again


# -- its processes


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def gone(pids: list[int]) -> bool:
    """Whether the processes end within ten seconds."""
    deadline = time.monotonic() + 10
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(map(alive, pids))


@needs_posix
def test_a_handler_that_hangs_is_ended_and_undecided() -> None:
    with Pool(limit=1.0) as pool:
        before = pool.pids
        report = replay(module("while True:\n    pass"), pool)
        assert report.verdict == "undecided", report
        assert gone([pid for pid in before if pid not in pool.pids])
        assert replay(module("return 1"), pool).verdict == "clean"
        after = pool.pids
    assert before != after
    assert gone(after)


PARENT = """\
import sys
sys.path.insert(0, {tests!r})
from oracle import Pool, replay

with Pool(limit=60.0) as pool:
    print(*pool.pids, flush=True)
    replay({text!r}, pool)
"""


@needs_posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_no_process_outlives_the_tests(number: signal.Signals, tmp_path: Path) -> None:
    text = module("while True:\n    pass")
    script = PARENT.format(tests=str(Path(__file__).parent), text=text)
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    ) as parent:
        assert parent.stdout
        pids = [int(word) for word in parent.stdout.readline().split()]
        assert len(pids) == 2
        time.sleep(1)  # it is in the handler, or about to be: both must end
        parent.send_signal(number)
        parent.wait(20)
        assert gone(pids)
    assert parent.returncode != 0
    if number == signal.SIGINT:
        assert list(tmp_path.iterdir()) == []
