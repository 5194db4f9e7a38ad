"""docs/editors.md and editors/vscode: the settings that are shown start the real server, and the client builds."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from linting import ROOT

pytest.importorskip("pygls", reason="the extra lsp is not installed")

from lsprotocol import types
from pygls.lsp.client import LanguageClient

PAGE = (ROOT / "docs" / "editors.md").read_text("utf-8")
VSCODE = ROOT / "editors" / "vscode"
SECTIONS = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
EDITORS = ("VS Code", "Neovim", "Helix", "Emacs", "PyCharm")


def blocks(section: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", SECTIONS[section], re.DOTALL)


def strings(text: str, opening: str) -> list[str]:
    """The strings of the first list that begins with ``opening``."""
    found = re.search(re.escape(opening) + r"([^})\]]*)", text)
    assert found is not None, opening
    return re.findall(r'"([^"]*)"', found[1])


def commands() -> list[tuple[str, list[str]]]:
    """Every command that the page tells an editor to start."""
    (vscode,) = (json.loads(block) for block in blocks("VS Code", "json"))
    (helix,) = (tomllib.loads(block) for block in blocks("Helix", "toml"))
    server = helix["language-server"]["durable-lint"]
    manifest = json.loads((VSCODE / "package.json").read_text("utf-8"))
    default = manifest["contributes"]["configuration"]["properties"]["durable-lint.command"]["default"]
    found = [("VS Code", vscode["durable-lint.command"]), ("VS Code, by default", default)]
    found += [("Neovim", strings(block, "cmd = {")) for block in blocks("Neovim", "lua")]
    found += [("Helix", [server["command"], *server["args"]])]
    eglot, lsp_mode = blocks("Emacs", "elisp")
    found += [("eglot", strings(eglot, " . (")), ("lsp-mode", strings(lsp_mode, "lsp-stdio-connection '("))]
    pycharm = re.search(r"\| Command \| `([^`]*)` \|", SECTIONS["PyCharm"])
    assert pycharm is not None
    return [*found, ("PyCharm", pycharm[1].split())]


def test_every_editor_has_its_settings() -> None:
    assert set(EDITORS) <= set(SECTIONS)
    assert len(commands()) == 8
    for editor, (program, *arguments) in commands():
        assert (Path(program).name, arguments) == ("durable-lint", ["server"]), editor


def test_the_command_that_the_settings_name_serves() -> None:
    async def ask(arguments: list[str]) -> Any:
        client = LanguageClient("tests", "1")
        await client.start_io(sys.executable, "-m", "durable_lint", *arguments)
        answer = await client.initialize_async(types.InitializeParams(types.ClientCapabilities()))
        await client.shutdown_async(None)
        client.exit(None)
        await client.stop()
        return answer

    for arguments in {tuple(command[1:]) for _, command in commands()}:
        answer = asyncio.run(asyncio.wait_for(ask(list(arguments)), 60))
        assert answer.server_info.name == "durable-lint"
        assert answer.capabilities.hover_provider


@pytest.mark.parametrize(("program", "section", "language"), [("nvim", "Neovim", "lua"), ("emacs", "Emacs", "elisp")])
def test_the_editor_itself_reads_its_settings(tmp_path: Path, program: str, section: str, language: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    for block in blocks(section, language):
        file = tmp_path / f"settings.{language}"
        file.write_text(block, "utf-8")
        read = f"lua assert(loadfile('{file}'))" if program == "nvim" else ""
        command = (
            ["nvim", "--headless", "-u", "NONE", "-c", read, "-c", "qa"]
            if read
            else ["emacs", "-Q", "--batch", "-l", file]
        )
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, "rror" in done.stderr) == (0, False), done.stderr


def npm(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [shutil.which("npm") or "npm", *arguments], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_client_for_vs_code_builds_and_starts_the_server(tmp_path: Path) -> None:
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder = tmp_path / "vscode"
    shutil.copytree(VSCODE, folder, ignore=shutil.ignore_patterns("node_modules", "out"))
    installed = npm(folder, "ci", "--no-audit", "--no-fund", "--prefer-offline")
    if re.search(r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ENOTCACHED", installed.stderr):
        pytest.skip("no npm registry can be reached")
    assert installed.returncode == 0, installed.stderr
    built = npm(folder, "run", "build")
    assert built.returncode == 0, built.stderr
    started = npm(folder, "test", "--", sys.executable, "-m", "durable_lint", "server")
    assert started.returncode == 0 and "started and stopped" in started.stdout, started.stderr
