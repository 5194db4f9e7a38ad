"""Projects whose settings, profile, baseline, lock files or ignore files were damaged at random, and what must hold."""

from __future__ import annotations

import contextlib
import io
import os
import random
import re
import traceback
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from byte_forms import broken_bytes
from fuzzing import Input
from linting import ROOT

from durable_lint import cli

APP = b"""import time

from aws_durable_execution_sdk_python import DurableContext, durable_execution
from acme.flow import flow


@durable_execution
def handler(event: dict, context: DurableContext) -> float:
    return time.time()  # durable-lint: ignore[DUR101] for now


@flow
def other(event, context):
    context.step(lambda _: time.time())
    return time.time()
"""
SETTINGS = """\
[project]
name = "app"
dependencies = ["aws-durable-execution-sdk-python>=2.0,<4; python_version>'3.8'", "click[x]==8.*"]
[project.optional-dependencies]
more = ["aws-durable-execution-sdk-python~=1.0"]
[tool.poetry.dependencies]
aws-durable-execution-sdk-python = { version = "^2.1", extras = ["a"] }
[dependency-groups]
dev = [{ include-group = "x" }, "aws-durable-execution-sdk-python!=2.0"]
[tool.durable-lint]
select = ["recommended", "DUR1", "DUR501"]
extend-select = ["strict"]
ignore = ["print-in-workflow"]
exclude = ["build/**", "!keep", "*.gen.py"]
src = ["."]
fail-on = "error"
fix-level = "unsafe"
sdk-version = "2.1"
baseline = "known.json"
profiles = ["aws-durable-execution", "team.toml"]
entry-points = ["app.other"]
max-file-size = "2 MB"
[tool.durable-lint.per-file-ignores]
"tests/**" = ["DUR6"]
"!src/**" = ["DUR1"]
[tool.durable-lint.severity]
DUR101 = "error"
DUR2 = "warning"
[tool.durable-lint.deterministic]
"acme.now" = "frozen by the library"
[tool.durable-lint.nondeterministic]
"acme.roll" = "random"
[tool.durable-lint.step-wrappers]
"acme.run" = "context, name, body"
"""
BASELINE = b"""{
"about": "Findings that durable-lint leaves out.",
"version": 1,
"fingerprints": 1,
"findings": {
"app.py": [
{"code": "DUR101", "text": "return time.time()", "fingerprint": "0123456789abcdef"}
]
}
}
"""
LOCK = b"""version = 1
[[package]]
name = "aws-durable-execution-sdk-python"
version = "2.0.1"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "boto3" }]
"""
REQUIREMENTS = b"""-r more.txt
aws_durable.execution-sdk-python[x] >= 2.0, != 2.1 ; python_version < "4"  # why
-e git+https://example.com/x#egg=aws-durable-execution-sdk-python
"""
_VALUES = (
    "", "-1", "0", "1e999", "nan", "1979-05-27T07:32:00Z", "true", "[]", "{}", "[[]]", '""', "''", "null", "9" * 400,
    '"\\u0000"', '"\\ud800"', '"DUR999"', '"**/["', '"../.."', '"[" ', '"!"', "[" * 3000, '{"a":' * 3000, "=", "]",
    "\\", '"/dev/null"', '"."', '"~"', '"9999999999999999999.0"', '"' + "é" * 300 + '"', "\x1b[31m", "\u202e", "#",
    "[tool]", "[[tool.durable-lint]]", "[tool.durable-lint.x]", "a.b.c = 1", '"a b" = 1', "<<<<<<< HEAD", '"==*"',
    '">=2.0,<<3"', "- - -", "\n", "\t", "\r", "!",
)  # fmt: skip
_PIECE = re.compile(r"\"[^\"\n]*\"|[\w.-]+|\s+|.", re.DOTALL)
COMMANDS = (
    ("--no-cache", "--format", "json", "."),
    ("--no-cache", "--fix", "--diff", "."),
    ("--no-cache", "--quiet", "app.py"),
    ("config", "app.py"),
    ("baseline",),
    ("baseline", "--prune"),
    ("init",),
    ("graph", "."),
    ("add-ignores", "--reason", "later"),
)
"""What is run in turn."""
_WRITING = frozenset({"baseline", "init", "add-ignores"})


@cache
def _whole() -> Mapping[str, bytes]:
    team = (ROOT / "rules" / "profiles" / "aws-lambda-durable-async.toml").read_text("utf-8")
    team = team.replace('id = "aws-lambda-durable-async"', 'id = "team"').replace('"aws_lambda_durable"', '"acme.flow"')
    return {
        "app.py": APP,
        "pyproject.toml": SETTINGS.encode(),
        "team.toml": team.encode(),
        "known.json": BASELINE,
        "uv.lock": LOCK,
        "poetry.lock": LOCK,
        "requirements.txt": REQUIREMENTS,
        ".gitignore": b"build/\n!keep/**\n/*.log\n[b-f]*.txt\n\\#x\n",
    }


def make_settings(seed: int, number: int) -> Input:
    """The project of a number: the same for the same seed, whatever was made before."""
    chance = random.Random(f"settings {seed} {number}")
    files = dict(_whole())
    changes = []
    if chance.random() < 0.3:
        files["durable-lint.toml"] = (
            SETTINGS.partition("[tool.durable-lint]\n")[2].replace("tool.durable-lint.", "").encode()
        )
    for _ in range(chance.choice((1, 1, 1, 2))):
        path = chance.choice(sorted(files))
        if chance.random() < 0.3:
            files[path] = broken_bytes(chance, files[path].decode("utf-8", "replace"))
        else:
            files[path] = _other_pieces(chance, files[path].decode("utf-8", "replace")).encode("utf-8", "surrogatepass")
        changes.append(path)
    return Input("settings", tuple(changes), files)


def _other_pieces(chance: random.Random, text: str) -> str:
    pieces = _PIECE.findall(text)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(pieces) + 1)
        match chance.randrange(4):
            case 0:
                del pieces[at : at + 1]
            case 1:
                pieces.insert(at, chance.choice(_VALUES))
            case 2:
                pieces[at : at + 1] = [chance.choice(_VALUES)]
            case _:
                pieces[at : at + 1] = [chance.choice(pieces or [""])]
    return "".join(pieces)


def settings_faults(one: Input, number: int, folder: Path) -> list[str]:
    """What is wrong with how a command takes a project; empty when all is right. ``folder`` is written to."""
    one.write(folder)
    command = COMMANDS[number % len(COMMANDS)]
    out, err = io.StringIO(), io.StringIO()
    before = Path.cwd()
    try:
        os.chdir(folder)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = cli.main(command)
    except BaseException as error:
        if not isinstance(error, Exception | SystemExit):
            raise
        return [f"{command}: {traceback.format_exc()}"]
    finally:
        os.chdir(before)
    text = out.getvalue() + err.getvalue()
    said = [f"{command}: {line}" for line in text.splitlines() if "bug" in line or "Traceback" in line]
    if status not in (0, 1, 2):
        said.append(f"{command}: exit status {status}")
    if status == 2 and not text.strip():
        said.append(f"{command}: nothing says why")
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text):
        said.append(f"{command}: a control character is sent: {text!r}")
    if command[0] not in _WRITING:
        said += [f"{path}: wrong bytes" for path, data in one.files.items() if (folder / path).read_bytes() != data]
    return said
