"use strict";

// Loads the bundle with a stand-in for VS Code's API and lets it start the real server, whose command is the argument:
// node test/run.js PYTHON -m durable_lint server
const assert = require("node:assert");
const Module = require("node:module");

const command = process.argv.slice(2);
const nothing = () => ({ dispose() {} });
const any = new Proxy(function () {}, { get: (_, name) => (name === Symbol.toPrimitive ? () => "" : any), apply: () => any, construct: () => any });
const commands = {};
const errors = [];
const known = {
  workspace: {
    workspaceFolders: undefined,
    textDocuments: [],
    notebookDocuments: [],
    getConfiguration: () => ({ get: (name, fallback) => (name === "command" ? command : fallback) }),
  },
  commands: { registerCommand: (name, run) => ((commands[name] = run), nothing()) },
  window: { showErrorMessage: (text) => errors.push(text), tabGroups: { all: [] } },
  env: { language: "en", appName: "test" },
  version: "1.90.0",
};
const space = (own) => new Proxy(own, { get: (it, name) => (name in it ? it[name] : String(name).startsWith("on") ? nothing : any) });
const vscode = new Proxy({}, { get: (_, name) => (known[name] === undefined ? any : typeof known[name] === "object" ? space(known[name]) : known[name]) });
const load = Module._load;
Module._load = (name, ...rest) => (name === "vscode" ? vscode : load(name, ...rest));

const extension = require("../out/extension.js");
assert.strictEqual(typeof extension.activate, "function");
assert.strictEqual(typeof extension.deactivate, "function");
extension
  .activate({ subscriptions: [] })
  .then(() => {
    assert.deepStrictEqual(errors, []);
    assert.ok("durable-lint.restart" in commands);
    return extension.deactivate();
  })
  .then(() => console.log("started and stopped"))
  .catch((error) => {
    console.error(error);
    process.exit(1);
  });
setTimeout(() => (console.error("timed out"), process.exit(1)), 20000).unref();
