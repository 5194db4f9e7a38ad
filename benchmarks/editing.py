"""Measures the language server on a project of 200 modules, and checks that it ends where the command does.

``python benchmarks/editing.py`` types into a handler of 200 lines, key by key, and prints a Markdown table of the time
from a keystroke to its diagnostics. ``--edits N`` makes N random edits in several files instead, saved and not, valid
and not, and compares what the server says at the end with a fresh run of the command. Both drive the real server over
stdio. ``--one`` measures on a handler that is one function, ``--stress`` on the project of ``stress.py``, whose
handlers reach a third of all modules.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import editing_project
from lsprotocol import types
from pygls.lsp.client import LanguageClient

from durable_lint import lint_paths

TYPED = {
    "inside a name": "_of_the_first_order",
    "a comment": "# what the customer ordered, and when",
    "a statement": 'again = context.step(load_step(event["id"]), name="again")',
}
PAUSE = 0.12
"""Seconds from diagnostics to the next key, as people type."""


class Session:
    """The server with open documents, whose texts are kept here as well."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.client = LanguageClient("benchmark", "1")
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.published: dict[str, tuple[int | None, float, list[types.Diagnostic]]] = {}
        self.last = 0.0
        self.news = asyncio.Event()

        @self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: types.PublishDiagnosticsParams) -> None:
            self.last = time.perf_counter()
            self.published[params.uri] = (params.version, self.last, list(params.diagnostics))
            self.news.set()

    async def __aenter__(self) -> Session:
        await self.client.start_io(sys.executable, "-m", "durable_lint", "server")
        utf_8 = types.GeneralClientCapabilities(position_encodings=[types.PositionEncodingKind.Utf8])
        folder = types.WorkspaceFolder(uri=self.root.as_uri(), name="project")
        params = types.InitializeParams(types.ClientCapabilities(general=utf_8), workspace_folders=[folder])
        await asyncio.wait_for(self.client.initialize_async(params), 60)
        self.client.initialized(types.InitializedParams())
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.wait_for(self.client.shutdown_async(None), 60)
        self.client.exit(None)
        await asyncio.wait_for(self.client.stop(), 60)

    def open(self, file: Path) -> str:
        uri = file.as_uri()
        self.texts[uri], self.versions[uri] = file.read_text("utf-8"), 1
        item = types.TextDocumentItem(uri=uri, language_id="python", version=1, text=self.texts[uri])
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def close(self, uri: str) -> None:
        del self.texts[uri]
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))

    def edit(self, uri: str, start: int, end: int, new: str) -> None:
        """Replace a range of a document, given by offsets."""
        text = self.texts[uri]
        where = types.Range(*(_place(text, offset) for offset in (start, end)))
        self.texts[uri] = text[:start] + new + text[end:]
        self.versions[uri] += 1
        which = types.VersionedTextDocumentIdentifier(uri=uri, version=self.versions[uri])
        change = types.TextDocumentContentChangePartial(range=where, text=new)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(which, [change]))

    async def answered(self, uri: str) -> None:
        """Wait for the diagnostics of the document as it is."""
        async with asyncio.timeout(120):
            while uri not in self.published or self.published[uri][0] != self.versions[uri]:
                self.news.clear()
                await self.news.wait()

    async def quiet(self, seconds: float) -> None:
        """Wait until nothing was said for a while."""
        while time.perf_counter() - self.last < seconds:
            await asyncio.sleep(0.05)


def _place(text: str, offset: int) -> types.Position:
    before = text[:offset]
    line = before.count("\n")
    return types.Position(line, len(before[before.rfind("\n") + 1 :].encode()))


# Typing


async def typing(root: Path, edited: Path) -> None:
    print("| typed | keys | median ms | 90 % below ms | slowest ms |")
    print("|---|---:|---:|---:|---:|")
    async with Session(root) as session:
        uri = session.open(edited)
        await session.answered(uri)
        await session.quiet(3)
        every: list[float] = []
        for what, keys in TYPED.items():
            took: list[float] = []
            at, ready = _start(session.texts[uri], what)
            session.edit(uri, at, at, ready)
            await session.answered(uri)
            at += len(ready.rstrip("\n")) if what != "inside a name" else 0
            for key in keys:
                await asyncio.sleep(PAUSE)
                start = time.perf_counter()
                session.edit(uri, at, at, key)
                await session.answered(uri)
                took.append((session.published[uri][1] - start) * 1000)
                at += 1
            every += took
            print(_row(what, took), flush=True)
        print(_row("all", every), flush=True)


def _row(what: str, took: Sequence[float]) -> str:
    ninth = statistics.quantiles(took, n=10)[-1]
    return f"| {what} | {len(took)} | {statistics.median(took):.0f} | {ninth:.0f} | {max(took):.0f} |"


def _start(text: str, what: str) -> tuple[int, str]:
    """Where to type, and what stands there first: in or above an assignment behind the middle of the file."""
    name = re.compile(r"^    \w+(?= = )", re.MULTILINE).search(text, len(text) * 3 // 5)
    assert name is not None
    return (name.end(), "") if what == "inside a name" else (name.start(), "    \n")


# Random edits


async def editing(root: Path, files: Sequence[Path], edits: int, seed: int) -> list[str]:
    """Edit at random; gives what differs at the end from a fresh run of the command on the same texts."""
    chance = random.Random(seed)
    async with Session(root) as session:
        uris = {session.open(file): file for file in files}
        first = dict(session.texts)
        for number in range(edits):
            uri = chance.choice(sorted(session.texts))
            _edit(session, uri, chance, first)
            kind = chance.random()
            if kind < 0.05:  # save it
                uris[uri].write_text(session.texts[uri], "utf-8")
                params = types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri))
                session.client.text_document_did_save(params)
            elif kind < 0.08:  # close it, and open what is on the disk
                session.close(uri)
                session.open(uris[uri])
            if chance.random() < 0.3:
                await session.answered(uri)
            elif chance.random() < 0.5:
                await asyncio.sleep(chance.random() / 5)
            if (number + 1) % 100 == 0:
                print(f"{number + 1} edits", flush=True)
        for uri in session.texts:
            _mend(session, uri, chance, first)
        for uri in session.texts:
            await session.answered(uri)
        await session.quiet(4)
        said = {
            (uris[uri].relative_to(root).as_posix(), one.code, one.range.start.line + 1, one.message)
            for uri, (_, _, diagnostics) in session.published.items()
            if uri in uris
            for one in diagnostics
        }
        for uri, file in uris.items():
            file.write_text(session.texts[uri], "utf-8")
    fresh = lint_paths(["."], cwd=root)
    edited = {file.relative_to(root).as_posix() for file in files}
    wanted = {(one.path, one.code, one.line, one.message) for one in fresh.diagnostics}
    wanted |= {(one.path, one.kind, one.line or 1, one.message) for one in fresh.problems}
    wanted = {one for one in wanted if one[0] in edited}
    print(f"{edits} edits in {len(files)} files, {len(wanted)} findings at the end")
    return [f"not said: {one}" for one in sorted(wanted - said)] + [f"too much: {one}" for one in sorted(said - wanted)]


LINES = (
    "    from time import time; now = time()\n",
    "    import uuid; number = str(uuid.uuid4())\n",
    "    reference = load_2(str(now))\n",
    '    context.step(lambda _: 1, name="again")\n',
    '    context.step(lambda _: now, name=f"{now}")\n',
    "    import random; print('ä😀'); now = random.random()\n",
    "    # durable-lint: ignore[DUR101] why\n",
    "    try:\n        context.step(lambda _: 2, name='tried')\n    except:\n        pass\n",
    "    return {}\n",
)
BROKEN = ("x = [\n", '"""\n', "  def (\n", "😀\n")


def _edit(session: Session, uri: str, chance: random.Random, first: dict[str, str]) -> None:
    """One edit: of characters, of lines, or back to what the document was first."""
    text = session.texts[uri]
    kind = chance.random()
    starts = [index + 1 for index, character in enumerate(text) if character == "\n"]
    inside = [at for at in starts if text.startswith(("    context.", "    return ", "    if ", "    basket ="), at)]
    if kind < 0.2 or not inside:
        session.edit(uri, 0, len(text), first[uri])
    elif kind < 0.3:
        at = chance.randrange(len(text) + 1)
        session.edit(uri, at, min(len(text), at + chance.choice((0, 0, 1, 3))), chance.choice(" x1.(\n"))
    elif kind < 0.35:
        at = chance.choice(starts)
        session.edit(uri, at, at, chance.choice(BROKEN))
    else:
        at = chance.choice(inside)
        end = text.find("\n", at) + 1 if chance.random() < 0.2 else at
        session.edit(uri, at, max(at, end), chance.choice(LINES) if chance.random() < 0.9 else "")


def _mend(session: Session, uri: str, chance: random.Random, first: dict[str, str]) -> None:
    """Leave the document with code that parses, in most cases, so that there is something to compare."""
    try:
        compile(session.texts[uri], uri, "exec")
    except (SyntaxError, ValueError):
        session.edit(uri, 0, len(session.texts[uri]), first[uri])
        _edit(session, uri, chance, first)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure the language server, or compare it with the command.")
    parser.add_argument("--edits", type=int, help="make so many random edits and compare")
    parser.add_argument("--seed", type=int, default=0, help="another number gives other edits (default: 0)")
    parser.add_argument("--folder", type=Path, help="where to write the project; default: a folder that is removed")
    parser.add_argument("--stress", action="store_true", help="measure on the project of stress.py")
    parser.add_argument("--one", action="store_true", help="measure on a handler that is one function of 200 lines")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        root = (given.folder or Path(name)).absolute()
        if given.stress:
            import stress

            stress.write(root, 200, 0)
            edited = root / "stress" / "cell_000" / "flow_chains.py"
        else:
            edited = editing_project.write(root, one=given.one)
        if given.edits is None:
            asyncio.run(typing(root, edited))
            return 0
        names = ("handlers/handler_1", "services/service_2", "domain/part_2", "tools/tool_7")
        files = [edited, *(root / "shop" / f"{one}.py" for one in names)]
        wrong = asyncio.run(editing(root, files, given.edits, given.seed))
        print("\n".join(wrong) if wrong else "the same as a fresh run")
        return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
