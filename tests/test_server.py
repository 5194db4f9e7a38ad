"""The language server, asked by a real client over stdio."""

from __future__ import annotations

import ast
import asyncio
import copy
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from linting import ROOT, run_python

types = pytest.importorskip("lsprotocol.types", reason="the extra lsp is not installed")

from lsp import CAPABILITIES, Client, client, edited  # noqa: E402

from durable_lint import engine  # noqa: E402
from durable_lint.server.session import Session, Stopped  # noqa: E402

HANDLER = '''"""A handler."""

import time

from aws_durable_execution_sdk_python import DurableContext, durable_execution

from helpers import stamp


@durable_execution
def handler(event: dict, context: DurableContext) -> dict:
    started = time.time()
    made = stamp()
    context.step(lambda _: [started, made], name="store")
    try:
        context.step(lambda _: 1, name="one")
    except:
        pass
    return {}
'''
PURE = "def stamp() -> int:\n    return 1\n"
IMPURE = "import uuid\n\n\ndef stamp() -> str:\n    return uuid.uuid4().hex\n"


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(100):
            await test()

    asyncio.run(bounded())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "app.py").write_text(HANDLER, "utf-8")
    (root / "helpers.py").write_text(PURE, "utf-8")
    (root / "pyproject.toml").write_text('[tool.durable-lint]\nignore = ["DUR900"]\n', "utf-8")
    return root


def everything() -> Any:
    return types.Range(types.Position(0, 0), types.Position(9999, 0))


# Diagnostics


def test_findings_follow_the_text_that_is_not_saved(project: Path) -> None:
    async def test() -> None:
        async with client(project) as c:
            uri = c.open(project / "app.py")
            found = await c.found(uri)
            assert [(one.code, one.range.start.line, one.severity.name) for one in found] == [
                ("DUR101", 11, "Error"),
                ("DUR307", 16, "Error"),
            ]
            assert {one.source for one in found} == {"durable-lint"}
            c.change(uri, HANDLER.replace("time.time()", "0"))
            assert [one.code for one in await c.found(uri)] == ["DUR307"]
            line = types.Range(types.Position(16, 4), types.Position(16, 11))
            c.change(uri, "except Exception:", line)
            assert await c.found(uri) == []
            c.close(uri)
            await c.until(lambda: c.published[uri].version is None)
            assert c.codes(uri) == []

    run(test)


def test_a_syntax_error_is_said_and_goes_away(project: Path) -> None:
    async def test() -> None:
        async with client(project) as c:
            uri = c.open(project / "app.py", HANDLER + "def (\n")
            found = await c.found(uri)
            assert [(one.code, one.range.start.line) for one in found] == [("syntax", 19)]
            assert "not valid Python" in found[0].message
            c.change(uri, HANDLER)
            assert [one.code for one in await c.found(uri)] == ["DUR101", "DUR307"]

    run(test)


def test_a_helper_that_is_not_saved_decides_and_its_change_reaches_the_handler(project: Path) -> None:
    async def test() -> None:
        async with client(project) as c:
            handler = c.open(project / "app.py")
            helper = c.open(project / "helpers.py", IMPURE)
            await c.until(lambda: c.codes(handler) == ["DUR101", "DUR103", "DUR307"])
            hops = next(one for one in c.published[handler].diagnostics if one.code == "DUR103").related_information
            assert [(hop.location.uri, hop.location.range.start.line) for hop in hops][:1] == [(helper, 4)]
            assert hops[0].message == "stamp: uuid.uuid4"
            c.change(helper, PURE)
            await c.until(lambda: c.codes(handler) == ["DUR101", "DUR307"])
            c.change(helper, IMPURE)
            await c.until(lambda: "DUR103" in c.codes(handler))
            c.close(helper)  # what is on the disk counts again
            await c.until(lambda: c.codes(handler) == ["DUR101", "DUR307"])

    run(test)


def test_a_module_that_was_never_saved_can_be_imported(project: Path) -> None:
    (project / "helpers.py").unlink()

    async def test() -> None:
        async with client(project) as c:
            handler = c.open(project / "app.py")
            assert "DUR103" not in [one.code for one in await c.found(handler)]
            c.open(project / "helpers.py", IMPURE)
            await c.until(lambda: "DUR103" in c.codes(handler))

    run(test)


def test_only_the_last_of_many_changes_is_answered(project: Path) -> None:
    async def test() -> None:
        async with client(project) as c:
            uri = c.open(project / "app.py")
            await c.found(uri)
            before = c.count
            for number in range(60):
                c.change(uri, HANDLER + "# comment\n" * number)
            c.change(uri, HANDLER.replace("time.time()", "0"))
            assert [one.code for one in await c.found(uri)] == ["DUR307"]
            assert c.count - before < 60

    run(test)


def test_excluded_files_and_files_without_an_sdk_are_left_alone(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.durable-lint]\nexclude = ["generated/"]\n', "utf-8")
    (project / "generated").mkdir()

    async def test() -> None:
        async with client(project) as c:
            excluded = project / "generated" / "app.py"
            excluded.write_text(HANDLER, "utf-8")
            assert await c.found(c.open(excluded)) == []
            assert await c.found(c.open(project / "plain.py", "def (\n")) == []

    run(test)


def test_documents_outside_of_any_folder_are_judged_too(project: Path, tmp_path: Path) -> None:
    async def test() -> None:
        async with client() as c:
            uri = c.open(project / "app.py")
            assert [one.code for one in await c.found(uri)] == ["DUR101", "DUR307"]

    run(test)


def test_each_folder_has_its_own_settings(project: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "app.py").write_text(HANDLER, "utf-8")
    (other / "helpers.py").write_text(IMPURE, "utf-8")
    (other / "durable-lint.toml").write_text('ignore = ["DUR101"]\n\n[severity]\nDUR307 = "warning"\n', "utf-8")

    async def test() -> None:
        async with client(project, other) as c:
            assert [one.code for one in await c.found(c.open(project / "app.py"))] == ["DUR101", "DUR307"]
            found = await c.found(c.open(other / "app.py"))
            assert [(one.code, one.severity.name) for one in found] == [("DUR103", "Error"), ("DUR307", "Warning")]

    run(test)


# Settings


@pytest.mark.parametrize("watches", [True, False])
def test_changed_settings_are_read_again(project: Path, watches: bool) -> None:
    capabilities = copy.deepcopy(CAPABILITIES)
    capabilities.workspace.did_change_watched_files.dynamic_registration = watches
    settings = project / "pyproject.toml"

    async def test() -> None:
        async with client(project, capabilities=capabilities) as c:
            uri = c.open(project / "app.py")
            assert "DUR101" in [one.code for one in await c.found(uri)]
            if watches:
                await c.until(lambda: c.registered)
                assert c.registered[0].method == "workspace/didChangeWatchedFiles"
            await asyncio.sleep(0.1 if watches else 1.5)  # the server must have seen the old settings
            settings.write_text('[tool.durable-lint]\nignore = ["DUR101"]\n', "utf-8")
            if watches:
                c.changed_on_disk(settings)
            await c.until(lambda: c.codes(uri) == ["DUR307"])
            settings.write_text("[tool.durable-lint]\nignoring = []\n", "utf-8")
            if watches:
                c.changed_on_disk(settings)
            await c.until(lambda: settings.as_uri() in c.published and c.published[settings.as_uri()].diagnostics)
            assert c.published[settings.as_uri()].diagnostics[0].range.start.line == 1
            await c.until(lambda: c.messages)
            assert "ignoring" in c.messages[0]
            settings.write_text("", "utf-8")
            if watches:
                c.changed_on_disk(settings)
            await c.until(lambda: not c.published[settings.as_uri()].diagnostics)
            await c.until(lambda: c.codes(uri) == ["DUR101", "DUR307"])

    run(test)


# Positions

WIDE = """import time

from aws_durable_execution_sdk_python import DurableContext, durable_execution


@durable_execution
def handler(event: dict, context: DurableContext) -> float:
    name = "\\N{GREEK SMALL LETTER ALPHA}α😀"; now = time.time()
    return context.step(lambda _: now, name="a")
"""


@pytest.mark.parametrize(
    ("offered", "agreed", "unit"),
    [
        (["utf-8", "utf-16"], "utf-8", lambda text: len(text.encode())),
        (["utf-16"], "utf-16", lambda text: len(text.encode("utf-16-le")) // 2),
        (["utf-32"], "utf-32", len),
        ([], "utf-16", lambda text: len(text.encode("utf-16-le")) // 2),
    ],
)
def test_columns_are_counted_as_the_client_wants(
    project: Path, offered: list[str], agreed: str, unit: Callable[[str], int]
) -> None:
    line = WIDE.split("\n")[7]
    start, end = line.index("time.time()"), len(line)

    async def test() -> None:
        async with client(project, encodings=offered) as c:
            assert c.capabilities.position_encoding == agreed
            uri = c.open(project / "wide.py", WIDE)
            (found,) = await c.found(uri)
            assert (found.range.start.line, found.range.start.character) == (7, unit(line[:start]))
            assert found.range.end.character == unit(line[:end])
            where = types.Range(types.Position(7, unit(line[:start])), types.Position(7, unit(line[:end])))
            c.change(uri, "0  # 😀", where)
            assert await c.found(uri) == []
            c.change(uri, "time.time()", types.Range(types.Position(7, unit(line[:start])), types.Position(7, 999)))
            assert [one.range.start.character for one in await c.found(uri)] == [unit(line[:start])]

    run(test)


def test_lines_end_where_those_of_python_do(project: Path) -> None:
    text = HANDLER.replace('"""A handler."""', '"""A \x0c\u2028 handler."""').replace("\n", "\r\n")

    async def test() -> None:
        async with client(project) as c:
            uri = c.open(project / "app.py", text)
            assert [(one.code, one.range.start.line) for one in await c.found(uri)] == [("DUR101", 11), ("DUR307", 16)]
            c.change(uri, "0", types.Range(types.Position(11, 14), types.Position(11, 25)))
            assert [(one.code, one.range.start.line) for one in await c.found(uri)] == [("DUR307", 16)]

    run(test)


# Actions


async def with_actions(c: Client, uri: str) -> dict[str, Any]:
    await c.found(uri)
    return {one.title: one for one in await c.actions(uri, everything())}


def text_after(c: Client, uri: str, action: Any) -> str:
    (change,) = action.edit.document_changes
    assert (change.text_document.uri, change.text_document.version) == (uri, c.versions[uri])
    return edited(c.texts[uri], change.edits)


def test_a_fix_says_its_level_and_fixes(project: Path) -> None:
    async def test() -> None:
        async with client(project) as c:
            uri = c.open(project / "app.py")
            actions = await with_actions(c, uri)
            history = actions['DUR101: run it in a step named "read-clock" (history: drain executions in flight first)']
            safe = actions["DUR307: catch Exception (safe)"]
            assert (history.is_preferred, safe.is_preferred) == (False, True)
            assert [one.code for one in safe.diagnostics] == ["DUR307"]
            c.change(uri, text_after(c, uri, safe))
            assert [one.code for one in await c.found(uri)] == ["DUR101"]
            history = (await with_actions(c, uri))[history.title]
            c.change(uri, text_after(c, uri, history))
            assert await c.found(uri) == []

    run(test)


def test_all_safe_fixes_at_once_leave_the_others(project: Path) -> None:
    async def test() -> None:
        async with client(project) as c:
            uri = c.open(project / "app.py")
            await c.found(uri)
            (action,) = await c.actions(uri, everything(), [types.CodeActionKind.SourceFixAll])
            assert (action.kind, action.edit) == ("source.fixAll.durable-lint", None)
            action = await c.client.code_action_resolve_async(action)
            assert text_after(c, uri, action) == HANDLER.replace("except:", "except Exception:")

    run(test)


def test_a_client_that_resolves_nothing_gets_the_edit_at_once(project: Path) -> None:
    async def test() -> None:
        async with client(project, capabilities=types.ClientCapabilities()) as c:
            uri = c.open(project / "app.py")
            await c.found(uri)
            (action,) = await c.actions(uri, everything(), [types.CodeActionKind.SourceFixAll])
            assert edited(HANDLER, action.edit.changes[uri]) == HANDLER.replace("except:", "except Exception:")

    run(test)


def test_ignoring_adds_a_comment_that_holds(project: Path) -> None:
    text = HANDLER.replace("time.time()", "(\n        time.time()\n    )").replace(
        "    except:", "    except:  # all of them"
    )

    async def test() -> None:
        async with client(project) as c:
            uri = c.open(project / "app.py", text)
            for code in ("DUR101", "DUR307"):
                actions = await with_actions(c, uri)
                c.change(uri, text_after(c, uri, actions[f"{code}: ignore it here, and say why"]))
                assert code not in [one.code for one in await c.found(uri)]
            assert "time.time()  # durable-lint: ignore[DUR101] say why\n" in c.texts[uri]
            assert "except:  # all of them  # durable-lint: ignore[DUR307] say why\n" in c.texts[uri]
            assert await c.found(uri) == []

    run(test)


def test_explaining_opens_the_page(project: Path) -> None:
    async def test() -> None:
        async with client(project) as c:
            uri = c.open(project / "app.py")
            action = (await with_actions(c, uri))["DUR101: explain"]
            # lsprotocol's client takes an action with a command for a command, whose name is the command's repr
            command = ast.literal_eval(action.command)
            params = types.ExecuteCommandParams(command=command["command"], arguments=command["arguments"])
            await c.client.workspace_execute_command_async(params)
            assert c.documents_shown == [(ROOT / "rules" / "DUR101.md").as_uri()]

    run(test)


def test_hovering_shows_the_page_of_the_rule(project: Path) -> None:
    text = HANDLER.replace("time.time()", "time.time()  # durable-lint: ignore[DUR101] why")
    page = (ROOT / "rules" / "DUR307.md").read_text("utf-8")

    async def test() -> None:
        async with client(project) as c:
            uri = c.open(project / "app.py", text)
            await c.found(uri)

            async def at(line: int, column: int) -> str:
                where = types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(line, column))
                found = await c.client.text_document_hover_async(where)
                return found.contents.value if found is not None else ""

            shown = await at(16, 6)
            assert shown.startswith("**DUR307** an operation suspends") and shown.endswith(page)
            column = text.split("\n")[11].index("DUR101") + 3
            assert (await at(11, column)).startswith("# wall-clock-in-workflow (DUR101)")
            assert await at(0, 0) == ""

    run(test)


# The whole


def test_random_edits_end_with_what_a_fresh_run_finds(tmp_path: Path) -> None:
    done = run_python(str(ROOT / "benchmarks" / "editing.py"), "--edits", "60", "--folder", "work", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "the same as a fresh run" in done.stdout


def test_the_near_look_and_the_whole_agree_on_the_example() -> None:
    root = ROOT / "examples" / "orders"
    files = sorted(root.rglob("*.py"))
    session = Session(root)
    unsaved = {file.as_posix(): file.read_bytes() for file in files}
    whole = session.all(unsaved, [], lambda: False)
    assert sum(map(len, whole.found.values())) == 12
    for file in files:
        near = session.near([file.as_posix()], unsaved, lambda: False)
        assert near is None or near.found[file.as_posix()] == whole.found[file.as_posix()], file
    fresh = engine.lint_paths([str(root)], cwd=root).diagnostics
    assert [(one.path, one.code, one.line) for one in fresh] == [
        (one.path, one.code, one.line) for _, found in sorted(whole.found.items()) for one in found
    ]


def test_a_stale_look_is_given_up(project: Path) -> None:
    session = Session(project)
    key = (project / "app.py").as_posix()
    with pytest.raises(Stopped):
        session.all({key: HANDLER.encode()}, [], lambda: True)
    answer = session.all({key: HANDLER.encode()}, [key], lambda: False)
    assert [one.code for one in answer.found[key]] == ["DUR101", "DUR307"]
