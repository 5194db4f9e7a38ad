"""A language client over stdio for tests: a folder, the real server in a process of its own, what it published."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.client import LanguageClient

PATIENCE = 60
"""Seconds after which a test that waits for the server fails."""

CAPABILITIES = types.ClientCapabilities(
    text_document=types.TextDocumentClientCapabilities(
        publish_diagnostics=types.PublishDiagnosticsClientCapabilities(related_information=True, version_support=True),
        code_action=types.CodeActionClientCapabilities(
            resolve_support=types.ClientCodeActionResolveOptions(["edit"]), data_support=True
        ),
    ),
    workspace=types.WorkspaceClientCapabilities(
        workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True),
        did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True),
    ),
    window=types.WindowClientCapabilities(show_document=types.ShowDocumentClientCapabilities(support=True)),
)


class Client:
    """A client with open documents: their texts and versions, and the last diagnostics of each URI."""

    def __init__(self) -> None:
        self.client = LanguageClient("tests", "1")
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.published: dict[str, types.PublishDiagnosticsParams] = {}
        self.count = 0
        self.registered: list[types.Registration] = []
        self.documents_shown: list[str] = []
        self.messages: list[str] = []
        self.news = asyncio.Event()
        self.capabilities: types.ServerCapabilities

        @self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: types.PublishDiagnosticsParams) -> None:
            self.published[params.uri] = params
            self.count += 1
            self.news.set()

        @self.client.feature(types.CLIENT_REGISTER_CAPABILITY)
        def register(params: types.RegistrationParams) -> None:
            self.registered += params.registrations
            self.news.set()

        @self.client.feature(types.WINDOW_SHOW_DOCUMENT)
        def show_document(params: types.ShowDocumentParams) -> types.ShowDocumentResult:
            self.documents_shown.append(params.uri)
            return types.ShowDocumentResult(success=True)

        @self.client.feature(types.WINDOW_SHOW_MESSAGE)
        def show_message(params: types.ShowMessageParams) -> None:
            self.messages.append(params.message)
            self.news.set()

    async def start(
        self, folders: Sequence[Path], capabilities: types.ClientCapabilities, encodings: Sequence[str]
    ) -> None:
        measured = ["-m", "coverage", "run", "--parallel-mode"] if os.environ.get("COVERAGE_RUN") else []
        await self.client.start_io(sys.executable, *measured, "-m", "durable_lint", "server")
        capabilities.general = types.GeneralClientCapabilities(
            position_encodings=[types.PositionEncodingKind(one) for one in encodings] or None
        )
        opened = [types.WorkspaceFolder(uri=folder.as_uri(), name=folder.name) for folder in folders]
        params = types.InitializeParams(capabilities=capabilities, workspace_folders=opened)
        self.capabilities = (await asyncio.wait_for(self.client.initialize_async(params), PATIENCE)).capabilities
        self.client.initialized(types.InitializedParams())

    async def stop(self) -> None:
        await asyncio.wait_for(self.client.shutdown_async(None), PATIENCE)
        self.client.exit(None)
        await asyncio.wait_for(self.client.stop(), PATIENCE)

    def open(self, file: Path, text: str | None = None) -> str:
        uri = file.as_uri()
        self.texts[uri] = file.read_text("utf-8") if text is None else text
        self.versions[uri] = 1
        item = types.TextDocumentItem(uri=uri, language_id="python", version=1, text=self.texts[uri])
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def change(self, uri: str, text: str, where: types.Range | None = None) -> int:
        """Replace the document's text, or a range of it; gives the new version."""
        self.versions[uri] += 1
        change: Any = types.TextDocumentContentChangeWholeDocument(text)
        if where is not None:
            change = types.TextDocumentContentChangePartial(range=where, text=text)
        else:
            self.texts[uri] = text
        which = types.VersionedTextDocumentIdentifier(uri=uri, version=self.versions[uri])
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(which, [change]))
        return self.versions[uri]

    def close(self, uri: str) -> None:
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))

    def changed_on_disk(self, file: Path) -> None:
        change = types.FileEvent(uri=file.as_uri(), type=types.FileChangeType.Changed)
        self.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))

    async def until(self, holds: Callable[[], Any]) -> None:
        """Wait until something holds of what the server said."""
        async with asyncio.timeout(PATIENCE):
            while not holds():
                self.news.clear()
                await self.news.wait()

    async def found(self, uri: str) -> list[types.Diagnostic]:
        """The diagnostics of the document as it is now."""
        await self.until(lambda: uri in self.published and self.published[uri].version == self.versions[uri])
        return list(self.published[uri].diagnostics)

    def codes(self, uri: str) -> list[str]:
        return [str(one.code) for one in self.published[uri].diagnostics] if uri in self.published else ["nothing yet"]

    async def actions(
        self, uri: str, where: types.Range, only: list[types.CodeActionKind | str] | None = None
    ) -> list[Any]:
        context = types.CodeActionContext(diagnostics=[], only=only)
        params = types.CodeActionParams(types.TextDocumentIdentifier(uri), where, context)
        return list(await asyncio.wait_for(self.client.text_document_code_action_async(params), PATIENCE) or ())


@asynccontextmanager
async def client(
    *folders: Path, capabilities: types.ClientCapabilities = CAPABILITIES, encodings: Sequence[str] = ()
) -> Any:
    """A client with a server that has these workspace folders open."""
    one = Client()
    await one.start(folders, capabilities, encodings)
    try:
        yield one
    finally:
        await one.stop()


def edited(text: str, edits: Sequence[types.TextEdit]) -> str:
    """A text of ASCII characters with edits applied."""
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    spans = [
        (starts[e.range.start.line] + e.range.start.character, starts[e.range.end.line] + e.range.end.character, e)
        for e in edits
    ]
    for start, end, edit in sorted(spans, key=lambda span: span[:2], reverse=True):
        text = text[:start] + edit.new_text + text[end:]
    return text
