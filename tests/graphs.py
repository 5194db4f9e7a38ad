"""Workflows to draw, and what a picture says, as text that tests can compare."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

from durable_lint.config import Overrides
from durable_lint.graph import model
from durable_lint.graph.drawing import draw
from durable_lint.graph.model import Column, Element, Picture

HEAD = """
import time
from aws_durable_execution_sdk_python import DurableContext, StepContext, durable_execution, durable_step
from aws_durable_execution_sdk_python import durable_with_child_context
from aws_durable_execution_sdk_python.config import Duration

@durable_step
def call(step: StepContext, what: str) -> str:
    return what
"""
HANDLER = "\n\n@durable_execution\ndef handler(event: dict, context: DurableContext) -> object:\n"

SMALL = """\
    context.step(call("a"), name="load")
    context.wait(Duration.from_minutes(10), name="cool-down")
    context.step(call("b"), name="charge")
"""


def handler(body: str, before: str = "") -> str:
    """A module with one handler of this body."""
    return HEAD + textwrap.dedent(before) + HANDLER + textwrap.indent(textwrap.dedent(body), "    ")


def large() -> str:
    """A module whose handler has 60 operations in all kinds of structures."""
    before = """
    def notify(ctx, who):
        ctx.step(call("mail"), name=f"mail-{who}")
        ctx.step(call("log"), name="log-mail")

    @durable_with_child_context
    def provision(ctx: DurableContext, region: str):
        ctx.step(call("net"), name="create-network")
        while True:
            if ctx.step(call("state"), name="read-state") == "ready":
                break
            ctx.wait(Duration.from_seconds(30), name="until-it-is-up")
        try:
            ctx.step(call("dns"), name="register")
            ctx.invoke("arn:aws:lambda:eu-west-1:1:function:smoke:1", {}, name="smoke-test")
        except ValueError:
            ctx.step(call("rollback"), name="roll-back")
            raise
        finally:
            time.time()
    """
    arms = "".join(
        f"    case 'kind-{number}':\n        context.step(call('a'), name='arm-{number}')\n" for number in range(9)
    )
    steps = "".join(f"context.step(call('{number}'), name='plain-{number}')\n" for number in range(19))
    body = f"""
started = time.time()
if not event:
    raise ValueError("nothing to do")
for person in event["people"]:
    if person["age"] < 18:
        notify(context, person)
        continue
    elif person["age"] > 90:
        context.wait_for_callback(lambda cid, c: None, name="review-of-a-person-whose-name-is-as-long-as-this-one-here")
    else:
        context.step(call("accept"), name=f"accept-{{person}}")
match event["kind"]:
{arms}
context.parallel([provision("eu"), provision("us"), provision("ap")], name="provision")
context.map(event["users"], lambda c, user, i, all_: c.step(call(user), name="create-user"), name="create-users")
{steps}
parts = [context.step(call(part), name="part") for part in event["parts"] if part]
if parts and context.step(call("q"), name="second-look"):
    context.step(call("f"), name="activate")
notify(context, "sales")
notify(context, "support")
return started
"""
    return HEAD + textwrap.dedent(before) + HANDLER + textwrap.indent(body, "    ")


def pictures(folder: Path, target: str = "app.py", **files: str) -> tuple[Picture, ...]:
    """The pictures of modules that are written to a folder; ``app`` is the text of ``app.py``."""
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, "utf-8")
    drawn = draw(target, Overrides(isolated=True), folder)
    assert drawn.problems == ()
    return drawn.pictures


def outline(items: Sequence[Element], indent: str = "") -> list[str]:
    """A line for each element and for each column of it that has a label."""
    lines = []
    for element in items:
        marks = "".join(f" !{mark.code}" for mark in element.marks)
        lines.append(f"{indent}{_said(element)}{marks}")
        for column in model.columns(element):
            if column.label == "finally" and not column.items:
                continue
            lines += _column(column, indent)
    return lines


def _column(column: Column, indent: str) -> list[str]:
    if not column.label:
        return outline(column.items, f"{indent}  ")
    marks = "".join(f" !{mark.code}" for mark in column.marks)
    return [f"{indent}  [{column.label}]{marks}", *outline(column.items, f"{indent}    ")]


def _said(element: Element) -> str:
    match element:
        case model.Operation():
            return f"{element.title} ({element.note}){' suspends' if element.suspends else ''}"
        case model.Branch():
            return element.test
        case model.Loop():
            return element.head
        case model.Helper():
            return f"{element.name} at {element.place.path}:{element.place.line} {element.folded}".rstrip()
        case model.Attempt():
            return "try"
    return f"{type(element).__name__.lower()}: {element.text}"
