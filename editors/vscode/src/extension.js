"use strict";

const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

/** The command of the settings, with the first workspace folder filled in. */
function command() {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";
  const words = vscode.workspace.getConfiguration("durable-lint").get("command", ["durable-lint", "server"]);
  return words.map((word) => word.replaceAll("${workspaceFolder}", folder));
}

async function start() {
  const [program, ...args] = command();
  client = new LanguageClient(
    "durable-lint",
    "durable-lint",
    { command: program, args },
    { documentSelector: [{ language: "python", scheme: "file" }, { language: "python", scheme: "untitled" }] },
  );
  try {
    await client.start();
  } catch (error) {
    vscode.window.showErrorMessage(
      `durable-lint: "${program}" did not start (${error}). Install "durable-lint[lsp]" or set durable-lint.command.`,
    );
  }
}

async function stop() {
  const old = client;
  client = undefined;
  if (old?.isRunning()) await old.stop();
}

async function activate(context) {
  const restart = async () => {
    await stop();
    await start();
  };
  context.subscriptions.push(
    vscode.commands.registerCommand("durable-lint.restart", restart),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("durable-lint.command")) return restart();
    }),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
