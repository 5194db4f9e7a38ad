"""How a fix writes the durable context in a function, and which names are free there."""

from __future__ import annotations

import re
from collections.abc import Iterable

from durable_lint.fixes.tree import Tree
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.facts import Parameter
from durable_lint.index.project import STEP, Project
from durable_lint.index.things import FunctionId
from durable_lint.knowledge.profiles import Profile
from durable_lint.loading import cst
from durable_lint.visit.nodes import parts


def context_of(project: Project, fid: FunctionId) -> tuple[str, Profile] | None:
    """The durable context that code of a function must use, as it is written there, and its profile.

    None where there is none, where it is rebound or hidden, or where the function is step code too.
    """
    if STEP in project.kinds(fid) or "from-step" in project.regions.modes(fid):
        return None
    hidden: set[str] = set()
    scope = fid
    while scope[1] > 0:
        function = project.ev.function(scope)
        for parameter in function.parameters if function.kind != "class" else ():
            found = project.ev.context((t.SYMBOL, scope, parameter.name, ()))
            if found is not None and found[1].region == "workflow" and parameter.kind in ("pos", "key"):
                if parameter.name in hidden or parameter.name in function.bindings or _may_be_none(parameter):
                    return None
                return parameter.name, found[0]
        if "child" in project.regions.modes(scope):
            return None  # its own context has no name here
        hidden |= {parameter.name for parameter in function.parameters} | set(function.bindings)
        scope = project.ev.parent(scope)
    return _kept(project, fid)


def _may_be_none(parameter: Parameter) -> bool:
    """Whether a parameter says, by its annotation or its default, that it can be None."""
    if parameter.default == (f.CONST, None):
        return True
    stack: list[object] = [parameter.annotation]
    while stack:
        part = stack.pop()
        if part in ((f.CONST, None), (f.NAME, "Optional")) or (isinstance(part, tuple) and part[-1:] == ("Optional",)):
            return True
        stack.extend(part if isinstance(part, tuple) else ())
    return False


def _kept(project: Project, fid: FunctionId) -> tuple[str, Profile] | None:
    """A context that hangs on ``self`` or in a variable, as the operations of this function are called on it."""
    written = set()
    for site in project.sites(fid[0]):
        callee = site.call.callee
        if site.fid == fid and callee is not None and callee[0] == f.ATTR and site.issued.operation.receiver is None:
            text = dotted(callee[1])
            if text and callee[2] in site.issued.profile.methods:
                written.add((text, site.issued.profile.id))
    if len(written) != 1:
        return None
    text, profile_id = written.pop()
    return text, project.ev.profiles[profile_id]


def dotted(expr: f.Expr) -> str:
    """The text of a name or a dotted name; empty for anything else."""
    if expr is not None and expr[0] == f.NAME:
        return str(expr[1])
    if expr is not None and expr[0] == f.ATTR:
        base = dotted(expr[1])
        return f"{base}.{expr[2]}" if base else ""
    return ""


def names_in(node: cst.CSTNode) -> set[str]:
    """Every identifier that an expression reads or binds, those of attributes and keywords too."""
    found, stack = set(), [node]
    while stack:
        current = stack.pop()
        if isinstance(current, cst.Name):
            found.add(current.value)
        stack.extend(parts(current))
    return found


def can_move(node: cst.CSTNode, context: str) -> bool:
    """Whether an expression can run in a body of its own: it awaits, yields and binds nothing, and needs no context."""
    root = context.partition(".")[0]
    stack: list[tuple[cst.CSTNode, bool]] = [(node, False)]
    while stack:
        current, inside = stack.pop()
        if isinstance(current, cst.Await | cst.Yield | cst.NamedExpr) and not inside:
            return False
        if isinstance(current, cst.CompFor) and current.asynchronous is not None:
            return False
        if isinstance(current, cst.Name) and current.value == (root if root != "self" else "\0"):
            return False
        if isinstance(current, cst.Attribute) and _text(current) == context:
            return False
        inside = inside or isinstance(current, cst.Lambda)
        stack.extend((child, inside) for child in parts(current))
    return True


def _text(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        base = _text(node.value)
        return f"{base}.{node.attr.value}" if base else ""
    return ""


def free(wanted: str, taken: Iterable[str], separator: str = "_") -> str:
    """A name like the wanted one that isn't taken: with a number behind it if need be."""
    used = set(taken)
    if wanted not in used:
        return wanted
    return next(name for n in range(2, len(used) + 3) if (name := f"{wanted}{separator}{n}") not in used)


def words(text: str) -> list[str]:
    """The lower-case words of an identifier: of ``snake_case``, ``camelCase`` and ``UPPER_CASE``."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", text)
    return [word for word in re.split(r"[^A-Za-z0-9]+", spaced.lower()) if word]


def kebab(*parts: str) -> str:
    """A kebab-case name of identifiers."""
    return "-".join(word for part in parts for word in words(part))


def enclosing_statement(tree: Tree, node: cst.CSTNode) -> cst.CSTNode | None:
    """The statement that holds a node, simple or compound."""
    found: Iterable[cst.CSTNode] = (node, *tree.ancestors(node))
    return next((one for one in found if isinstance(one, cst.BaseSmallStatement | cst.BaseCompoundStatement)), None)
