"""The chains, classes, factories and bodies of a cell; ``$cell`` and the like are filled in."""

from __future__ import annotations

LINK = '''
"""Link $k of the chains of $cell."""

from __future__ import annotations

from dataclasses import dataclass

$imports


@dataclass(frozen=True)
class Parcel$k:
    """What passes link $k."""

    number: str
    weight: int = $k

    @property
    def heavy(self) -> bool:
        return self.weight > 20

    def renamed(self, prefix: str) -> Parcel$k:
        return Parcel$k(f"{prefix}-{self.number}", self.weight)


def trimmed_$k(value: str) -> str:
    parts = [part.strip() for part in value.split(",") if part]
    if not parts:
        return "none"
    return "-".join(sorted(parts))


def follow_$k(value: str) -> str:
    prepared = trimmed_$k(value)
$follow


def tidy_$k(value: str) -> str:
    parcel = Parcel$k(value).renamed("p")
$tidy


def hand_on_$k(context, value: str) -> str:
$hand_on


def call_$k(callback, value: str) -> str:
    first = trimmed_$k(value)
$call


def use_$k(client, key: str) -> dict:
$use


def fill_$k(rows: list, value: str) -> None:
    wanted = Parcel$k(value)
    if wanted.heavy:
        value = value.upper()
$fill
'''
"""A link of the chains: each of its functions calls the same one of the next link."""

LINK_HANDLER = """

@durable_execution
def handler_$k(event: dict, context: DurableContext) -> dict:
    tidied = tidy_$k(event["id"])
    found = follow_$k(event["id"])  # expect: $code
    context.logger.info("link $k: %s", tidied)
    return context.step(lambda _: {"found": found, "again": follow_$k("x")}, name="store-$k")
"""

LEVELS = (
    '''
"""Level 0 of the classes of $cell."""

from stress.shared import Service
from stress.shared import make_table as table_of


class Level0(Service):
    kind = "plain"

    def __init__(self, client, prefix: str = "") -> None:
        super().__init__(client)
        self.prefix = prefix

    @classmethod
    def build(cls, name: str):
        return cls(table_of(name), prefix=name)

    def save(self, row: dict) -> None:
        self.client.put_item(Item=row)

    def describe(self) -> str:
        return f"{self.kind}:{self.prefix}"
''',
    '''
"""Level 1: a property and a static method."""

from .level_0 import *


class Level1(Level0):
    kind = "named"

    @property
    def size(self) -> int:
        return len(self.prefix)

    @staticmethod
    def keyed(text: str) -> str:
        return text.casefold()

    def save_all(self, rows: list) -> None:
        for row in rows:
            self.save(row)
''',
    '''
"""Level 2: a mixin."""

from stress.shared import service as root

from . import level_1
from .link_00 import tidy_00


class Level2(level_1.Level1, root.Audited):
    kind = "audited"

    def describe(self) -> str:
        return self.note(super().describe())

    def hook(self, key: str) -> str:
        return tidy_00(self.note(key))

    def save_noted(self, row: dict) -> str:
        self.save_all([row])
        return self.describe()
''',
    '''
"""Level 3: a property that is impure."""

$imports

from .level_2 import Level2 as Parent


class Level3(Parent):
    kind = "stamped"

    @property
    def stamp(self) -> str:
        return self._stamp()

    def _stamp(self) -> str:
        return str($impure)
''',
    '''
"""Level 4: what the handlers use."""

from ..cell_$number.level_3 import Level3


class Level4(Level3):
    kind = "final"

    def __init__(self, client, prefix: str = "") -> None:
        super().__init__(client, prefix)
        self.helper = Level3(client)

    def describe(self) -> str:
        return f"<{super().describe()}>"

    def stamped(self) -> str:
        return f"{self.describe()} {self.stamp}"

    def helped(self) -> str:
        return self.helper.stamp
''',
)

FACTORIES = '''
"""Makes services and clients for $cell."""

from functools import partial

import boto3

from stress.shared import Service
from stress.shared.clients import Box, make_table

from .level_1 import Level1
from .level_4 import Level4

KINDS = {"small": Level1, "large": Level4}


def make_small(name: str) -> Level1:
    return Level1.build(name)


def make_large(name: str = "large"):
    service = Level4(make_table(name))
    return service


def make(kind: str, name: str):
    return KINDS[kind](make_table(name))


def boxed(name: str) -> Box:
    return Box(make_table(name))


def look_up(table, key: str) -> dict:
    return table.get_item(Key={"pk": key})


def look_up_in(service: Service, key: str) -> dict:
    return look_up(service.client, key)


def topics():
    session = boto3.session.Session()
    return session.client("sns")


orders = partial(look_up, make_table("orders"))
'''

BODIES = '''
"""Bodies of operations for $cell."""

from aws_durable_execution_sdk_python import DurableContext, StepContext, durable_step, durable_with_child_context

from stress.shared import *
from stress.shared import new_label, settings
from stress.shared.registry import registered

from .link_00 import *
from .link_05 import hand_on_05, tidy_05, use_05


@registered
def task(value: str) -> str:
    return tidy_05(clean(value))


@registered
def longer_task(value: str) -> str:
    return joined([task(value), tidy_00(value)])


@durable_step
def store(step: StepContext, table, key: str) -> dict:
    step.logger.info("storing %s", key)
    return use_05(table, key)


@durable_step
def stamp(_step: StepContext, text: str) -> str:
    return new_label(follow_00(text))


@durable_with_child_context
def deliver(context: DurableContext, order: str) -> str:
    stage = settings.stage()  # expect: DUR104
    context.step(stamp(order), name="stamp")
    return hand_on_05(context, f"{order}-{stage}")


@durable_with_child_context
def deliver_quietly(context: DurableContext, order: str) -> str:
    return context.step(stamp(clean(order)), name="stamp-quietly")


def each(child: DurableContext, item: str, index: int, items: list) -> str:
    return child.step(lambda _: follow_00(item), name=f"item-{index}")


def each_stamped(child: DurableContext, item: str, index: int, items: list) -> str:
    stamped = new_label(item)  # expect: DUR101
    return child.step(lambda _: stamped, name=f"item-{index}")
'''

PACKAGE = '''
"""$cell: what other cells may use."""

from .factories import make_large, make_small
from .link_00 import follow_00 as follow
from .link_00 import tidy_00 as tidy
from .ring_0 import *
from .spin import spin_00
'''
