"""Writes the projects that ``speed.py`` measures with: the same sizes, seed and interpreter give the same bytes.

``handlers``: many handlers of about 200 lines, each of which imports three shared modules; every fifth holds a
violation, in turn of the kinds in ``FAULTS``. ``monorepo``: the interpreter's standard library as a package, and a few
handlers. ``single``: one handler that is clean and one with a violation, beside the shared modules that they import.
"""

from __future__ import annotations

import random
import shutil
import sysconfig
from pathlib import Path
from string import Template

SHARED = 40
EVERY = 5
SEED = 11
_LEFT_OUT = {"__pycache__", "dist-packages", "idle_test", "lib2to3", "site-packages", "test", "tests"}

FAULTS = (
    "    if datetime.now().day == 1:\n        amounts.append(0)\n",
    '    note = shared_$first.stamped_5(plan["id"])\n    context.step(lambda _: note, name=f"note-{note}")\n',
    "    if random.random() < 0.1:\n        context.wait(Duration.from_days(1), name='grace')\n",
    '    key = shared_$first.marked_6(plan["id"])\n    amounts.append(context.step(lambda _: len(key), name="key"))\n',
    '    for tag in {plan["id"], plan["owner"]}:\n        context.step(lambda _, tag=tag: tag, name=f"tag-{tag}")\n',
    '    table.update_item(Key={"id": plan["id"]}, AttributeUpdates={})\n',
    "    def inner(child: DurableContext) -> int:\n        return context.step(tax_2(plan), name='inner')\n\n"
    '    amounts.append(context.run_in_child_context(inner, name="inner-group"))\n',
    "    try:\n        context.wait(Duration.from_minutes(1), name='pause')\n    except BaseException:\n"
    "        amounts.append(0)\n",
    '    context.step(lambda _: amounts.append(plan["price"]), name="collect")\n',
    '    amounts.append(context.step(tax_1(plan), name=f"tax-{uuid.uuid4()}"))\n',
    '    print("renewed", plan["id"])\n    context.wait(Duration.from_seconds(3))\n',
)

_SHARED_HEAD = '''"""Prices and labels that renewals share, part $number."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

$before
'''

_SHARED_PARTS = (
    '''
def priced_$part(plan: dict[str, Any], factor: int = $part) -> int:
    """The price of a plan in cents, with all of its extras."""
    total = int(plan["price"]) * factor
    for extra in plan.get("extras", []):
        if extra.get("free"):
            continue
        total += int(extra["price"])
    return total

''',
    '''
def stamped_$part(text: str) -> str:
    """A label that says when it was made."""
    parts = [part.strip() for part in text.split(",") if part]
    return json.dumps({"parts": parts, "at": time.time()}, sort_keys=True)

''',
    '''
def marked_$part(text: str) -> str:
    """A label that nothing else has."""
    words = [word for word in text.split() if word.isalnum()]
    return "-".join([*words, uuid.uuid4().hex])

''',
    '''
def listed_$part(plans: list[dict[str, Any]]) -> str:
    """The plans as one text, in the order of their ids."""
    rows = sorted((plan["id"], plan.get("owner", "")) for plan in plans)
    return json.dumps(rows$last)

''',
)

_HANDLER_HEAD = '''"""Renewal $number: taxes, charges and announces the plans of one event."""

from __future__ import annotations

import os
import random
import time
import uuid
from datetime import datetime
from typing import Any

import boto3
from aws_durable_execution_sdk_python import DurableContext, StepContext, durable_execution, durable_step
from aws_durable_execution_sdk_python.config import Duration, StepConfig, WaitForCallbackConfig
from aws_durable_execution_sdk_python.retries import RetryStrategyConfig, create_retry_strategy

$imports

REGION = os.environ.get("REGION", "eu-central-1")
table = boto3.resource("dynamodb").Table("renewals")

'''

_STEP = '''
@durable_step
def tax_$part(step_context: StepContext, plan: dict[str, Any], attempt: int = 0) -> dict[str, Any]:
    """Taxes a plan, way $part."""
    began = time.time()
    # the table is written here, where a step keeps what comes of it
    try:
        answer = table.put_item(Item={"id": plan["id"], "attempt": attempt, "drawn": random.random()})
    except table.meta.client.exceptions.ConditionalCheckFailedException as error:
        step_context.logger.info("taxed before: %s", error)
        return {"state": "known", "label": ""}
    label = shared_$helper.listed_$listed([plan])
    rate = 0.19 if plan.get("country", REGION) == "de" else 0.2
    return {
        "state": answer["ResponseMetadata"]["HTTPStatusCode"],
        "label": label,
        "price": shared_$helper.priced_$priced(plan),
        "tax": round(plan["price"] * rate, 2),
        "seconds": time.time() - began,
        "id": uuid.uuid4().hex,
        "day": datetime.now().isoformat(),
    }

'''

_HANDLER = '''
@durable_execution
def handler(event: dict[str, Any], context: DurableContext) -> dict[str, Any]:
    """Renew every plan of event kind $number."""
    plans = event.get("plans", [])
    careful = StepConfig(retry_strategy=create_retry_strategy(RetryStrategyConfig(max_attempts=4)))
    amounts: list[Any] = []
    for index, plan in enumerate(plans):
        if plan.get("cancelled"):
            continue
$calls    plan = plans[0]
    context.wait(Duration.from_hours(2), name="settle")
$fault
    def announced(child: DurableContext) -> dict[str, Any]:
        mail = child.step(tax_4(plans[0]), name="mail")
        return {"mail": mail}

    def archived(child: DurableContext) -> dict[str, Any]:
        row = child.step(tax_5(plans[-1]), name="row")
        return {"row": row}

    both = context.parallel([announced, archived], name="announce-and-archive")
    both.throw_if_error()
    answer = context.wait_for_callback(
        lambda callback_id, _: table.put_item(Item={"id": callback_id}),
        name="consent",
        config=WaitForCallbackConfig(timeout=Duration.from_days(2)),
    )
    summary: dict[str, Any] = {"count": len(amounts), "both": [str(one) for one in both.get_results()]}
    if answer == "yes":
        summary["consent"] = True
    elif answer == "no":
        summary["consent"] = False
    summary["kind"] = $number
    return summary
'''

_CALL = """        taxed_$part = context.step(tax_$part(plan, attempt=index), name=f"tax-$part-{index}", config=careful)
        amounts.append(taxed_$part)
"""


def _filled(text: str, **values: object) -> str:
    return Template(text).substitute(values)


def _shared(number: int) -> str:
    text = _filled(_SHARED_HEAD, number=number, before=f"from shared import shared_{number - 1}" if number else "")
    for part in range(12):
        last = f" + [shared_{number - 1}.listed_{part}(plans)]" if number else ""
        text += _filled(_SHARED_PARTS[part % 4], part=part, last=last)
    return text.rstrip() + "\n"


def _handler(number: int, helpers: list[int], fault: str) -> str:
    imports = "\n".join(f"from shared import shared_{helper}" for helper in sorted(helpers))
    text = _filled(_HANDLER_HEAD, number=number, imports=imports)
    for part in range(6):
        third = 4 * (part % 3)
        text += _filled(_STEP, part=part, helper=helpers[part % len(helpers)], priced=third, listed=third + 3)
    calls = "".join(_filled(_CALL, part=part) for part in range(4))
    return text + _filled(_HANDLER, number=number, calls=calls, fault=_filled(fault, first=helpers[0]))


def _project(folder: Path, handlers: int, shared: int, every: int = EVERY) -> None:
    chance = random.Random(SEED)
    texts = {f"shared/shared_{number}.py": _shared(number) for number in range(shared)}
    for number in range(handlers):
        fault = FAULTS[number // every % len(FAULTS)] if number % every == every - 1 else ""
        texts[f"handlers/renewal_{number:04}.py"] = _handler(
            number, chance.sample(range(shared), min(3, shared)), fault
        )
    for name in ("shared", "handlers"):
        texts[f"{name}/__init__.py"] = ""
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "pyproject.toml").write_text('[project]\nname = "renewals"\nversion = "0"\n', encoding="utf-8")


def handlers(folder: Path, count: int) -> None:
    """Write ``count`` handlers and the modules that they share."""
    _project(folder, count, SHARED)


def monorepo(folder: Path) -> None:
    """Write the standard library as the package ``library``, and a project of 20 handlers beside it."""
    source = Path(sysconfig.get_path("stdlib"))
    for path in sorted(source.rglob("*.py")):
        place = path.relative_to(source)
        if _LEFT_OUT.isdisjoint(place.parts):
            (folder / "library" / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / "library" / place)
    _project(folder, 20, 8)


def single(folder: Path) -> None:
    """Write ``clean.py`` and ``faulty.py``, and the three modules that both import."""
    _project(folder, 2, 3, every=2)
    for number, name in enumerate(("clean.py", "faulty.py")):
        shutil.move(folder / "handlers" / f"renewal_{number:04}.py", folder / name)
    shutil.rmtree(folder / "handlers")
