"""Fixes that move statements together into one step: what moves, what comes back, and where they are refused."""

from __future__ import annotations

import textwrap

import pytest
from linting import rules_for

from durable_lint import lint_source
from durable_lint.model import Fix, Level

HEAD = """\
import json
import sqlite3
import subprocess
from contextlib import suppress

import boto3
import requests
from aws_durable_execution_sdk_python import DurableContext, durable_execution

table = boto3.resource("dynamodb").Table("orders")


"""


def module(body: str, head: str = HEAD) -> str:
    lines = textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
    return f"{head}@durable_execution\ndef handler(event: dict, context: DurableContext):\n{lines}\n"


def fixes(body: str, code: str = "DUR2") -> list[Fix | None]:
    """The fixes of the findings of a family, each with the level that it has."""
    result = lint_source(module(body), "app.py", rules_for("DUR201"))
    assert result.problems == ()
    return [one.fix for one in result.diagnostics if one.code.startswith(code)]


def fixed(body: str, level: str = "history") -> str:
    """The handler's body after all fixes of a level."""
    rules = rules_for("DUR201")
    result = lint_source(module(body), "app.py", rules, fix=True)
    assert result.problems == ()
    text = result.fixed[0].new if result.fixed else module(body)
    compile(text, "app.py", "exec")
    return textwrap.dedent(text.partition("DurableContext):\n")[2]).strip("\n")


def shown(text: str) -> str:
    return textwrap.dedent(text).strip("\n")


MOVED = {
    "a file that is read": (
        """
        with open(event["path"]) as source:  # the rates
            rates = json.load(source)

            # of today
        return context.step(lambda _: len(rates), name="count")
        """,
        """
        def read_rates(_):
            with open(event["path"]) as source:  # the rates
                rates = json.load(source)

                # of today
            return rates

        rates = context.step(read_rates, name="read-rates")
        return context.step(lambda _: len(rates), name="count")
        """,
    ),
    "a response until its last use": (
        """
        context.step(lambda _: 1, name="one")
        response = requests.get(event["url"], timeout=5)
        response.raise_for_status()
        found = response.json()
        return context.step(lambda _: found["total"], name="total")
        """,
        """
        context.step(lambda _: 1, name="one")
        def fetch_found(_):
            response = requests.get(event["url"], timeout=5)
            response.raise_for_status()
            found = response.json()
            return found

        found = context.step(fetch_found, name="fetch-found")
        return context.step(lambda _: found["total"], name="total")
        """,
    ),
    "two results": (
        """
        response = requests.get(event["url"], timeout=5)
        status = response.status_code
        text = response.text
        return context.step(lambda _: f"{status} {text}", name="note")
        """,
        """
        def fetch_text(_):
            response = requests.get(event["url"], timeout=5)
            status = response.status_code
            text = response.text
            return status, text

        status, text = context.step(fetch_text, name="fetch-text")
        return context.step(lambda _: f"{status} {text}", name="note")
        """,
    ),
    "a transaction on a connection": (
        """
        connection = sqlite3.connect("/tmp/shop.db")
        cursor = connection.cursor()
        cursor.execute("insert into seen values (?)", (event["id"],))
        connection.commit()
        connection.close()
        return context.step(lambda _: event["id"], name="note")
        """,
        """
        def run_statements(_):
            connection = sqlite3.connect("/tmp/shop.db")
            cursor = connection.cursor()
            cursor.execute("insert into seen values (?)", (event["id"],))
            connection.commit()
            connection.close()

        context.step(run_statements, name="run-statements")
        return context.step(lambda _: event["id"], name="note")
        """,
    ),
    "a block that returns": (
        """
        context.step(lambda _: 1, name="one")
        with open(event["path"]) as source:
            return source.read()
        """,
        """
        context.step(lambda _: 1, name="one")
        def read_file(_):
            with open(event["path"]) as source:
                return source.read()

        return context.step(read_file, name="read-file")
        """,
    ),
    "branches that all return": (
        """
        context.step(lambda _: 1, name="one")
        response = requests.get(event["url"], timeout=5)
        if response.status_code == 404:
            return None
        return response.json()
        """,
        """
        context.step(lambda _: 1, name="one")
        def fetch_answer(_):
            response = requests.get(event["url"], timeout=5)
            if response.status_code == 404:
                return None
            return response.json()

        return context.step(fetch_answer, name="fetch-answer")
        """,
    ),
    "a list that the block fills": (
        """
        names = []
        with open(event["path"]) as source:
            for line in source:
                names.append(line.strip())
        return context.step(lambda _: len(names), name="count")
        """,
        """
        def read_names(_):
            names = []
            with open(event["path"]) as source:
                for line in source:
                    names.append(line.strip())
            return names

        names = context.step(read_names, name="read-names")
        return context.step(lambda _: len(names), name="count")
        """,
    ),
    "a batch writer": (
        """
        with table.batch_writer() as batch:
            for number in event["ids"]:
                batch.put_item(Item={"id": number})
        return context.step(lambda _: 1, name="one")
        """,
        """
        def put_item_batch(_):
            with table.batch_writer() as batch:
                for number in event["ids"]:
                    batch.put_item(Item={"id": number})

        context.step(put_item_batch, name="put-item-batch")
        return context.step(lambda _: 1, name="one")
        """,
    ),
    "the clause that waits for the error": (
        """
        try:
            with open(event["path"]) as source:
                text = source.read()
        except FileNotFoundError:
            text = ""
        return context.step(lambda _: len(text), name="count")
        """,
        """
        def read_text(_):
            try:
                with open(event["path"]) as source:
                    text = source.read()
            except FileNotFoundError:
                text = ""
            return text

        text = context.step(read_text, name="read-text")
        return context.step(lambda _: len(text), name="count")
        """,
    ),
    "a variable that is bound again": (
        """
        response = requests.get(event["url"], timeout=5)
        first = response.json()
        response = requests.get(event["other"], timeout=5)
        second = response.json()
        return context.step(lambda _: [first, second], name="both")
        """,
        """
        def fetch_first(_):
            response = requests.get(event["url"], timeout=5)
            first = response.json()
            return first

        first = context.step(fetch_first, name="fetch-first")
        def fetch_second(_):
            response = requests.get(event["other"], timeout=5)
            second = response.json()
            return second

        second = context.step(fetch_second, name="fetch-second")
        return context.step(lambda _: [first, second], name="both")
        """,
    ),
    "what is closed in the end": (
        """
        connection = sqlite3.connect("/tmp/shop.db")
        try:
            row = connection.execute("select 1").fetchone()
        finally:
            connection.close()
        return context.step(lambda _: row[0], name="first")
        """,
        """
        def query_row(_):
            connection = sqlite3.connect("/tmp/shop.db")
            try:
                row = connection.execute("select 1").fetchone()
            finally:
                connection.close()
            return row

        row = context.step(query_row, name="query-row")
        return context.step(lambda _: row[0], name="first")
        """,
    ),
    "a process that is waited for": (
        """
        process = subprocess.Popen(["true"])
        code = process.wait()
        context.step(lambda _: 1, name="one")
        """,
        """
        def run_process(_):
            process = subprocess.Popen(["true"])
            code = process.wait()

        context.step(run_process, name="run-process")
        context.step(lambda _: 1, name="one")
        """,
    ),
    "the only part that is asked for": (
        """
        answer = requests.get(event["url"], timeout=5)
        return context.step(lambda _: answer.status_code, name="status")
        """,
        """
        answer = context.step(lambda _: requests.get(event["url"], timeout=5).status_code, name="get-answer")
        return context.step(lambda _: answer, name="status")
        """,
    ),
}


@pytest.mark.parametrize("case", MOVED, ids=list(MOVED))
def test_moved(case: str) -> None:
    before, after = MOVED[case]
    assert fixed(before) == shown(after)
    assert [one.level for one in fixes(before) if one is not None][:1] == [Level.HISTORY]
    assert fixes(fixed(before)) == []


REFUSED = {
    "an operation in the block": """
        with open(event["path"]) as source:
            for line in source:
                context.step(lambda _, line=line: len(line), name=f"line-{line}")
        """,
    "an operation in the middle of a transaction": """
        connection = sqlite3.connect("/tmp/shop.db")
        connection.execute("insert into seen values (1)")
        context.step(lambda _: 1, name="one")
        connection.commit()
        """,
    "a connection of the caller": """
        def save(connection: sqlite3.Connection) -> None:
            connection.execute("insert into seen values (1)")
            context.step(lambda _: 1, name="one")

        save(sqlite3.connect("/tmp/shop.db"))
        """,
    "a response that a step needs whole": """
        answer = requests.get(event["url"], timeout=5)
        return context.step(lambda _: [answer.status_code, answer.text], name="status")
        """,
    "a list of the caller": """
        with open(event["path"]) as source:
            event["lines"] = source.readlines()
        return context.step(lambda _: event["lines"], name="lines")
        """,
    "a text of several lines": '''
        with open(event["path"], "w") as target:
            target.write("""first
        second""")
        return context.step(lambda _: 1, name="one")
        ''',
    "a variable that may not be bound": """
        with open(event["path"]) as source:
            for line in source:
                last = line
        return context.step(lambda _: last, name="last")
        """,
    "a part that is a call and used twice": """
        answer = requests.get(event["url"], timeout=5)
        context.step(lambda _: answer.json(), name="one")
        return context.step(lambda _: answer.json(), name="two")
        """,
    "a loop that is left": """
        for url in event["urls"]:
            answer = requests.get(url, timeout=5)
            if answer.ok or answer.text:
                break
            context.step(lambda _, url=url: url, name=f"try-{url}")
        """,
    "an error that is left alone": """
        with suppress(FileNotFoundError):
            with open(event["path"]) as source:
                event["text"] = source.read()
        return context.step(lambda _: 1, name="one")
        """,
    "a file that is returned": """
        context.step(lambda _: 1, name="one")
        source = open(event["path"])
        return source
        """,
}


@pytest.mark.parametrize("case", REFUSED, ids=list(REFUSED))
def test_refused(case: str) -> None:
    found = fixes(REFUSED[case])
    assert found
    assert [one for one in found if one is not None] == []


def test_line_ends_and_tabs_stay() -> None:
    before, after = MOVED["a file that is read"]
    old, new = (module(text).replace("    ", "\t").replace("\n", "\r\n") for text in (before, after))
    result = lint_source(old, "app.py", rules_for("DUR204"), fix=True)
    assert result.fixed[0].new == new


def test_names_in_functions_that_are_called_again() -> None:
    before = """
        def keep(key: str) -> None:
            table.put_item(Item={"key": key})
            context.step(lambda _: key, name=f"keep-{key}")

        keep("a")
        keep("b")
        """
    assert 'name=f"put-item-{key}")' in fixed(before)
    assert fixes(fixed(before), "DUR") == []
    assert [one for one in fixes(before.replace('f"keep-{key}"', '"keep"').replace(": str", "")) if one] == []


def test_names_of_functions_that_share_a_context() -> None:
    before = """
        def keep(key) -> None:
            table.put_item(Item={"key": key})
            context.step(lambda _: key, name="keep")

        table.put_item(Item={"key": "a"})
        keep("b")
        """
    assert fixes(fixed(before), "DUR") == []
