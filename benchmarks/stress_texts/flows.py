"""The handlers of a cell, and those beside the cells; ``$cell`` and the like are filled in."""

from __future__ import annotations

FLOWS = {
    "chains": '''
"""Handlers that call the chains of $cell."""

from aws_durable_execution_sdk_python import DurableContext, durable_execution

import stress.cell_$before as neighbour
from stress.shared import clean

from . import link_00, link_10
from .bodies import deliver, deliver_quietly, each, each_stamped


@durable_execution
def start(event: dict, context: DurableContext) -> dict:
    name = clean(event["name"])
    first = link_00.follow_00(name)  # expect: $follow
    tidied = link_10.tidy_10(name)
    other = neighbour.follow(name)  # expect: $before_follow
    quiet = neighbour.tidy(name)
    link_00.hand_on_00(context, name)
    return {"first": first, "tidied": tidied, "other": other, "quiet": quiet}


@durable_execution
def nested(event: dict, context: DurableContext) -> str:
    context.run_in_child_context(deliver(event["id"]), name="deliver")
    context.run_in_child_context(deliver_quietly(event["id"]), name="deliver-quietly")
    return context.step(lambda _: link_00.hand_on_00(context, event["id"]), name="nested")  # expect: DUR301


@durable_execution
def fan_out(event: dict, context: DurableContext) -> list:
    plain = context.map(event["items"], each, name="plain")
    stamped = context.map(event["items"], each_stamped, name="stamped")
    key = link_10.follow_10(event["id"])  # expect: $follow
    context.step(lambda _: event["id"], name=f"store-{key}")$unstable
    return [*plain.get_results(), *stamped.get_results()]


@durable_execution
def foreign(event: dict, context: DurableContext) -> str:
    def body(child: DurableContext) -> str:
        link_10.hand_on_10(context, "outer")  # expect: DUR302
        return link_10.hand_on_10(child, "own")

    return context.run_in_child_context(body, name="body")
''',
    "rings": '''
"""Handlers that enter the cycles of $cell."""

from aws_durable_execution_sdk_python import DurableContext, durable_execution

from stress.shared import clean, new_id

from .ring_0 import *
from .ring_1 import carry_10, walk_10
from .ring_3 import turn_33 as enter
from .spin import spin_00, spin_49, still_00


@durable_execution
def start(event: dict, context: DurableContext) -> list:
    turned = turn_00(event["id"], 9)  # expect: $turn
    entered = enter(event["id"], 9)  # expect: $turn
    whirled = whirl_00(event["id"], 9)
    spun = spin_00(event["id"], 9)  # expect: $spin
    again = spin_49(event["id"], 9)  # expect: $spin
    still = still_00(event["id"], 9)
    walked = walk_10(context, event["id"], 9)
    return [turned, entered, whirled, spun, again, still, walked]


@durable_execution
def carry(event: dict, context: DurableContext) -> list:
    pure = carry_00(clean, event["id"], 9)
    impure = carry_10(lambda text: f"{text}-{new_id()}", event["id"], 9)  # expect: DUR103
    return [pure, impure, context.step(lambda _: turn_00(event["id"], 9), name="turn")]


@durable_execution
def nested(event: dict, context: DurableContext) -> str:
    return context.step(lambda _: walk_10(context, event["id"], 3), name="walk")  # expect: DUR301
''',
    "classes": '''
"""Handlers that use the classes of $cell."""

from aws_durable_execution_sdk_python import DurableContext, durable_execution

from stress.shared import clients
from stress.shared.registry import run_all

from .factories import boxed, look_up_in, make, make_large, make_small
from .level_2 import Level2
from .level_4 import Level4


@durable_execution
def read(event: dict, context: DurableContext) -> list:
    service = Level4(clients.make_table("orders"))
    row = service.load(event["id"])  # expect: DUR202
    name = [service.describe(), service.render(event["id"]), run_all(event["id"])]
    stamp = service.stamp  # expect: $level
    stamped = service.stamped()  # expect: $level
    helped = service.helped()  # expect: $level
    return context.step(lambda _: [row, name, stamp, stamped, helped, service.load("x")], name="store")


@durable_execution
def built(event: dict, context: DurableContext) -> str:
    service = Level4.build("orders")
    service.load(event["id"])  # expect: DUR202
    stamp = service.stamp  # maybe: $level
    return context.step(lambda _: stamp, name="store")


@durable_execution
def write(event: dict, context: DurableContext) -> list:
    small = make_small(event["id"])
    small.save_all([event])  # expect: DUR202
    large = make_large()
    noted = large.save_noted(event)  # expect: DUR202
    names = [small.describe(), large.describe(), small.keyed("A"), small.title("b")]
    context.step(lambda _: large.save(event), name="save")
    return [noted, small.size, *names]


@durable_execution
def chosen(event: dict, context: DurableContext) -> list:
    made = make(event["kind"], "orders")
    row = made.load(event["id"])  # expect: DUR202
    inside = look_up_in(made, event["id"])  # expect: DUR202
    opened = boxed("orders").open().get_item(Key=event)  # expect: DUR202
    empty = clients.Box(event).open()
    return [row, inside, opened, empty]


class Flow:
    """Keeps its context and its service."""

    def __init__(self, context: DurableContext, service: Level2) -> None:
        self.context = context
        self.service = service

    def run(self, key: str) -> str:
        self.service.save_noted({"pk": key})  # expect: DUR202
        return self.context.step(lambda _: self.service.load(key), name=f"load-{key}")

    def described(self) -> str:
        return self.service.describe()


@durable_execution
def kept(event: dict, context: DurableContext) -> list:
    flow = Flow(context, make_large("kept"))
    return [flow.run(event["id"]), flow.described()]
''',
    "clients": '''
"""Handlers that pass clients on in $cell."""

from aws_durable_execution_sdk_python import DurableContext, durable_execution

from stress.shared import apply, make_queue, make_table

from .bodies import store
from .factories import look_up, orders, topics
from .link_00 import use_00
from .link_10 import use_10

TABLE = make_table("orders")


@durable_execution
def through_chain(event: dict, context: DurableContext) -> list:
    first = use_00(TABLE, event["id"])  # expect: DUR202
    second = use_10(make_table("own"), event["id"])  # expect: DUR202
    stored = context.step(store(TABLE, event["id"]), name="store")
    kept = context.step(lambda _: use_00(TABLE, event["id"]), name="use")
    return [first, second, stored, kept]


class Memory:
    """A table for tests: no client at all."""

    def get_item(self, Key: dict) -> dict:
        return dict(Key)


@durable_execution
def in_memory(event: dict, context: DurableContext) -> list:
    return [use_00(Memory(), event["id"]), look_up(Memory(), event["id"]), context.step(lambda _: 1, name="one")]


@durable_execution
def by_partial(event: dict, context: DurableContext) -> list:
    found = orders(event["id"])  # expect: DUR202
    topics().publish(TopicArn=event["topic"], Message="hello")  # expect: DUR202
    queue = make_queue()
    apply(lambda text: queue.send_message(QueueUrl="q", MessageBody=text), event["id"])  # expect: DUR202
    context.step(lambda _: queue.send_message(QueueUrl="q", MessageBody="b"), name="send")
    return [found]
''',
    "callbacks": '''
"""Handlers that pass functions on in $cell."""

from aws_durable_execution_sdk_python import DurableContext, durable_execution

from stress.shared import apply, clean, compose, new_label, twice

from .link_00 import call_00
from .link_10 import call_10, follow_10, tidy_10

CHOICES = {"tidy": tidy_10, "follow": follow_10}


@durable_execution
def direct(event: dict, context: DurableContext) -> list:
    pure = apply(clean, event["id"])
    impure = apply(new_label, event["id"])  # expect: DUR101
    two = twice(follow_10, event["id"])  # expect: $follow
    two_pure = twice(tidy_10, event["id"])
    return context.step(lambda _: [pure, impure, two, two_pure, apply(new_label, "x")], name="store")


@durable_execution
def down_the_chain(event: dict, context: DurableContext) -> list:
    pure = call_00(clean, event["id"])
    impure = call_10(new_label, event["id"])  # expect: DUR101
    tidied = call_10(tidy_10, event["id"])
    written = call_00(lambda text: new_label(text), event["id"])  # expect: DUR101
    context.step(lambda _: written, name="store")
    return [pure, impure, tidied]


@durable_execution
def composed(event: dict, context: DurableContext) -> list:
    pure = compose(clean, tidy_10)
    impure = compose(clean, new_label)
    chosen = CHOICES["tidy"](event["id"])
    other = CHOICES["follow"](event["id"])  # expect: $follow
    context.step(lambda _: impure(event["id"]), name="impure")
    first = pure(event["id"])  # maybe: DUR101
    return [first, chosen, other]
''',
    "state": '''
"""Handlers that change state in $cell."""

from aws_durable_execution_sdk_python import DurableContext, StepContext, durable_execution

from .link_00 import fill_00
from .link_10 import fill_10

HISTORY: list = []


@durable_execution
def lost(event: dict, context: DurableContext) -> list:
    rows: list = []
    own: list = []
    fill_00(own, event["id"])
    context.step(lambda _: fill_00(rows, event["id"]), name="fill")  # expect: DUR401
    return [rows, own]


@durable_execution
def counted(event: dict, context: DurableContext) -> int:
    total = 0

    def count(step: StepContext) -> int:
        nonlocal total
        total += 1  # expect: DUR401
        return total

    context.step(count, name="count")
    return total


@durable_execution
def remembered(event: dict, context: DurableContext) -> str:
    fill_10(HISTORY, event["id"])  # expect: DUR108
    return context.step(lambda _: event["id"], name="store")


@durable_execution
def unordered(event: dict, context: DurableContext) -> list:
    found = []
    for item in {"a", "b", *event["items"]}:  # expect: DUR106
        found.append(context.step(lambda _, item=item: item, name=f"item-{item}"))
    try:
        context.step(lambda _: 1, name="same")
        context.step(lambda _: 2, name="same")  # expect: DUR503
    except:  # expect: DUR307
        found.append("none")
    context.step(lambda _: 3)  # expect: DUR501
    return found
''',
}
"""The modules ``flow_*`` of a cell: they hold most of its handlers."""

EXTRA = '''
"""Handler $number beside the cells."""

from aws_durable_execution_sdk_python import DurableContext, durable_execution

from stress import shared
from stress.$cell import follow, make_large, spin_00, tidy, whirl_00

from . import *


@durable_execution
def handler(event: dict, context: DurableContext) -> list:
    service = make_large("extra-$number")
    tidied = shared.joined([tidy(event["id"]), whirl_00(event["id"], $number), service.describe()])
    found = follow(event["id"])  # expect: $follow
    spun = spin_00(tidied, $number)  # expect: $spin
    service.save({"pk": tidied})  # expect: DUR202
    return context.step(lambda _: [found, spun, shared.new_id()], name="store-$number")
'''
"""What fills the project up to the wanted number of modules."""
