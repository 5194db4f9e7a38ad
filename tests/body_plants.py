"""What is planted in step bodies: operations of the durable context, and writes to state of the workflow function."""

from __future__ import annotations

from collections.abc import Callable

from module_text import Edit
from planting import Body
from plants import CAUSE, Mutant, Reach, reader, with_reach

OPERATION_CALLS = {
    "step": "{flow}.step(lambda _: 1, name='planted')",
    "invoke": "{flow}.invoke('planted:live', dict(a=1), name='planted')",
    "create_callback": "{flow}.create_callback(name='planted')",
    "map": "{flow}.map([1], lambda child, item, index, items: item, name='planted')",
}

WRITES = {
    "append": ("[]", "{state}.append(1)"),
    "extend": ("[]", "{state}.extend([1, 2])"),
    "slice": ("[]", "{state}[:] = [1]"),
    "item in place": ("[0]", "{state}[0] += 1"),
    "item": ("{}", "{state}['planted'] = 1"),
    "update": ("{}", "{state}.update(planted=1)"),
}
"""The state at first, and the statement that changes it."""


# An operation


def flow_class(call: str) -> list[str]:
    keeping = ["class PlantedFlow:", "    def __init__(self, flow):", "        self.flow = flow", ""]
    return [*keeping, *reader("run", call.format(flow="self.flow"), "    ", "self")]


def operation_direct(call: str, context: str) -> Reach:
    return Reach(call.format(flow=context))


def operation_in_helper(call: str, context: str) -> Reach:
    return Reach(f"planted_run({context})", at_end=reader("planted_run", call.format(flow="flow"), "", "flow"))


def operation_in_annotated_helper(call: str, context: str) -> Reach:
    lines = reader("planted_run", call.format(flow="flow"), "", "flow: DurableContext")
    return Reach(
        f"planted_run(flow={context})",
        imports=["from {package}planted_inner import planted_run"],
        modules={"planted_inner": ["from aws_durable_execution_sdk_python import DurableContext", "", "", *lines]},
    )


def operation_behind_two_helpers(call: str, context: str) -> Reach:
    outer = ["from {package}planted_inner import planted_run", "", "", "def planted_outer(durable):"]
    return Reach(
        f"planted_outer({context})",
        imports=["from {package}planted_middle import planted_outer"],
        modules={
            "planted_inner": reader("planted_run", call.format(flow="flow"), "", "flow"),
            "planted_middle": [*outer, "    return planted_run(durable)"],
        },
    )


def operation_of_object(call: str, context: str) -> Reach:
    made = f"planted_object = PlantedFlow({context})"
    return Reach("planted_object.run()", at_end=flow_class(call), before=[made])


def operation_of_object_made_in_body(call: str, context: str) -> Reach:
    return Reach(
        f"PlantedFlow({context}).run()",
        imports=["from {package}planted_inner import PlantedFlow"],
        modules={"planted_inner": flow_class(call)},
    )


def operation_of_module_object(call: str, context: str) -> Reach:
    method = reader("run", call.format(flow="flow"), "    ", "self, flow")
    return Reach(
        f"planted_object.run({context})",
        imports=["from {package}planted_inner import planted_object"],
        modules={"planted_inner": ["class PlantedFlow:", *method, "", "", "planted_object = PlantedFlow()"]},
    )


OPERATING: dict[str, dict[str, Callable[[str, str], Reach]]] = {
    "direct": {"in the line": operation_direct},
    "one helper": {
        "in the module": operation_in_helper,
        "annotated, in another module": operation_in_annotated_helper,
    },
    "two helpers": {"by name": operation_behind_two_helpers},
    "on self": {
        "object of the workflow function": operation_of_object,
        "object made in the body": operation_of_object_made_in_body,
        "object of another module": operation_of_module_object,
    },
}


# A write


def adder(form: str) -> list[str]:
    return ["def planted_add(state):", f"    {form.format(state='state')}{CAUSE}"]


def box_class(empty: str, form: str) -> list[str]:
    keeping = ["class PlantedBox:", "    def __init__(self):", f"        self.state = {empty}", ""]
    return [*keeping, "    def add(self):", f"        {form.format(state='self.state')}{CAUSE}"]


def write_direct(empty: str, form: str) -> Reach:
    return Reach(form.format(state="planted_state"), before=[f"planted_state = {empty}"])


def write_in_helper(empty: str, form: str) -> Reach:
    return Reach("planted_add(planted_state)", before=[f"planted_state = {empty}"], at_end=adder(form))


def write_in_other_module(empty: str, form: str) -> Reach:
    return Reach(
        "planted_add(planted_state)",
        imports=["from {package}planted_inner import planted_add"],
        before=[f"planted_state = {empty}"],
        modules={"planted_inner": adder(form)},
    )


def write_behind_two_helpers(empty: str, form: str) -> Reach:
    outer = ["from {package}planted_inner import planted_add", "", "", "def planted_outer(target):"]
    return Reach(
        "planted_outer(planted_state)",
        imports=["from {package}planted_middle import planted_outer"],
        before=[f"planted_state = {empty}"],
        modules={"planted_inner": adder(form), "planted_middle": [*outer, "    planted_add(target)"]},
    )


def write_of_object(empty: str, form: str) -> Reach:
    return Reach("planted_box.add()", at_end=box_class(empty, form), before=["planted_box = PlantedBox()"])


def write_of_object_of_other_class(empty: str, form: str) -> Reach:
    return Reach(
        "planted_box.add()",
        imports=["from {package}planted_inner import PlantedBox"],
        before=["planted_box = PlantedBox()"],
        modules={"planted_inner": box_class(empty, form)},
    )


def write_of_module_object(empty: str, form: str) -> Reach:
    return Reach(
        "planted_box.add()",
        imports=["from {package}planted_inner import planted_box"],
        modules={"planted_inner": [*box_class(empty, form), "", "", "planted_box = PlantedBox()"]},
    )


WRITING: dict[str, dict[str, Callable[[str, str], Reach]]] = {
    "direct": {"in the line": write_direct},
    "one helper": {"in the module": write_in_helper, "in another module": write_in_other_module},
    "two helpers": {"by name": write_behind_two_helpers},
    "on self": {
        "class of the module": write_of_object,
        "class of another module": write_of_object_of_other_class,
        "object of another module": write_of_module_object,
    },
}


# The mutants


def body_edits(body: Body, line: str, before: list[str], read: str = "") -> list[Edit]:
    """The edits that put a line into a step body, others before it in the workflow function, and read at its end."""
    edits = [Edit(body.top.offset, body.top.offset, "".join(f"{body.top.indent}{one}\n" for one in before))]
    planted = f"{body.head}{body.point.indent}{line}\n{body.tail}"
    edits.append(Edit(body.point.offset, body.point.offset, planted))
    if body.replaced is not None:
        edits.append(Edit(*body.replaced, "planted_body"))
    if read:
        assert body.result is not None
        start, end = body.result
        edits += [Edit(start, start, "["), Edit(end, end, f", {read}]")]
    return edits


def operation_mutant(body: Body, operation: str, depth: str, variant: str) -> Mutant:
    """An operation in a step body."""
    reach = OPERATING[depth][variant](OPERATION_CALLS[operation], body.workflow.context)
    edits = body_edits(body, f"{reach.expression}  # expect: DUR301", reach.before)
    files = with_reach(body.workflow.module, edits, reach)
    return Mutant(f"{body.name}, {operation}", "nested operation", depth, variant, files, depth != "direct", body.spot)


def write_mutant(body: Body, write: str, depth: str, variant: str) -> Mutant:
    """A write of a step body to state that the end of the workflow function reads."""
    reach = WRITING[depth][variant](*WRITES[write])
    read = "planted_box.state" if depth == "on self" else "planted_state"
    edits = body_edits(body, f"{reach.expression}  # expect: DUR401", reach.before, read)
    files = with_reach(body.workflow.module, edits, reach)
    return Mutant(f"{body.name}, {write}", "lost write", depth, variant, files, depth != "direct", body.spot)
