"""Pictures of workflows: what they show of the code, and the command that writes them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from graphs import HANDLER, HEAD, SMALL, handler, large, outline, pictures
from linting import ROOT, run_command

from durable_lint.graph import model

ORDERS = "examples/orders"


def drawn(folder: Path, body: str, before: str = "", **files: str) -> str:
    """The outline of a handler's picture."""
    (picture,) = pictures(folder, app=handler(body, before), **files)
    return "\n".join(outline(picture.items))


def expect(text: str) -> str:
    return textwrap.dedent(text).strip("\n")


# What a picture shows


def test_operations_stand_in_their_order_with_what_they_wait_for(tmp_path: Path) -> None:
    assert drawn(tmp_path, SMALL) == expect("""
        load (step)
        cool-down (wait · Duration.from_minutes(10)) suspends
        charge (step)
    """)


def test_every_kind_of_suspension_is_marked(tmp_path: Path) -> None:
    body = """
    asked = context.create_callback(name="ask")
    context.step(lambda _: asked.callback_id, name="send")
    asked.result()
    context.invoke("other:1", {}, name="other")
    context.wait_for_callback(lambda cid, c: None, name="manager")
    context.wait_for_condition(lambda state, c: state, config=CONFIG, name="ready")
    """
    assert drawn(tmp_path, body) == expect("""
        ask (create_callback) !DUR601
        send (step)
        asked (result) suspends
        other (invoke · other:1) suspends
        manager (wait_for_callback) suspends !DUR601
        ready (wait_for_condition) suspends
    """)


def test_names_come_from_constants_bodies_and_f_strings(tmp_path: Path) -> None:
    before = 'NAME = "from-a-constant"\n'
    body = """
    context.step(call("a"), name=NAME)
    context.step(call("a"))
    context.step(call("a"), name=f"part-{event['id']}")
    context.step(lambda _: 1)
    """
    assert drawn(tmp_path, body, before) == expect("""
        from-a-constant (step)
        call (step)
        part-{event['id']} (step)
        step without a name () !DUR501
    """)


def test_branches_and_jumps(tmp_path: Path) -> None:
    body = """
    if not event:
        return None
    if event["a"]:
        context.step(call("a"), name="a")
    elif event["b"]:
        raise ValueError(event)
    total = 1 if event else 2
    match event["kind"]:
        case "x" | "y":
            context.step(call("x"), name="x")
        case _:
            pass
    paid = context.step(call("p"), name="p") if total else context.step(call("q"), name="q")
    return event["c"] and context.step(call("c"), name="c")
    """
    assert drawn(tmp_path, body) == expect("""
        if not event
          [yes]
            jump: return None
          [no]
        if / elif
          [if event['a']]
            a (step)
          [elif event['b']]
            jump: raise ValueError(event)
          [else]
        match event['kind']
          [case 'x' | 'y']
            x (step)
          [case _]
        if total
          [yes]
            p (step)
          [no]
            q (step)
        if event['c']
          [yes]
            c (step)
          [no]
    """)


def test_loops_and_comprehensions(tmp_path: Path) -> None:
    body = """
    for line in context.step(call("lines"), name="lines"):
        if not line:
            continue
        context.step(call(line), name="pack")
    while context.step(call("more"), name="more"):
        context.wait(Duration.from_minutes(1), name="pause")
    for line in event:
        if line:
            break
    return [context.step(call(line), name="mail") for line in event if line]
    """
    assert drawn(tmp_path, body) == expect("""
        lines (step)
        for line in context.step(call('lines'), name='lines')
          if not line
            [yes]
              jump: continue
            [no]
          pack (step) !DUR503
        while context.step(call('more'), name='more')
          more (step) !DUR503
          pause (wait · Duration.from_minutes(1)) suspends !DUR503
        for line in event if line
          mail (step) !DUR503
    """)


def test_tries_show_what_their_clauses_do(tmp_path: Path) -> None:
    body = """
    try:
        context.step(call("a"), name="a")
    except ValueError:
        context.step(call("undo"), name="undo")
        raise
    except:
        return "failed"
    finally:
        context.step(call("close"), name="close")
    """
    found = drawn(tmp_path, body)
    assert "[try]\n    a (step)" in found
    assert "[except ValueError]" in found and "jump: raise" in found
    assert "[except] !DUR307\n    jump: return 'failed'" in found
    assert "[finally]\n    close (step) !DUR308" in found


def test_bodies_are_drawn_in_their_operations(tmp_path: Path) -> None:
    before = """
    @durable_with_child_context
    def pay(ctx: DurableContext, key: str):
        ctx.step(call(key), name="charge")

    def pack(ctx, item, index, items):
        return ctx.step(call(item), name="pack")

    def ship(ctx):
        return ctx.step(call("ship"), name="ship")
    """
    body = """
    context.run_in_child_context(pay("k"), name="payment")
    context.map(event["lines"], pack, name="lines")
    jobs = [ship]
    jobs.append(lambda ctx: ctx.step(call("bill"), name="bill"))
    context.parallel(jobs, name="rest")
    context.run_in_child_context(lambda inner: inner.wait(Duration.from_days(1), name="day"), name="pause")
    """
    assert drawn(tmp_path, body, before) == expect("""
        payment (run_in_child_context)
          [pay]
            charge (step)
        lines (map · for each of event['lines'])
          [pack]
            pack (step)
        rest (parallel · side by side)
          [ship]
            ship (step)
          [lambda]
            bill (step)
        pause (run_in_child_context)
          [lambda]
            day (wait · Duration.from_days(1)) suspends
    """)


def test_helpers_are_followed_across_modules_and_take_the_names_that_they_are_given(tmp_path: Path) -> None:
    helpers = HEAD + textwrap.dedent("""
    def both(ctx, label, body):
        one(ctx, label)
        ctx.run_in_child_context(body, name=f"all-{label}")

    def one(ctx, label):
        ctx.step(call(label), name=label)

    def pure(rows):
        return [row for row in rows if row]
    """)
    before = "from helpers import both, pure\n"
    body = """
    both(context, "first", lambda c: c.step(call("x"), name="inside"))
    both(context, label="second", body=lambda c: c.wait(Duration.from_hours(1), name="later"))
    return pure(event)
    """
    assert drawn(tmp_path, body, before, helpers=helpers) == expect("""
        both() at helpers.py:11
          one() at helpers.py:15
            first (step)
          all-{label} (run_in_child_context)
            [lambda]
              inside (step)
        both() at helpers.py:11
          one() at helpers.py:15
            second (step)
          all-{label} (run_in_child_context)
            [lambda]
              later (wait · Duration.from_hours(1)) suspends
    """)


def test_methods_recursion_and_several_targets(tmp_path: Path) -> None:
    before = """
    class Card:
        def __init__(self, context: DurableContext):
            self.context = context

        def pay(self):
            self.context.step(call("card"), name="card")

    class Bill(Card):
        def pay(self):
            self.context.wait(Duration.from_days(30), name="until-due")

    def cards(kind, context: DurableContext):
        return Card(context) if kind else Bill(context)

    def count(ctx, left):
        if left:
            ctx.step(call("a"), name="one")
            count(ctx, left - 1)
    """
    body = """
    cards(event["kind"], context).pay()
    count(context, 3)
    """
    assert drawn(tmp_path, body, before) == expect("""
        one of: cards(event['kind'], context).pay
          [Card.pay()]
            Card.pay() at app.py:15
              card (step)
          [Bill.pay()]
            Bill.pay() at app.py:19
              until-due (wait · Duration.from_days(30)) suspends
        count() at app.py:25
          if left
            [yes]
              one (step)
              count() at app.py:25 calls itself again !DUR503
            [no]
    """)


def test_findings_stand_at_what_they_concern(tmp_path: Path) -> None:
    before = """
    def helper(ctx, key):
        ctx.step(call(key), name=f"key-{time.time()}")

    def body_of_step(step):
        SENT.append(1)
    SENT = []
    """
    body = """
    started = time.time()
    context.step(call(started), name="start")
    helper(context, 1)
    for each in {1, 2}:
        context.step(call(each), name=f"{each}")
    if time.time() > 5:
        context.step(body_of_step, name="late")
    print("done")
    return SENT
    """
    found = drawn(tmp_path, body, before)
    assert "code: started = time.time() !DUR101\nstart (step)" in found
    assert "  key-{time.time()} (step) !DUR502" in found
    assert "if time.time() > 5 !DUR101" in found
    assert "late (step) !DUR401" in found
    assert found.endswith("code: print('done') !DUR206")


def test_all_findings_of_the_example_are_in_its_picture() -> None:
    (picture,) = pictures(ROOT, ORDERS)
    found = sorted(mark.code for mark in model.marks(picture))
    text = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / ORDERS).rglob("*.py")))
    assert found == sorted(text[at + 8 : at + 14] for at in range(len(text)) if text.startswith("expect: DUR", at))
    assert len(model.operations(picture)) == 19


def test_other_dialects_are_drawn(tmp_path: Path) -> None:
    text = """
from aws_lambda_durable import durable, step, wait

async def reserve(sku):
    return sku

@durable
async def workflow(event, context):
    held = await step("reserve", reserve, event["sku"])
    if held:
        await wait("cool-off", timeout_days=7)
    return held
"""
    (picture,) = pictures(tmp_path, app=text)
    assert outline(picture.items) == [
        "reserve (step)", "if held", "  [yes]", "    cool-off (wait) suspends", "  [no]",
    ]  # fmt: skip


def test_deep_and_large_workflows_are_drawn_in_bounds(tmp_path: Path) -> None:
    before = "".join(
        f"def h{at}(ctx, x):\n    for y in x:\n        try:\n            return [h{at + 1}(ctx, z) for z in y]\n"
        f"        finally:\n            h{at + 1}(ctx, y)\n"
        for at in range(40)
    )
    before += 'def h40(ctx, x):\n    ctx.step(call("a"), name="deepest")\n'
    nested = "".join(f"{'    ' * at}if event[{at}]:\n" for at in range(80))
    (picture,) = pictures(tmp_path, app=handler(f"{nested}{'    ' * 80}h0(context, event)\n", before))
    every = list(model.walk(picture.items))
    assert any(isinstance(one, model.Helper) and one.folded for one in every)
    assert 80 < len(every) < 20_000


# Which workflows


TWO = HEAD + HANDLER + SMALL + HANDLER.replace("handler", "second") + SMALL


def test_each_handler_has_a_picture_and_a_name_chooses_one(tmp_path: Path) -> None:
    assert [one.name for one in pictures(tmp_path, app=TWO)] == ["handler", "second"]
    assert [one.name for one in pictures(tmp_path, "app.py:second", app=TWO)] == ["second"]
    assert [one.name for one in pictures(tmp_path, ".", app=TWO)] == ["handler", "second"]


def test_a_function_that_a_workflow_calls_can_be_named(tmp_path: Path) -> None:
    app = handler(
        "Flow().run(context)\n", "class Flow:\n    def run(self, ctx):\n        ctx.step(call(1), name='a')\n"
    )
    (picture,) = pictures(tmp_path, "app.py:Flow.run", app=app)
    assert outline(picture.items) == ["a (step)"]


# The command


def test_an_unknown_workflow_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(TWO, "utf-8")
    (tmp_path / "empty.py").write_text("x = 1\n", "utf-8")
    wrong = run_command("graph", "app.py:handlr", cwd=tmp_path)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert 'there is no handler "handlr"; there are handler, second' in wrong.stderr
    for target in ("empty.py", "empty.py:handler"):
        none = run_command("graph", target, cwd=tmp_path)
        assert (none.returncode, none.stdout) == (2, "")
        assert f"there is no workflow in {target}" in none.stderr
    missing = run_command("graph", "ap.py", cwd=tmp_path)
    assert missing.returncode == 2
    assert 'did you mean "app.py"?' in missing.stderr


def test_findings_are_no_failure_and_settings_hold(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(handler("context.step(call(time.time()), name='a')\n"), "utf-8")
    shown = run_command("graph", "app.py", cwd=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "DUR101" in shown.stdout
    assert "DUR101" not in run_command("graph", "app.py", "--ignore", "DUR101", cwd=tmp_path).stdout


def test_what_cannot_be_read_is_said_and_the_rest_drawn(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(handler(SMALL), "utf-8")
    (tmp_path / "broken.py").write_text(f"{HEAD}\ndef (:\n", "utf-8")
    shown = run_command("graph", ".", cwd=tmp_path)
    assert shown.returncode == 2
    assert "broken.py" in shown.stderr
    assert shown.stdout.startswith("flowchart TD\n")


@pytest.mark.parametrize("format_", ["mermaid", "markdown", "dot", "html"])
def test_the_same_code_gives_the_same_bytes_in_a_file_and_on_the_terminal(tmp_path: Path, format_: str) -> None:
    (tmp_path / "app.py").write_text(large(), "utf-8")
    printed = run_command("graph", "app.py", "--format", format_, cwd=tmp_path, environment={"PYTHONHASHSEED": "1"})
    written = run_command(
        "graph", "app.py", "--format", format_, "--output", "out/picture", cwd=tmp_path,
        environment={"PYTHONHASHSEED": "77"},
    )  # fmt: skip
    assert (printed.returncode, printed.stderr) == (0, "")
    assert (written.returncode, written.stdout, written.stderr) == (0, "", "")
    assert (tmp_path / "out" / "picture").read_text("utf-8") == printed.stdout


def test_the_block_of_the_readme_does_what_it_says(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    (block,) = (one for one in re.findall(r"```sh\n(.*?)```", readme, re.DOTALL) if "durable-lint graph" in one)
    (tmp_path / "examples").symlink_to(ROOT / "examples", target_is_directory=True)
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "durable-lint").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m durable_lint "$@"\n')
    if shutil.which("dot") is None:
        (tools / "dot").write_text("#!/bin/sh\necho '<svg>'; cat\n")
    for tool in tools.iterdir():
        tool.chmod(0o755)
    environment = {"PATH": f"{tools}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "GITHUB_STEP_SUMMARY": "job.md"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block], cwd=tmp_path, env=environment, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("flowchart TD\n")
    assert "DUR307" in (tmp_path / "workflow.html").read_text("utf-8")
    assert "```mermaid\nflowchart TD\n" in (tmp_path / "job.md").read_text("utf-8")
    assert "<svg" in (tmp_path / "workflow.svg").read_text("utf-8")
