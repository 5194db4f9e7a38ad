"""Where a violation can be planted in clean durable code: statement boundaries of workflow functions and step bodies.

It is found here by a plain reading of the syntax tree, which shares no code with the linter.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from module_text import Module, Point, Project

OPERATIONS = {
    *("step", "wait", "invoke", "map", "parallel", "run_in_child_context"),
    *("create_callback", "wait_for_callback", "wait_for_condition"),
}
STEP_LIKE = {"step": "func", "wait_for_callback": "submitter", "wait_for_condition": "check"}
"""Operations whose first argument is a step body, with its keyword."""

Function = ast.FunctionDef
Scope = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
Comprehension = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True, eq=False)
class Workflow:
    """A function that is replayed: ``role`` is ``handler``, ``child`` or ``helper``."""

    module: Module
    node: Function
    context: str
    role: str


@dataclass(frozen=True)
class Place:
    """A statement boundary of a workflow function; ``operable`` when an operation may be added there."""

    workflow: Workflow
    position: str
    point: Point
    operable: bool

    @property
    def name(self) -> str:
        home = self.workflow.module
        return f"{home.project.name}:{home.path}:{self.workflow.node.name} ({self.position})"

    @property
    def spot(self) -> tuple[str, str, int]:
        return self.workflow.module.project.name, self.workflow.module.path, self.point.offset


@dataclass(frozen=True)
class Body:
    """A statement boundary of a step body; a lambda is written anew as a function with ``head`` and ``tail``."""

    workflow: Workflow
    position: str
    point: Point
    repeated: bool
    top: Point
    result: tuple[int, int] | None
    shape: str = "def"
    head: str = ""
    tail: str = ""
    replaced: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        home = self.workflow.module
        return f"{home.project.name}:{home.path}:{self.workflow.node.name} ({self.shape}, {self.position})"

    @property
    def spot(self) -> tuple[str, str, int]:
        start = self.replaced[0] if self.replaced is not None else self.point.offset
        return self.workflow.module.project.name, self.workflow.module.path, start


def own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function's body without those of the functions and classes in it, in the order of the text."""
    for child in ast.iter_child_nodes(function):
        yield child
        if not isinstance(child, Scope):
            yield from own_nodes(child)


def is_operation(node: ast.AST, context: str) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in OPERATIONS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == context
    )


class Reader:
    """Finds the workflow functions of a project and the places in them."""

    def __init__(self, project: Project) -> None:
        self.modules = [Module(project, path) for path in sorted(project.files)]
        self.functions: dict[str, list[tuple[Module, Function]]] = {}
        for module in self.modules:
            for node in ast.walk(module.tree):
                if isinstance(node, Function) and not isinstance(module.parents[node], ast.ClassDef):
                    self.functions.setdefault(node.name, []).append((module, node))

    def workflows(self) -> list[Workflow]:
        """The handlers, the bodies that workflow functions hand to operations, and the helpers that get a context."""
        found = [one for module in self.modules for one in self.entries(module)]
        for one in found:  # grows while it is read
            for name, index, role in self.handed_on(one):
                fits = self.functions.get(name, [])
                if len(fits) != 1 or any(known.node is fits[0][1] for known in found):
                    continue
                module, node = fits[0]
                if len(node.args.args) > index and not node.decorator_list:
                    found.append(Workflow(module, node, node.args.args[index].arg, role))
        return [one for one in found if is_plain(one)]

    def entries(self, module: Module) -> Iterator[Workflow]:
        places = {
            "durable_execution": (1, "handler"),
            "durable_with_child_context": (0, "child"),
            "durable_parallel_branch": (0, "child"),
        }
        for node in ast.walk(module.tree):
            if isinstance(node, Function) and len(node.decorator_list) == 1:
                index, role = places.get(module.sdk_name(node.decorator_list[0]) or "", (0, ""))
                if role and len(node.args.args) > index:
                    yield Workflow(module, node, node.args.args[index].arg, role)

    def handed_on(self, workflow: Workflow) -> Iterator[tuple[str, int, str]]:
        """The names of functions that get a context, the index of its parameter, and their role."""
        for node in own_nodes(workflow.node):
            if not isinstance(node, ast.Call):
                continue
            given: list[ast.expr] = []
            if is_operation(node, workflow.context):
                assert isinstance(node.func, ast.Attribute)
                kind = node.func.attr
                if kind == "run_in_child_context":
                    given = node.args[:1]
                elif kind == "map":
                    given = node.args[1:2]
                elif kind == "parallel" and node.args and isinstance(node.args[0], ast.List):
                    given = node.args[0].elts
            elif workflow.module.sdk_name(node.func) == "with_retry":
                given = node.args[1:2]
            else:
                yield from self.called_with_context(node, workflow.context)
            yield from ((one.id, 0, "child") for one in given if isinstance(one, ast.Name))

    def called_with_context(self, node: ast.Call, context: str) -> Iterator[tuple[str, int, str]]:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for index, argument in enumerate(node.args):
            if isinstance(argument, ast.Name) and argument.id == context:
                yield name, index, "helper"

    def places(self) -> list[Place]:
        """The statement boundaries of every workflow function, each once."""
        return [place for one in self.workflows() for place in places_in(one)]

    def bodies(self) -> list[Body]:
        """The statement boundaries of every step body that a workflow function holds and hands to an operation."""
        return [body for one in self.workflows() for body in self.bodies_in(one)]

    def bodies_in(self, workflow: Workflow) -> Iterator[Body]:
        module, context = workflow.module, workflow.context
        top = first_point(module, workflow.node)
        if top is None:
            return
        uses = Counter(one.id for one in ast.walk(module.tree) if isinstance(one, ast.Name))
        for call in own_nodes(workflow.node):
            if not is_operation(call, context):
                continue
            assert isinstance(call, ast.Call)
            assert isinstance(call.func, ast.Attribute)
            keyword = STEP_LIKE.get(call.func.attr)
            given = [*call.args[:1], *(one.value for one in call.keywords if one.arg == keyword)]
            if keyword is None or not given:
                continue
            above = list(ancestors(module, call, workflow.node))
            repeated = any(isinstance(one, (ast.For, ast.While, *Comprehension)) for one in above)
            plain = Body(workflow, "", top, repeated, top, last_result(module, workflow.node))
            if isinstance(given[0], ast.Lambda):
                yield from from_lambda(plain, given[0], above)
            elif isinstance(given[0], ast.Name) and uses[given[0].id] == 1:
                for home, node in self.functions.get(given[0].id, []):
                    is_inside = home is module and workflow.node in ancestors(module, node, None)
                    if is_inside and not node.decorator_list and context not in bound_in(node):
                        yield from from_def(plain, node)


def is_plain(workflow: Workflow) -> bool:
    """Whether it is no generator and never binds its context anew."""
    nodes = list(own_nodes(workflow.node))
    rebound = any(
        isinstance(one, ast.Name) and one.id == workflow.context and isinstance(one.ctx, ast.Store) for one in nodes
    )
    return not rebound and not any(isinstance(one, (ast.Yield, ast.YieldFrom)) for one in nodes)


def bound_in(function: ast.AST) -> set[str]:
    """The names that a function binds, as parameters or inside."""
    nodes = list(ast.walk(function))
    stored = {one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    return stored | {one.arg for one in nodes if isinstance(one, ast.arg)}


def ancestors(module: Module, node: ast.AST, until: ast.AST | None) -> Iterator[ast.AST]:
    """What a node stands in, from the inside; up to ``until``, which is left out."""
    above = module.parents.get(node)
    while above is not None and above is not until:
        yield above
        above = module.parents.get(above)


def statements(function: Function) -> list[ast.stmt]:
    """The body without docstring, ``global`` and ``nonlocal``."""
    body = list(function.body)
    while body and (
        isinstance(body[0], (ast.Global, ast.Nonlocal))
        or (isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant))
    ):
        body.pop(0)
    return body


def first_point(module: Module, function: Function) -> Point | None:
    body = statements(function)
    return module.before(body[0]) if body else None


def last_result(module: Module, function: Function) -> tuple[int, int] | None:
    last = function.body[-1]
    return module.span(last.value) if isinstance(last, ast.Return) and last.value is not None else None


def boundaries(module: Module, function: Function, context: str) -> Iterator[tuple[str, Point | None, bool]]:
    """Positions in a function, where they are, and whether an operation may be added there."""
    body = statements(function)
    if not body:
        return
    yield "at the beginning", module.before(body[0]), True
    for statement in body:
        is_simple = isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Expr))
        if is_simple and any(is_operation(one, context) for one in own_nodes(statement)):
            yield "after an operation", module.after(statement), True
            break
    if isinstance(body[-1], ast.Return):
        yield "before the return", module.before(body[-1]), True
    for node in own_nodes(function):
        if isinstance(node, (ast.For, ast.While)):
            yield "in a loop", module.before(node.body[0]), False
        elif isinstance(node, ast.If):
            above = list(ancestors(module, node, function))
            free = all(isinstance(one, ast.If) for one in above) and "is_replaying" not in ast.unparse(function)
            for block in (node.body, node.orelse):
                if block:
                    yield "in a branch", module.before(block[0]), free


def places_in(workflow: Workflow) -> Iterator[Place]:
    seen: set[Point] = set()
    for position, point, operable in boundaries(workflow.module, workflow.node, workflow.context):
        if point is not None and point not in seen:
            seen.add(point)
            yield Place(workflow, position, point, operable and workflow.role != "helper")


def from_def(plain: Body, node: Function) -> Iterator[Body]:
    module = plain.workflow.module
    seen: set[Point] = set()
    for position, point, _ in boundaries(module, node, ""):
        if point is not None and point not in seen:
            seen.add(point)
            yield replace(plain, position=position, point=point, repeated=plain.repeated or position == "in a loop")


def from_lambda(plain: Body, node: ast.Lambda, above: Sequence[ast.AST]) -> Iterator[Body]:
    module = plain.workflow.module
    statement = next(one for one in [*above, plain.workflow.node] if isinstance(one, ast.stmt))
    in_expression = any(isinstance(one, (ast.Lambda, *Comprehension)) for one in above)
    point = module.before(statement)
    if in_expression or point is None or node.args.defaults or node.args.kw_defaults:
        return
    if plain.workflow.context in bound_in(node):
        return
    inner = point.indent + "    "
    yield replace(
        plain,
        shape="lambda",
        position="at the beginning",
        point=Point(point.offset, inner),
        head=f"{point.indent}def planted_body({ast.unparse(node.args)}):\n",
        tail=f"{inner}return ({module.segment(node.body)})\n",
        replaced=module.span(node),
    )
