"""Writes a project of 200 modules such as people have, with one handler of 200 lines to edit.

40 handlers, 60 services that call AWS and HTTP, 60 modules of plain data and arithmetic, 40 small tools. A handler uses
some ten of them, straight, and through these some twenty. The same bytes each time.
"""

from __future__ import annotations

import random
from pathlib import Path

HANDLERS, SERVICES, DOMAINS, TOOLS = 40, 60, 60, 36
EDITED = "shop/handlers/checkout.py"

_TOOL = '''"""Small tools, number {n}."""

from __future__ import annotations

import re
import {module}


def clean_{n}(text: str) -> str:
    """The text in one form."""
    return re.sub(r"\\s+", " ", text).strip().lower()


def split_{n}(text: str, size: int = {n}) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size or 1)]


def stamp_{n}() -> str:
    return f"{{{call}}}"


class Ledger{n}:
    """Sums by key."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = {{}}

    def add(self, key: str, amount: int) -> int:
        self.rows[key] = self.rows.get(key, 0) + amount
        return self.rows[key]

    def total(self) -> int:
        return sum(self.rows.values())
'''

_DOMAIN = '''"""Data of part {n} of the shop."""

from __future__ import annotations

from dataclasses import dataclass, field

from shop.tools.tool_{a} import clean_{a}
from shop.tools.tool_{b} import Ledger{b}, split_{b}

RATE_{n} = {n} / 100


@dataclass
class Item{n}:
    sku: str
    price: int
    quantity: int = 1

    @property
    def total(self) -> int:
        return self.price * self.quantity

    def with_discount(self, percent: int) -> "Item{n}":
        return Item{n}(self.sku, self.price * (100 - percent) // 100, self.quantity)


@dataclass
class Basket{n}:
    items: list[Item{n}] = field(default_factory=list)

    def add(self, item: Item{n}) -> None:
        self.items.append(item)

    def total(self) -> int:
        ledger = Ledger{b}()
        for item in self.items:
            ledger.add(item.sku, item.total)
        return ledger.total()


def parse_{n}(rows: list[dict]) -> Basket{n}:
    basket = Basket{n}()
    for row in rows:
        basket.add(Item{n}(clean_{a}(row["sku"]), int(row["price"]), int(row.get("quantity", 1))))
    return basket


def tax_{n}(amount: int, country: str) -> int:
    if country in ("de", "at"):
        return round(amount * 0.19)
    return round(amount * RATE_{n}) if split_{b}(country) else 0


def summary_{n}(basket: Basket{n}, country: str) -> dict:
    total = basket.total()
    return {{"total": total, "tax": tax_{n}(total, country), "lines": [item.sku for item in basket.items]}}
'''

_SERVICE = '''"""The service behind part {n} of the shop."""

from __future__ import annotations

import boto3
import requests

from aws_durable_execution_sdk_python import StepContext, durable_step

from shop.domain.part_{d} import Basket{d}, summary_{d}
from shop.tools.tool_{a} import clean_{a}, stamp_{a}

TABLE_{n} = boto3.resource("dynamodb").Table("part-{n}")


class Client{n}:
    """Talks to the service."""

    def __init__(self, base: str = "https://example.com/{n}") -> None:
        self.base = base
        self.session = requests.Session()

    def fetch(self, key: str) -> dict:
        answer = self.session.get(f"{{self.base}}/{{clean_{a}(key)}}", timeout=5)
        answer.raise_for_status()
        return answer.json()

    def send(self, key: str, body: dict) -> str:
        return self.session.post(f"{{self.base}}/{{key}}", json=body, timeout=5).text


def load_{n}(key: str) -> dict:
    return TABLE_{n}.get_item(Key={{"pk": key}}).get("Item", {{}})


def reference_{n}(prefix: str) -> str:
    return f"{{prefix}}-{{stamp_{a}()}}"


@durable_step
def store_{n}(step: StepContext, key: str, body: dict) -> str:
    TABLE_{n}.put_item(Item={{"pk": key, **body}})
    return Client{n}().send(key, body)


@durable_step
def receipt_{n}(step: StepContext, basket: dict, country: str) -> dict:
    found = load_{n}(basket["id"])
    return {{"total": basket["total"], "known": bool(found), "country": country}}


def describe_{n}(basket: Basket{d}, country: str) -> str:
    found = summary_{d}(basket, country)
    return f"{{found['total']}} in {{country}}"
'''

_HEAD = '''"""{doc}"""

from __future__ import annotations

from aws_durable_execution_sdk_python import DurableContext, durable_execution
from aws_durable_execution_sdk_python.config import Duration
{imports}

'''

_HANDLER = '''
@durable_execution
def handler_{n}(event: dict, context: DurableContext) -> dict:
    """Takes an order through part {n}."""
    basket = parse_{d}(event["lines"])
    country = event.get("country", "de")
    described = describe_{s}(basket, country)
    totals = {{"id": event["id"], **summary_{d}(basket, country)}}
    receipt = context.step(receipt_{s}(totals, country), name="receipt")
    if totals["total"] > {limit}:
        context.wait(Duration.from_minutes(10), name="cool-down")
    stored = context.step(store_{s}(event["id"], totals), name="store")
    for index, line in enumerate(event["lines"]):
        context.step(lambda _, one=line: load_{s}(one["sku"]), name=f"line-{{index}}")
    context.logger.info("done %s", described)
    return {{"receipt": receipt, "stored": stored, "total": totals["total"]}}
'''


def write(folder: Path, *, one: bool = False) -> Path:
    """Write the project; gives the handler to edit: nine functions, or with ``one`` one that does all they do."""
    chance = random.Random(0)
    files: dict[str, str] = {f"shop/{name}/__init__.py": "" for name in ("handlers", "services", "domain", "tools")}
    files["shop/__init__.py"] = '"""A shop."""\n'
    calls = (("time", "time.time()"), ("uuid", "uuid.uuid4().hex"), ("zlib", "zlib.crc32(b'')"))
    for n in range(TOOLS):
        module, call = calls[n % 3]
        files[f"shop/tools/tool_{n}.py"] = _TOOL.format(n=n, module=module, call=call)
    for n in range(DOMAINS):
        a, b = chance.sample(range(TOOLS), 2)
        files[f"shop/domain/part_{n}.py"] = _DOMAIN.format(n=n, a=a, b=b)
    for n in range(SERVICES):
        files[f"shop/services/service_{n}.py"] = _SERVICE.format(n=n, d=n, a=chance.randrange(TOOLS))
    for n in range(HANDLERS - 1):
        s = chance.randrange(SERVICES)
        text = _handler(n, s, "An order")
        files[f"shop/handlers/handler_{n}.py"] = text
    files[EDITED] = _joined(_checkout(chance)) if one else _checkout(chance)
    for path, text in sorted(files.items()):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return folder / EDITED


def _joined(text: str) -> str:
    """The handlers of a module as one function."""
    head, first, *others = text.split("\n@durable_execution\n")
    bodies = [body.split(":\n", 1)[1].partition("    return {")[0].rstrip() + "\n" for body in (first, *others[:-1])]
    lines = (head + "\n@durable_execution\n" + first.split(":\n")[0] + ":\n" + "\n".join(bodies)).rstrip().split("\n")
    lines += [f'    context.step(lambda _: {n}, name="more-{n}")' for n in range(len(lines), 199)]
    return "\n".join([*lines, "    return {}"]) + "\n"


def _imports(s: int) -> str:
    return (
        f"\nfrom shop.domain.part_{s} import parse_{s}, summary_{s}\n"
        f"from shop.services.service_{s} import describe_{s}, load_{s}, receipt_{s}, reference_{s}, store_{s}"
    )


def _handler(n: int, s: int, doc: str) -> str:
    return _HEAD.format(doc=doc, imports=_imports(s)) + _HANDLER.format(n=n, d=s, s=s, limit=n * 10)


def _checkout(chance: random.Random) -> str:
    """Several handlers over eight services, with two faults; 200 lines."""
    parts = sorted(chance.sample(range(SERVICES), 8))
    text = _HEAD.format(doc="The handler to edit.", imports="".join(map(_imports, parts)))
    for s in parts:
        text += "\n" + _HANDLER.format(n=s, d=s, s=s, limit=s * 10)
    first = parts[0]
    text += f'''

@durable_execution
def checkout(event: dict, context: DurableContext) -> dict:
    """Everything, with two faults."""
    reference = reference_{first}("order")
    known = load_{first}(event["id"])
    context.step(store_{first}(reference, known), name="store")
    return {{"reference": reference}}
'''
    lines = text.rstrip("\n").split("\n")
    assert len(lines) <= 200, len(lines)
    lines += [f"# note {n}" for n in range(len(lines), 200)]
    return "\n".join(lines) + "\n"
