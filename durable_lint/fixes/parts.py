"""Values of which only one part is ever asked for: a step can record that part where it can't record the whole."""

from __future__ import annotations

from durable_lint.fixes.carrying import of_shapes
from durable_lint.fixes.tree import Tree
from durable_lint.fixes.variables import uses
from durable_lint.index import facts as f
from durable_lint.index.project import Project
from durable_lint.index.things import FunctionId
from durable_lint.knowledge.keeping import Serializer
from durable_lint.knowledge.returns import CARRIED, REFUSED, UNKNOWN, load
from durable_lint.loading import cst
from durable_lint.records import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """The part ``text`` (such as ``.status_code``) of the variable ``name``, which all its ``uses`` ask for."""

    name: str
    text: str
    uses: tuple[cst.BaseExpression, ...]
    verdict: str


def only_part(
    project: Project, tree: Tree, fid: FunctionId, value: cst.BaseExpression, serializer: Serializer
) -> Part | None:
    """The part of the variable that a value is assigned to, where every use of it asks for the same part."""
    target = _target(tree, value)
    function = project.ev.function(fid)
    node = tree.node(function.number) if function.kind == "def" else None
    if target is None or not isinstance(node, cst.FunctionDef) or target.value in function.outer:
        return None
    own = [use for use in uses(node.body) if use.name == target.value]
    if sum(use.binds for use in own) != 1 or any(one.name == target.value for one in function.parameters):
        return None
    chains = [_chain(tree, use.node) for use in own if not use.binds]
    texts = {_text(tree, use.node, chain) for use, chain in zip((u for u in own if not u.binds), chains, strict=True)}
    if len(texts) != 1 or not (text := texts.pop()):
        return None
    if "(" in text and len(chains) > 1:
        return None  # a call gives each use a value of its own
    last = chains[0]
    assert last is not None
    verdict = _verdict(project, fid, value, last, text, tree, serializer)
    whole = tuple(chain for chain in chains if chain is not None)
    return Part(target.value, text, whole, verdict) if verdict != REFUSED else None


def _target(tree: Tree, value: cst.BaseExpression) -> cst.Name | None:
    """The one variable that a value is assigned to."""
    parent = tree.parent(value)
    if not isinstance(parent, cst.Assign) or len(parent.targets) != 1:
        return None
    target = parent.targets[0].target
    return target if isinstance(target, cst.Name) else None


def _chain(tree: Tree, node: cst.CSTNode) -> cst.BaseExpression | None:
    """The longest chain of attributes, constant items and calls without arguments that begins with a variable."""
    found: cst.BaseExpression | None = None
    current = node
    while True:
        parent = tree.parent(current)
        if isinstance(parent, cst.Attribute) and parent.value is current:
            grand = tree.parent(parent)
            if isinstance(grand, cst.Call) and grand.func is parent:
                if grand.args:
                    return found
                current = found = grand
                continue
            current = found = parent
        elif isinstance(parent, cst.Subscript) and parent.value is current and _is_constant(parent):
            current = found = parent
        else:
            return None if isinstance(parent, cst.AssignTarget | cst.Del | cst.AugAssign) else found


def _is_constant(node: cst.Subscript) -> bool:
    index = node.slice[0].slice
    return (
        len(node.slice) == 1
        and isinstance(index, cst.Index)
        and isinstance(index.value, cst.SimpleString | cst.Integer)
    )


def _text(tree: Tree, node: cst.CSTNode, chain: cst.BaseExpression | None) -> str:
    if chain is None or chain.lpar or "\n" in tree.source(chain):
        return ""
    return tree.source(chain)[len(tree.source(node)) :]


def _verdict(
    project: Project, fid: FunctionId, value: cst.BaseExpression, chain: cst.BaseExpression, text: str, tree: Tree,
    serializer: Serializer,
) -> str:  # fmt: skip
    """What is known of the part: by its type where it is one item of a call's result, else by its last name."""
    number = tree.numbered.number(value)
    index = next((i for i, call in enumerate(project.ev.function(fid).calls) if call.number == number), -1)
    if index >= 0 and isinstance(chain, cst.Subscript) and isinstance(chain.value, cst.Name):
        key = chain.slice[0].slice
        if isinstance(key, cst.Index) and isinstance(key.value, cst.SimpleString):
            item = (f.ITEM, (f.CALL, index), (f.CONST, key.value.evaluated_value))
            known = of_shapes(project.results.types.of(item, fid), serializer, project.results.known)
            return known if known in (CARRIED, UNKNOWN) else REFUSED if known else UNKNOWN
    while isinstance(chain, cst.Subscript):
        chain = chain.value
    last = tree.source(chain).removesuffix("()").rpartition(".")[2]
    return CARRIED if last in load().members else UNKNOWN
