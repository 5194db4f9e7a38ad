"""Small projects of several modules that lean on each other in the ways that the index follows, and random edits."""

from __future__ import annotations

import ast
import random
import re
import shutil
from pathlib import Path

GRAMMAR: dict[str, tuple[str, ...]] = {
    "head helper": ("import contextlib\nimport functools\nimport os\nimport random\nimport time\nimport uuid\n",),
    "head handler": (
        "<head helper>from aws_durable_execution_sdk_python import DurableContext, StepContext\n"
        "from aws_durable_execution_sdk_python import durable_execution, durable_step\n"
        "from aws_durable_execution_sdk_python.config import Duration, StepConfig\n",
    ),
    "head test": (
        "<head helper>import pytest\nfrom aws_durable_execution_sdk_python_testing import DurableFunctionTestRunner\n",
    ),
    "state": ("STATE = []\nTABLE = {}\nCOUNT = 0\n",),
    "effect": ("time.time()", "random.random()", "uuid.uuid4()", 'os.environ.get("A")', "time.sleep(1)",
               'open("f").read()', "print(value)", "len(str(value))", "value", "[value]", "{value, 1}"),
    "change": ("STATE.append(<expr>)", 'TABLE["k"] = value', "STATE.clear()", "STATE.append(value)", "pass",
               "x = <expr>", "pass"),
    "given": ("value", "1", '"a"', "time.time", "lambda: time.time()", "help_0", "None", "<near>help_<i>"),
    "i": ("0", "1", "2"),
    "call": ("<near>help_<i>(<given>)", "<near>help_<i>(value, <given>)", "<near>help_<i>(value, cb=<given>)",
             "<near>Keeper(<given>).total", "<near>Keeper(<given>).add(value)", "<near>Base().act()", "<near>STATE",
             "<near>COUNT", "len(<near>STATE)", "<near>STATE.append(<given>)",
             "functools.partial(<near>help_<i>, <given>)()", "<near>make(<given>)()", "<near>make(<given>)(value)",
             '<near>dispatch("help_<i>", <given>)', "<near>alias_<i>(value)", "<near>DEFAULT.add(value)",
             "<near>Shape(<given>).area", "<near>Shape(1)(<given>)", "list(<near>each(<given>))",
             "<near>Sub().act()", "<near>Sub()", "<near>LOG.info(value)", "<near>bare(<given>)"),
    "expr": ("<effect>", "<call>", "<call>"),
    "helper": (
        "<wrapped>def help_<i>(value, cb=None):\n    <change>\n    return <expr>\n",
        "<wrapped>def help_<i>(value, cb=None):\n    <change>\n    return cb(value) if cb else value\n",
        "<wrapped>def help_<i>(value, cb=None):\n    global COUNT, TABLE\n    COUNT += 1\n    return value\n",
        "<wrapped>def help_<i>(value, cb=None):\n    <change>\n    cb.x = 1\n    return cb\n",
        "def help_<i>(value, cb=None):\n    <change>\n    cb()\n",
    ),
    "wrapped": ("", "", "", "", "@functools.lru_cache\n", "@<near>wrap\n", "@<near>register\n", '@<near>named("k")\n'),
    "registry": (
        "REG = {}\n\n\ndef register(fn):\n    REG[fn.__name__] = fn\n    return fn\n\n\n"
        "def dispatch(name, value):\n    return REG[name](value)\n",
        "REG = {'help_0': help_0, 'help_1': <near>help_1}\n\n\ndef dispatch(name, value=None):\n"
        "    return REG.get(name, help_2)(value)\n",
        "REG = []\n\n\ndef named(key):\n    def keep(fn):\n        REG.append(fn)\n        return fn\n\n"
        "    return keep\n\n\n"
        "def dispatch(name, value):\n    for fn in REG:\n        fn(value)\n",
    ),
    "closure": (
        "def make(cb=None, value=1):\n    def inner(*args):\n        <change>\n"
        "        return <expr>\n\n    return inner\n",
        "def make(cb=None):\n    return lambda *args: cb() if cb else <near>help_<i>(1)\n",
        "def make(cb=None):\n    return functools.partial(<near>help_<i>, cb)\n",
        "def make(cb=None):\n    total = 0\n\n    def inner(*args):\n        nonlocal total\n        total += 1\n"
        "        return cb\n\n    return inner\n",
    ),
    "shape": (
        "class Shape:\n    def __init__(self, side=1):\n        self.side = side\n\n"
        "    @property\n    def area(self):\n"
        "        value = 1\n        return <expr>\n\n    def __call__(self, *args):\n        value = self.side\n"
        "        return <expr>\n\n    def __enter__(self):\n        return self\n\n"
        "    def __exit__(self, *args):\n        value = 1\n        <expr>\n",
        "class Shape(<near>Keeper):\n    def add(self, value):\n        <own change>\n        return <expr>\n",
    ),
    "alias": ("alias_<i> = <near>help_<i>\n", "DEFAULT = <near>Keeper(<given0>)\n", "DEFAULT = <near>Shape(<given0>)\n",
              "import logging\n\nLOG = logging.getLogger(__name__)\n",
              "alias_<i> = functools.partial(<near>help_<i>, 1)\n",
              "def each(value):\n    for item in STATE:\n        yield <expr>\n",
              "from aws_lambda_powertools import Logger\n\nLOG = Logger()\n"),
    "given0": ("1", "time.time", "help_0", "<near>help_<i>"),
    "bare": (
        "def bare(context, fn=None, value=1):\n    context.step(lambda _: <expr>, name='bare')\n    return <expr>\n",
        "def bare(value):\n    <change>\n    return value\n",
        "class Flow:\n    def __init__(self, context, value=1):\n        self.context = context\n\n"
        "    def start(self, value):\n        <expr>\n"
        "        return self.context.step(lambda _: <expr>, name=<name>)\n",
        "from aws_durable_execution_sdk_python import DurableContext\n\n\nclass Flow:\n"
        "    def __init__(self, context: DurableContext):\n        self.context = context\n\n"
        "    def start(self, value):\n        <own change>\n        return self.context.step(lambda _: <expr>)\n",
        "def retry(error, attempts):\n    value = attempts\n    return <expr>\n",
        "def helper_child(context):\n    value = 1\n    context.wait(<expr>)\n    return <expr>\n",
    ),
    "shared step": (
        "from aws_durable_execution_sdk_python import StepContext, durable_step\n\n\n"
        "@durable_step\ndef work_<i>(step: StepContext, value):\n    <change>\n    return <expr>\n",
        "from aws_durable_execution_sdk_python import DurableContext, durable_with_child_context\n\n\n"
        "@durable_with_child_context\ndef child_<i>(context: DurableContext, value=1):\n    <change>\n"
        "    context.step(lambda _: <expr>)\n    return <expr>\n",
    ),
    "keeper": (
        "class Keeper:\n    size = 0\n\n    def __init__(self, value, context=None):\n        self.value = value\n"
        "        self.context = context\n        self.total = 0\n\n"
        "    def add(self, value):\n        <own change>\n        return <expr>\n\n"
        "    def go(self, fn):\n        return self.context.step(<own body>, name=<name>)\n\n\n"
        "class Base:\n    def act(self):\n        return self.hook()\n\n"
        "    def hook(self):\n        value = 1\n        return <effect>\n",
    ),
    "own change": ("self.total += 1", "self.value = value", "pass", "Keeper.size += 1"),
    "own body": ("fn", "lambda _: fn()", "lambda _: self.add(1)"),
    "name": ("'go'", "'go'", "str(time.time())", "None", "str(value)"),
    "manager": (
        "@contextlib.contextmanager\ndef managed(value=None):\n    try:\n        yield value\n"
        "    finally:\n        <expr>\n",
    ),
    "decorator": (
        "def wrap(fn):\n    @functools.wraps(fn)\n    def inner(*args, **kwargs):\n        value = 1\n        <expr>\n"
        "        return fn(*args, **kwargs)\n\n    return inner\n",
        "def wrap(fn):\n    def inner(*args, **kwargs):\n        return fn(*args, **kwargs)\n\n    return inner\n",
        "from aws_durable_execution_sdk_python import durable_execution\n\n\n"
        "def durable(fn):\n    return durable_execution(fn)\n",
    ),
    "runner": (
        "def run(context, fn, name='x', value=1):\n    <change>\n    return <run>\n",
        "from aws_durable_execution_sdk_python import DurableContext\n\n\n"
        "def run(context: DurableContext, fn, name='x', value=1):\n    <change>\n    return <run>\n",
    ),
    "run": ("context.step(fn, name=name)", "context.step(lambda _: fn(), name=name)", "fn(context)",
            "context.run_in_child_context(fn, name=name)", "context.map([1, 2], fn, name=name)",
            "context.step(lambda _: fn(time.time()), name=str(value))"),
    "body": ("lambda step: <expr>", "<near>help_0", "lambda _: <near>help_1(value)", "work_<i>(value)",
             "<near>Keeper(1).add", "functools.partial(<near>help_2, 1)", "local", "<near>work_<i>(value)",
             "<near>make(<given>)", "<near>Shape(1)", "<near>alias_<i>", "<near>DEFAULT.add", "<near>Sub().act"),
    "handler": (
        "<entry>\ndef handler(event, context: DurableContext):\n    value = event\n    total = 0\n"
        "<statements>    return <result>\n",
        "<entry>\ndef other(event, context: DurableContext):\n    value = event\n<statements>    return <result>\n",
    ),
    "entry": ("@durable_execution", "@durable_execution", "@durable_execution", "@<near>durable",
              "@durable_execution\n@<near>wrap"),
    "result": ("value", "value", "STATE", "<expr>"),
    "statements": ("    <statement>\n", "    <statement>\n    <statement>\n", "    <statement>\n<statements>"),
    "statement": (
        "value = <expr>",
        "value = context.step(<body>, name=<name>)",
        "context.step(<body>)",
        "<near>run(context, <body>)",
        "<near>run(context, <body>, name='y', value=<expr>)",
        "value = <near>Keeper(<expr>, context).go(<body>)",
        "with <near>managed(value):\n        context.wait(Duration.from_seconds(5))",
        "with <near>managed(value):\n        <expr>",
        "if <expr>:\n        context.step(<body>, name='z')",
        "for item in <near>STATE:\n        context.step(<body>, name='loop')",
        "for item in {1, 2}:\n        context.step(<body>, name='loop')",
        "def work(step):\n        nonlocal value\n        value = 2\n        return <expr>\n\n"
        "    context.step(work, name='w')",
        "child = context.run_in_child_context(lambda c: <expr>, name='c')",
        "<near>STATE.append(<expr>)",
        "context.logger.info('%s', <expr>)",
        "keeper = <near>Keeper(value, context)\n    keeper.add(<expr>)\n    value = keeper.total",
        "value = Sub().act()",
        "value = <near>help_0(value, cb=<callback>)",
        "context.map([1], lambda c, i, n, a: <expr>, name='m')",
        "value = <near>bare(context, <body>)",
        "value = <near>Flow(context).start(<expr>)",
        "context.set_logger(<near>LOG)",
        "context.step(<body>, name='r', config=StepConfig(retry_strategy=<near>retry))",
        "context.run_in_child_context(<near>child_<i>(value), name='c')",
        "context.run_in_child_context(<near>helper_child, name='c')",
        "with <near>Shape(value) as shape:\n        context.wait(Duration.from_seconds(5))",
        "for item in <near>each(value):\n        context.step(<body>, name='e')",
        "<near>DEFAULT.total = <expr>\n    value = <near>DEFAULT.total",
        "<near>TABLE['k'] = <expr>",
    ),
    "callback": ("local", "lambda: time.time()", "Sub().hook", "context.step", "handler", "<near>make(value)",
                 "lambda: context.step(<body>)", "functools.partial(context.step, local)"),
    "step": (
        "@durable_step\ndef work_<i>(step: StepContext, value):\n    <change>\n    return <expr>\n",
        "def local(value=None):\n    return <expr>\n",
    ),
    "subclass": ("class Sub(<near>Base):\n    def hook(self):\n        value = 1\n        return <expr>\n",),
    "test": (
        "def test_a(runner):\n    with DurableFunctionTestRunner(handler=<near>handler) as r:\n"
        "        result = r.run(input='x')\n    assert result.operations[0]\n",
        "def test_b():\n    r = DurableFunctionTestRunner(handler=<near>handler)\n    assert r.run(input='x')\n",
        "def test_c():\n    assert <near>help_0(1) and <near>STATE\n",
        "def test_d(runner):\n    <near>handler({}, None)\n    assert runner\n",
        "@pytest.fixture\ndef runner():\n    yield DurableFunctionTestRunner(handler=<near>handler)\n",
        "@pytest.fixture\ndef runner():\n    return <near>make_runner(<near>handler)\n",
        "def make_runner(handler):\n    return DurableFunctionTestRunner(handler=handler)\n",
        "def test_e(mocker):\n    mocker.patch('time.time')\n    assert <near>run(mocker.Mock(), local)\n",
    ),
    "block helper": ("<helper>", "<helper>", "<helper>", "<keeper>", "<manager>", "<decorator>", "<runner>",
                     "<registry>", "<closure>", "<shape>", "<alias>", "<bare>", "<shared step>", "<subclass>"),
    "block handler": ("<handler>", "<handler>", "<handler>", "<step>", "<step>", "<helper>", "<subclass>"),
    "block test": ("<test>", "<test>", "<helper>"),
}  # fmt: skip
"""What code is made of: each name in ``<>`` stands for one of its texts; ``near`` for where a name may come from."""

_NAME = re.compile(r"<([a-z ]+)>")


class Module:
    """A module that is being made."""

    def __init__(self, kind: str, path: str) -> None:
        self.kind, self.path = kind, path
        self.imports: list[str] = []
        self.blocks: list[str] = []


class Generated:
    """A project made by the grammar. Everything follows from the seed."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root, self.chance = root, random.Random(seed)
        self.folder = self.chance.choice(("", "", "pkg/"))
        self.modules: dict[str, Module] = {}
        counts = {"helper": self.chance.randint(2, 4), "handler": self.chance.randint(2, 4)}
        for kind, count in (*counts.items(), ("test", self.chance.randint(0, 1))):
            for number in range(count):
                name = f"{ {'helper': 'util', 'handler': 'wf', 'test': 'test'}[kind] }_{number}"
                folder = self.folder if kind == "helper" else ""
                self.modules[name] = made = Module(kind, f"{folder}{name}.py")
                for other in self._importable(name):
                    if self.chance.random() < 0.6:
                        made.imports.append(self._import(other))
                made.blocks = [self._expanded(f"<block {kind}>", made) for _ in range(self.chance.randint(1, 4))]
        self._write()

    def edit(self) -> set[str]:
        """Change a module or two; gives the files that are others now."""
        names = list(self.modules)
        for name in self.chance.sample(names, self.chance.choice((1, 1, 1, 2))):
            made = self.modules[name]
            at = self.chance.randrange(len(made.blocks))
            others = (self._add, self._remove, self._bring, self._forget, self._remark, self._swap)
            self.chance.choice((self._replace, self._replace, *others))(made, name, at)
        return self._write()

    def _replace(self, made: Module, name: str, at: int) -> None:
        made.blocks[at] = self._expanded(f"<block {made.kind}>", made)

    def _add(self, made: Module, name: str, at: int) -> None:
        made.blocks.insert(at, self._expanded(f"<block {made.kind}>", made))

    def _remove(self, made: Module, name: str, at: int) -> None:
        if len(made.blocks) > 1:
            del made.blocks[at]

    def _bring(self, made: Module, name: str, at: int) -> None:
        known = self._importable(name)
        if known:
            made.imports.append(self._import(self.chance.choice(known)))

    def _forget(self, made: Module, name: str, at: int) -> None:
        if made.imports:
            made.imports.pop(self.chance.randrange(len(made.imports)))

    def _remark(self, made: Module, name: str, at: int) -> None:
        made.blocks[at] = self.chance.choice(("# a remark\n", "# durable-lint: ignore[DUR101]\n")) + made.blocks[at]

    def _swap(self, made: Module, name: str, at: int) -> None:
        """Put other words into a line."""
        lines = made.blocks[at].split("\n")
        place = self.chance.randrange(len(lines))
        old = self.chance.choice(("value", "help_0", "help_1", "time.time()", "1", "STATE", "context", "fn"))
        new = self.chance.choice(("value", "help_0", "help_2", "random.random()", "2", "TABLE", "work_0"))
        made.blocks[at] = "\n".join([*lines[:place], lines[place].replace(old, new), *lines[place + 1 :]])

    def _importable(self, name: str) -> list[str]:
        kind, helpers = name.partition("_")[0], [one for one in self.modules if one.startswith("util")]
        if kind == "util":
            return [one for one in helpers if one < name or (one > name and self.chance.random() < 0.1)]
        return helpers if kind == "wf" else [one for one in self.modules if one != name]

    def _import(self, other: str) -> str:
        if self.folder and other.startswith("util"):
            plain = f"from pkg import {other}"
            ways = [plain, plain, f"import pkg.{other}", f"from pkg.{other} import *", f"import pkg\n{plain}"]
        else:
            named = ("*", "*", "help_0, help_1", "STATE", "help_0 as alias_0, work_0, make", "Keeper, Base, DEFAULT")
            names = [f"from {other} import {name}" for name in named]
            ways = [f"import {other}"] * 3 + names
        return self.chance.choice(ways)

    def _near(self, made: Module) -> str:
        known = [name for name in self.modules if any(name in line for line in made.imports)]
        if not known or self.chance.random() < 0.2:
            return ""
        name = self.chance.choice(known)
        return self.chance.choice((f"{name}.", f"{name}.", f"{name}.", f"pkg.{name}." if self.folder else ""))

    def _expanded(self, text: str, made: Module) -> str:
        def one(match: re.Match[str]) -> str:
            return self._near(made) if match[1] == "near" else self.chance.choice(GRAMMAR[match[1]])

        while (more := _NAME.sub(one, text)) != text:
            text = more
        return text

    def _text(self, made: Module) -> str:
        head = self._expanded(f"<head {made.kind}>", made) + "".join(f"{line}\n" for line in made.imports)
        return "\n\n".join([head, GRAMMAR["state"][0], *made.blocks])

    def _write(self) -> set[str]:
        changed = set()
        for made in self.modules.values():
            while not parses(text := self._text(made)):
                made.blocks = [self._expanded(f"<block {made.kind}>", made)]
            changed |= put(self.root / made.path, text)
        return changed


class Mutated:
    """A copy of a fixture that is a folder, whose lines are deleted, doubled and exchanged."""

    def __init__(self, root: Path, seed: int, cases: list[Path]) -> None:
        self.chance = random.Random(seed)
        shutil.copytree(self.chance.choice(cases), root, dirs_exist_ok=True)
        self.files = sorted(root.rglob("*.py"))

    def edit(self) -> set[str]:
        """Change a line of a module; gives the files that are others now."""
        for _ in range(20):
            file = self.chance.choice(self.files)
            lines = file.read_text().splitlines(keepends=True)
            if not lines:
                continue
            at, other = self.chance.randrange(len(lines)), self.chance.choice(self.files)
            donor = [line for line in other.read_text().splitlines(keepends=True) if line.strip()]
            how = self.chance.randrange(4)
            if how == 0:
                del lines[at]
            elif how == 1 and donor:
                lines.insert(at, self.chance.choice(donor))
            elif how == 2 and donor:
                lines[at] = self.chance.choice(donor)
            else:
                lines.insert(at, "\n")
            if parses("".join(lines)):
                return put(file, "".join(lines))
        return set()


def parses(text: str) -> bool:
    """Whether a text is a module of Python."""
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def put(file: Path, text: str) -> set[str]:
    """Write a file if it would change; gives its path if so."""
    if file.exists() and file.read_text() == text:
        return set()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return {file.as_posix()}
