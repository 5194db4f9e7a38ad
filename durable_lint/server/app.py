"""The language server over stdio, with pygls."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method
from pygls.uris import to_fs_path

import durable_lint
from durable_lint.discovery import SUFFIXES
from durable_lint.knowledge import pages, rules_dir
from durable_lint.model import Diagnostic, Fix, Problem
from durable_lint.paths import display
from durable_lint.server import actions
from durable_lint.server.convert import Converter, Shown, edits, uri_of
from durable_lint.server.desk import Desk, Worker
from durable_lint.server.session import Answer, Session, Stop, Unsaved
from durable_lint.server.texts import BOM, Document

WATCHED = ("**/*.{py,pyw,toml,lock}", "**/requirements*.txt", "**/.gitignore")
SETTINGS = ("pyproject.toml", "durable-lint.toml", ".durable-lint.toml", ".gitignore")
POLL = 1.0
"""Seconds between looks at the settings files where the client doesn't watch files."""
PATIENCE = 5.0
"""Seconds that a request waits for the findings of the last change."""


class _Protocol(LanguageServerProtocol):
    """Leaves the texts of documents to us: lines end where Python's do, not wherever ``str.splitlines`` says."""

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: Any) -> Generator[Any, Any, None]:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_OPEN], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: Any) -> Generator[Any, Any, None]:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: Any) -> Generator[Any, Any, None]:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CLOSE], (params,), None


class Server(LanguageServer):
    """Documents, the folders they lie in, and what the client was told of each."""

    def __init__(self) -> None:
        super().__init__(
            "durable-lint",
            durable_lint.__version__,
            text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
            protocol_cls=_Protocol,
        )
        self.documents: dict[str, Document] = {}
        self.desks: dict[str, Desk] = {}
        self.shown: dict[str, Shown] = {}
        self.worker = Worker()
        self._beside: dict[Desk, set[str]] = {}
        self._said: set[Problem] = set()
        self.polling: asyncio.Task[None] | None = None

    # Documents and folders

    @property
    def encoding(self) -> str:
        """The position encoding that was agreed on."""
        agreed = self.server_capabilities.position_encoding
        return str(getattr(agreed, "value", agreed) or "utf-16")

    def document(self, uri: str) -> Document | None:
        """The open document of a URI."""
        return self.documents.get(key_of(uri))

    def desk_of(self, key: str) -> Desk:
        """The desk of the innermost workspace folder that holds a file; one of its own when none does."""
        folders = [folder for uri in self.workspace.folders if (folder := to_fs_path(uri)) is not None]
        if not folders and self.workspace.root_path is not None:
            folders = [self.workspace.root_path]
        roots = [Path(os.path.normpath(folder)).as_posix() for folder in folders]
        around = [root for root in roots if key.startswith(root.rstrip("/") + "/")]
        root = max(around, key=len) if around else _project_of(key)
        if root not in self.desks:
            session = Session(Path(root), whole=bool(around))
            self.desks[root] = Desk(session, self.worker, self.unsaved, self._publish)
        return self.desks[root]

    def look_again(self, keys: Mapping[str, None] | list[str] | None = None) -> None:
        """Look at these documents again, or at all."""
        desks: dict[Desk, list[str]] = {}
        for key in self.documents if keys is None else keys:
            desks.setdefault(self.desk_of(key), []).append(key)
        for desk, its in desks.items():
            desk.changed(its if keys is not None else ())

    def unsaved(self, desk: Desk) -> Unsaved:
        """The open documents of a folder."""
        return {key: document.data for key, document in self.documents.items() if self.desk_of(key) is desk}

    # What the client is told

    def _publish(self, desk: Desk, answer: Answer, unsaved: Unsaved, whole: bool) -> None:
        capabilities = self.client_capabilities.text_document
        wanted = capabilities.publish_diagnostics if capabilities is not None else None
        related = bool(wanted is not None and wanted.related_information)
        converter = Converter(answer.look, self.documents, self.encoding, related)
        beside: dict[str, list[types.Diagnostic]] = {}
        of_documents: dict[str, list[types.Diagnostic]] = {}
        paths = {display(key, answer.look.cwd): key for key in answer.found}
        for problem in answer.problems:
            key = paths.get(problem.path, "")
            if key:
                of_documents.setdefault(key, []).append(converter.problem(problem, self.documents.get(key)))
            elif whole and problem.path:
                uri = uri_of((answer.look.cwd / problem.path).as_posix(), self.documents)
                beside.setdefault(uri, []).append(converter.problem(problem, None))
                self._say(problem)
        for key, found in answer.found.items():
            document = self.documents.get(key)
            if document is not None and document.data == unsaved.get(key):
                self._show(document, found, of_documents.get(key, []), converter, answer)
        if whole:
            for uri in self._beside.get(desk, set()) - {*beside}:
                beside[uri] = []
            for uri, diagnostics in sorted(beside.items()):
                self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics))
            self._beside[desk] = {uri for uri, diagnostics in beside.items() if diagnostics}

    def _show(
        self,
        document: Document,
        found: Any,
        problems: list[types.Diagnostic],
        converter: Converter,
        answer: Answer,
    ) -> None:
        pairs: list[tuple[Diagnostic, types.Diagnostic]] = [(one, converter.finding(one)) for one in found]
        self.shown[document.key] = Shown(document.version, document.changed, tuple(pairs), answer.look)
        diagnostics = [*problems, *(shown for _, shown in pairs)]
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(document.uri, diagnostics, document.version)
        )

    def _say(self, problem: Problem) -> None:
        """Say once what keeps files from being judged that nobody has open."""
        if problem.kind == "configuration" and problem not in self._said:
            self._said.add(problem)
            where = f"{problem.path}:{problem.line}" if problem.line else problem.path
            text = f"durable-lint: {where}: {problem.message}"
            self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, text))

    async def findings(self, document: Document) -> Shown | None:
        """What is known of the document as it is now; None when that takes too long."""
        await self.desk_of(document.key).settled(PATIENCE)
        shown = self.shown.get(document.key)
        return shown if shown is not None and shown.changed == document.changed else None

    async def poll(self) -> None:
        """Look again when a settings file has changed, for clients that don't tell."""
        before: dict[str, tuple[int, int] | None] = {}
        while True:
            places = sorted({folder for key in self.documents for folder in _above(self.desk_of(key), key)})
            now = {f"{place}/{name}": _stamp(f"{place}/{name}") for place in places for name in SETTINGS}
            if any(before.get(file, stamp) != stamp for file, stamp in now.items()):
                self.look_again()
            before = now
            await asyncio.sleep(POLL)

    def supports(self, *path: str) -> Any:
        """A capability of the client, by its path; None where it says nothing."""
        found: Any = self.client_capabilities
        for name in path:
            found = getattr(found, name, None)
        return found


def key_of(uri: str) -> str:
    """The absolute path, with ``/``, of a document; one that isn't a file gets a path that no file has."""
    path = to_fs_path(uri)
    if path is None:
        path = f"/{uri.replace(':', '/')}"
        path = path if path.endswith(SUFFIXES) else f"{path}.py"
    return Path(os.path.normpath(path)).as_posix()


def _project_of(key: str) -> str:
    """The folder of a file outside the workspace: the nearest above it with settings or a repository, or its own."""
    above = Path(key).parents
    marked = (place for place in above if any((place / name).exists() for name in (*SETTINGS, ".git")))
    return next(marked, above[0]).as_posix()


def _above(desk: Desk, key: str) -> list[str]:
    root = desk.session.root
    return [place.as_posix() for place in Path(key).parents if place.is_relative_to(root)]


def _stamp(file: str) -> tuple[int, int] | None:
    try:
        found = Path(file).stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size


def make() -> Server:
    """A server with its features."""
    server = Server()

    @server.feature(types.INITIALIZED)
    async def initialized(params: types.InitializedParams) -> None:
        if not server.supports("workspace", "did_change_watched_files", "dynamic_registration"):
            server.polling = asyncio.get_running_loop().create_task(server.poll())
            return
        options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(one) for one in WATCHED])
        watch = types.Registration("watch", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        await server.client_register_capability_async(types.RegistrationParams([watch]))

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        key = key_of(item.uri)
        server.documents[key] = Document(item.uri, key, item.version, item.text)
        server.look_again([key])

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        document = server.document(params.text_document.uri)
        if document is not None:
            document.change(list(params.content_changes), params.text_document.version, server.encoding)
            server.look_again([document.key])

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        document = server.document(params.text_document.uri)
        if document is not None:
            server.desk_of(document.key).changed()

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        document = server.documents.pop(key_of(params.text_document.uri), None)
        if document is not None:
            server.shown.pop(document.key, None)
            server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(document.uri, []))
            server.desk_of(document.key).changed()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_watched(params: types.DidChangeWatchedFilesParams) -> None:
        changed = {key_of(change.uri) for change in params.changes}
        if not changed <= set(server.documents):
            server.look_again()

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def did_change_configuration(params: types.DidChangeConfigurationParams) -> None:
        server.look_again()

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def did_change_folders(params: types.DidChangeWorkspaceFoldersParams) -> None:
        for desk in server.desks.values():
            desk.stop()
        server.desks.clear()
        server.look_again()

    @server.feature(types.SHUTDOWN)
    def shutdown(params: None) -> None:
        for desk in server.desks.values():
            desk.stop()

    _requests(server)
    return server


def _requests(server: Server) -> None:
    kinds: list[types.CodeActionKind | str] = [types.CodeActionKind.QuickFix, actions.FIX_ALL]

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=kinds, resolve_provider=True)
    )
    async def code_action(params: types.CodeActionParams) -> list[types.CodeAction]:
        document = server.document(params.text_document.uri)
        shown = await server.findings(document) if document is not None else None
        if document is None or shown is None:
            return []
        only = [str(getattr(kind, "value", kind)) for kind in params.context.only or ()]
        found: list[types.CodeAction] = []
        if _wants(only, types.CodeActionKind.QuickFix.value):
            found += await _quick_fixes(server, document, shown, params.range)
        if _wants(only, actions.FIX_ALL) and shown.found:
            action = types.CodeAction(
                actions.FIX_ALL_TITLE, actions.FIX_ALL, data={"uri": document.uri, "version": document.version}
            )
            properties = server.supports("text_document", "code_action", "resolve_support", "properties") or ()
            if "edit" not in properties:
                action = await resolve(action)
            if action.edit is not None or "edit" in properties:
                found.append(action)
        return found

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def resolve(action: types.CodeAction) -> types.CodeAction:
        data: Any = action.data
        document = server.document(data["uri"]) if isinstance(data, dict) and "uri" in data else None
        if document is None or document.version != data.get("version"):
            return action
        desk = server.desk_of(document.key)
        unsaved, before, changed = server.unsaved(desk), document.text, document.changed
        text = await desk.do(lambda stop: desk.session.fix_all(document.key, unsaved, stop))
        if text is not None and document.changed == changed:
            after = BOM + text if before.startswith(BOM) else text
            action.edit = actions.workspace_edit(
                document, edits(before, after, server.encoding, document.lines), _versioned(server)
            )
        return action

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(params: types.HoverParams) -> types.Hover | None:
        document = server.document(params.text_document.uri)
        if document is None:
            return None
        shown = await server.findings(document)
        diagnostics = [one for _, one in shown.found] if shown is not None else []
        text = actions.hover(document, server.encoding, params.position, diagnostics)
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text)) if text else None

    @server.command(actions.EXPLAIN)
    async def explain(code: str) -> None:
        known = {page.code: page for page in pages.all_pages()}
        if code not in known:
            return
        if server.supports("window", "show_document", "support"):
            uri = (rules_dir() / f"{code}.md").as_uri()
            await server.window_show_document_async(types.ShowDocumentParams(uri, take_focus=True))
        else:
            text = f"{code} {known[code].name}: {known[code].summary}"
            server.window_show_message(types.ShowMessageParams(types.MessageType.Info, text))


async def _quick_fixes(server: Server, document: Document, shown: Shown, where: types.Range) -> list[types.CodeAction]:
    pairs = [pair for pair in shown.found if actions.overlaps(pair[1].range, where)]
    versioned, changed = _versioned(server), document.changed
    desk = server.desk_of(document.key)
    unsaved = server.unsaved(desk)

    def fixes_of(stop: Stop) -> list[Fix | None]:
        look = desk.session.look_for_fixes(document.key, unsaved, stop) if shown.look.part else shown.look
        return [look.fix(document.key, one, stop) for one, _ in pairs]

    fixes = await desk.do(fixes_of)
    if document.changed != changed:
        return []
    found = []
    for (one, diagnostic), fix in zip(pairs, fixes, strict=True):
        if fix is not None:
            found.append(actions.fixing(document, server.encoding, diagnostic, one.code, fix, versioned))
    for one, diagnostic in pairs:
        ignore = actions.ignoring(document, server.encoding, one, diagnostic, versioned)
        found += [ignore] if ignore is not None else []
    return [*found, *(actions.explaining(one.code, diagnostic) for one, diagnostic in pairs)]


def _versioned(server: Server) -> bool:
    return bool(server.supports("workspace", "workspace_edit", "document_changes"))


def _wants(only: list[str], kind: str) -> bool:
    return not only or any(kind == one or kind.startswith(f"{one}.") for one in only)


def serve() -> int:
    """Serve one client on standard input and output until it leaves."""
    # The protocol gets a standard output of its own: whatever else is printed goes to standard error.
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    server = make()
    try:
        server.start_io(sys.stdin.buffer, output)
    finally:
        for desk in server.desks.values():
            desk.stop()
        server.worker.close()
    return 0
