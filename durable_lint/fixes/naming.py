"""Good names for operations that fixes add or name: kebab-case, after what is made or called, unique in their body."""

from __future__ import annotations

from durable_lint.fixes.callers import Callers
from durable_lint.fixes.scope import free, kebab, words
from durable_lint.fixes.tree import Tree
from durable_lint.index import facts as f
from durable_lint.index.project import Project
from durable_lint.index.things import FunctionId
from durable_lint.knowledge.profiles import Operation
from durable_lint.loading import cst

_GENERIC = frozenset({"client", "table", "resource", "session", "conn", "connection", "db", "boto3", "self", "cls",
                      "requests", "httpx", "http", "api", "os", "path", "pathlib", "time", "random", "uuid", "get",
                      "cursor", "cur", "my", "the", "aws", "open", "builtins", "secrets", "datetime", "smtplib",
                      "smtp"})  # fmt: skip
_VERBS = {"clock": "read", "random": "draw", "identity": "generate", "environment": "read", "process": "read"}
_NOUNS = {"clock": "clock", "random": "random", "identity": "id", "environment": "environment", "process": "process"}
VAGUE = frozenset({"call", "do", "run", "get", "set", "put", "post", "send", "read", "write", "execute", "process",
                    "handle", "invoke", "request", "query", "main", "work", "step", "update", "delete", "create",
                    "list", "head", "open", "all", "find", "load", "save", "patch"})  # fmt: skip
"""Words that say little alone."""


class Names:
    """The names of operations in one module: those that stand there, and those that fixes have been given."""

    def __init__(self, project: Project, path: str) -> None:
        self._taken: dict[FunctionId, set[str]] = {}
        self._given: dict[tuple[FunctionId, object], str] = {}
        self._project = project
        self.callers = Callers(project, path)
        for site in project.sites(path):
            label = project.issuing.label(site.issued, site.fid, site.index)
            if isinstance(label, str) and label:
                self._taken.setdefault(site.fid, set()).add(label)

    def give(self, fid: FunctionId, key: object, *wanted: str) -> str:
        """A name for an operation of a function: the first wanted that is free, else the last with a number.

        The same ``key`` is always given the same name.
        """
        if (fid, key) not in self._given:
            taken = set().union(*(self._taken.get(one, set()) for one in self._around(fid)))
            good = [name for name in wanted if name]
            chosen = next((name for name in good if name not in taken), None) or free(good[-1], taken, "-")
            self._taken.setdefault(fid, set()).add(chosen)
            self._given[(fid, key)] = chosen
        return self._given[(fid, key)]

    def apart(self, tree: Tree, fid: FunctionId, key: object, *wanted: str) -> str:
        """A name as ``give`` gives it, with what tells calls of the function apart where it is called repeatedly; empty
        where nothing does: each call would use the name again."""
        if not self.callers.is_repeated(fid):
            return self.give(fid, key, *wanted)
        fields = self.callers.distinction(tree, fid)
        return f"{self.give(fid, key, *wanted)}-{fields}" if fields else ""

    def _around(self, fid: FunctionId) -> list[FunctionId]:
        """The function, those around and inside it, those that call it and that it calls: they may use one context."""
        chain = [fid]
        while chain[-1][1] > 0:
            chain.append(self._project.ev.parent(chain[-1]))
        inside = [one for one in self._taken if fid in self._parents(one)]
        return [*chain, *inside, *sorted(self.callers.related(fid))]

    def _parents(self, fid: FunctionId) -> list[FunctionId]:
        found = []
        while fid[1] > 0:
            fid = self._project.ev.parent(fid)
            found.append(fid)
        return found


def for_effect(tree: Tree, node: cst.BaseExpression, whole: cst.BaseExpression, kind: str) -> tuple[str, ...]:
    """Names for a step that makes an effect, the best first: after the target of its assignment or what it calls."""
    target = assigned(tree, whole)
    if kind in ("clock", "random", "identity", "process"):
        of_target = kebab(_VERBS[kind], target) if target and words(target)[:1] != [_VERBS[kind]] else kebab(target)
        general = f"{_VERBS[kind]}-{_NOUNS[kind]}"
        if kind == "process":
            general = kebab("read", called_parts(node)[-1])
        return (general, of_target) if kind == "clock" else (of_target, general) if target else (general, general)
    if kind == "environment":
        asked = _constant(tree, node)
        names = [kebab("read", asked)] if asked and words(asked) else []
        names += [kebab("read", target)] if target else []
        return (*names, "read-environment")
    called = called_parts(node)
    verb = words(called[-1]) or ["call"]
    objects = [word for part in called[:-1] for word in words(part) if word not in _GENERIC]
    noun = [word for word in dict.fromkeys(objects) if word not in verb][-2:]
    name = "-".join([*verb, *noun])
    more = "-".join(dict.fromkeys([*verb, *noun, *words(target)]))
    if len(verb) + len(noun) == 1 and name in VAGUE:
        return (more, f"{name}-result") if more != name else (f"{name}-result",)
    return (name, more)


def called_parts(node: cst.BaseExpression) -> list[str]:
    """The dotted parts of what an expression calls or reads, calls in between left out."""
    parts: list[str] = []
    current: cst.BaseExpression = node
    while True:
        if isinstance(current, cst.Call):
            current = current.func
        elif isinstance(current, cst.Attribute):
            parts.append(current.attr.value)
            current = current.value
        elif isinstance(current, cst.Subscript):
            current = current.value
        else:
            break
    if isinstance(current, cst.Name):
        parts.append(current.value)
    return parts[::-1] or ["call"]


def _constant(tree: Tree, node: cst.BaseExpression) -> str:
    """The constant that a read of the environment asks for: its first argument or its key."""
    parent = tree.parent(node)
    args: list[cst.BaseExpression] = []
    if isinstance(node, cst.Call) and node.args:
        args = [node.args[0].value]
    elif isinstance(parent, cst.Subscript):
        element = parent.slice[0].slice
        args = [element.value] if isinstance(element, cst.Index) else []
    if args and isinstance(args[0], cst.SimpleString):
        value = args[0].evaluated_value
        return value.rsplit("/", 1)[-1] if isinstance(value, str) else ""
    return ""


def assigned(tree: Tree, node: cst.BaseExpression) -> str:
    """The name that the statement of an expression binds, alone or as an attribute or a constant key; or empty."""
    previous: cst.CSTNode = node
    for parent in tree.ancestors(node):
        if isinstance(parent, cst.Assign):
            return _target(parent.targets[0].target)
        if isinstance(parent, cst.AnnAssign | cst.AugAssign):
            return _target(parent.target)
        if isinstance(parent, cst.DictElement) and parent.value is previous:
            key = parent.key
            if isinstance(key, cst.SimpleString) and isinstance(key.evaluated_value, str):
                return key.evaluated_value if words(key.evaluated_value) else ""
        if isinstance(parent, cst.Arg) and parent.keyword is not None:
            return parent.keyword.value
        if isinstance(parent, cst.NamedExpr) and isinstance(parent.target, cst.Name):
            return parent.target.value
        if isinstance(parent, cst.BaseStatement | cst.BaseSmallStatement | cst.Lambda):
            return ""
        previous = parent
    return ""


def _target(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Name):
        return node.value.strip("_")
    if isinstance(node, cst.Attribute):
        return node.attr.value.strip("_")
    if isinstance(node, cst.Subscript) and isinstance(node.slice[0].slice, cst.Index):
        key = node.slice[0].slice.value
        if isinstance(key, cst.SimpleString) and isinstance(key.evaluated_value, str):
            return key.evaluated_value
    return ""


def for_operation(operation: Operation, body: f.Expr, duration: str, function: str) -> tuple[str, ...]:
    """Names for an operation that has none: after its body, what it invokes, or its kind."""
    if body is not None and body[0] in (f.NAME, f.ATTR):
        return (kebab(str(body[-1])),)
    return (kebab(operation.name, duration), kebab(function, operation.name))
