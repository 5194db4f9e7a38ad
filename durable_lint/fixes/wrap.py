"""Wraps what differs or repeats on replay in a named step: the smallest expression that a step can record."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from durable_lint.fixes.blocks import alone, as_step, named
from durable_lint.fixes.carrying import Carried, of_shapes, smallest
from durable_lint.fixes.edits import as_argument, label
from durable_lint.fixes.imports import Imports
from durable_lint.fixes.naming import Names, for_effect
from durable_lint.fixes.parts import only_part
from durable_lint.fixes.runs import Runs
from durable_lint.fixes.scope import can_move, context_of, enclosing_statement, names_in
from durable_lint.fixes.statements import as_function
from durable_lint.fixes.tree import Tree
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.changes import PLAIN
from durable_lint.index.effects import IMPORT_TIME, MEMOISED
from durable_lint.index.project import Project
from durable_lint.index.things import FunctionId
from durable_lint.knowledge.keeping import Kept
from durable_lint.knowledge.profiles import Profile
from durable_lint.knowledge.returns import CARRIED, REFUSED, UNKNOWN, load
from durable_lint.loading import cst
from durable_lint.model import Edit, Fix, Level, Span
from durable_lint.records import dataclass
from durable_lint.visit.region import Region
from durable_lint.visit.values import EffectUse

_NEVER = frozenset({IMPORT_TIME, MEMOISED, "order", "replaying", "replaying-uncalled", "invocation", "blocking",
                    "logging", "output", "thread"})  # fmt: skip
"""Kinds that no step helps against."""

_SHARING = frozenset({"network", "aws", "database", "filesystem", "subprocess"})
"""Kinds whose calls give what others need: they may move into a step together."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An expression that becomes the body of one step, for the sake of one effect or several."""

    node: cst.BaseExpression
    verdict: str
    use: EffectUse
    source: cst.BaseExpression


class Wrapping:
    """The plans of one module, made once for each statement: its effects share a step where they can."""

    def __init__(self, project: Project, path: str, imports: Imports) -> None:
        self.project = project
        self.imports = imports
        self.names = Names(project, path)
        self._plans: dict[tuple[FunctionId, str], dict[tuple[int, str], Plan]] = {}

    def fix(self, tree: Tree, region: Region, use: EffectUse) -> Fix | None:
        """The fix of an effect; None when it can't be moved into a step, or its value can't be recorded."""
        place = context_of(self.project, region.fid)
        if place is None or not place[1].writing.step or self.project.ev.function(region.fid).is_async:
            return None
        alone = self._alone(tree, region, use, place)
        if use.kind not in _SHARING or use.in_name or (alone is not None and alone.level is Level.HISTORY):
            return alone
        found = [self._block(tree, region, use, place), self._part(tree, region, use, place), alone]
        known = [one for one in found if one is not None]
        return next((one for one in known if one.level is Level.HISTORY), alone or (known[0] if known else None))

    def _part(self, tree: Tree, region: Region, use: EffectUse, place: tuple[str, Profile]) -> Fix | None:
        """The fix that records of a value the only part of it that anyone asks for."""
        kept, source = _kept_by_steps(place[1]), tree.node(use.number)
        if kept is None or not isinstance(source, cst.BaseExpression) or load().keeps_state(use.api):
            return None
        found = only_part(self.project, tree, region.fid, source, kept.serializer)
        if found is None or not can_move(source, place[0]) or self._writes(region.fid, tree, source):
            return None
        if self._is_entered(region.fid, use):
            return None
        name = self.names.apart(tree, region.fid, tree.span(source), *for_effect(tree, source, source, use.kind))
        if not name:
            return None
        text = step_text(place[1], place[0], name, tree.source(source) + found.text, source)
        edits = [tree.replace(source, text), *(tree.replace(one, found.name) for one in found.uses)]
        level = Level.HISTORY if found.verdict == CARRIED else Level.UNSAFE
        return Fix(f'record {found.name}{found.text} in a step named "{name}"', level, tuple(edits))

    def _block(self, tree: Tree, region: Region, use: EffectUse, place: tuple[str, Profile]) -> Fix | None:
        """The fix that moves the statements around an effect into one step."""
        kept = _kept_by_steps(place[1])
        source = tree.node(use.number)
        if kept is None or not isinstance(source, cst.BaseExpression):
            return None
        run = Runs(self.project, tree, region, place[0], kept.serializer).around(use)
        if run is None:
            return None
        extent = Span(tree.span(run.block[run.first]).start, tree.span(run.block[run.last]).end)
        inside = (one for one in region.ordered_effects() if extent.start <= one.start < extent.end)
        leader = next(one for one in inside if one.kind in _SHARING)
        source = tree.node(leader.number)
        assert isinstance(source, cst.BaseExpression)
        name = self.names.apart(tree, region.fid, extent, *named(tree, run, source, leader.kind))
        if not name:
            return None
        taken = names_in(tree.numbered.module) | set(self.project.ev.function(region.fid).bindings)
        level = Level.HISTORY if run.sure else Level.UNSAFE
        value = alone(run)
        if value is not None and can_move(value, place[0]):
            text = as_argument(value, tree.source(value))
            edit = tree.replace(value, step_text(place[1], place[0], name, text, value))
            return Fix(f'run it in a step named "{name}"', level, (edit,))
        moved = as_step(tree, run, name, *place, taken)
        return Fix(f'run these statements in a step named "{name}"', level, (moved,)) if moved is not None else None

    def _alone(self, tree: Tree, region: Region, use: EffectUse, place: tuple[str, Profile]) -> Fix | None:
        """The fix that wraps the expression of an effect."""
        plan = self._plan(tree, region).get((use.number, use.kind))
        if plan is None or not can_move(plan.node, place[0]) or self._writes(region.fid, tree, plan.node):
            return None
        statement = enclosing_statement(tree, plan.node)
        if isinstance(statement, cst.While) and _is_within(tree, plan.node, statement.test):
            return None  # a step in each round, all of one name
        wanted = for_effect(tree, plan.source, plan.node, plan.use.kind)
        name = self.names.apart(tree, region.fid, tree.span(plan.node), *wanted)
        if not name:
            return None
        title = f'run it in a step named "{name}"'
        if isinstance(statement, cst.Expr) and statement.value is plan.node and plan.verdict != CARRIED:
            function = self.project.ev.function(region.fid)
            text = as_function(
                tree, statement, name, *place, taken=names_in(tree.numbered.module) | set(function.bindings)
            )
            return Fix(title, Level.HISTORY, text) if text is not None else None
        if plan.verdict == REFUSED:
            return None
        made = self._step(tree, plan, name, *place)
        if made is None:
            return None
        text_, edits = made
        level = Level.UNSAFE if plan.verdict in (UNKNOWN, "generator") else Level.HISTORY
        return Fix(title, level, (tree.replace(plan.node, text_), *edits))

    def _step(
        self, tree: Tree, plan: Plan, name: str, context: str, profile: Profile
    ) -> tuple[str, tuple[Edit, ...]] | None:
        """The step's text, converted where the serializer needs it, and the imports for that."""
        text = tree.source(plan.node)
        if isinstance(plan.node, cst.Tuple | cst.GeneratorExp) and not text.startswith("("):
            text = f"({text})"
        if plan.verdict == "set":
            return f"set({step_text(profile, context, name, f'list({text})', plan.node)})", ()
        if plan.verdict == "generator":
            return step_text(profile, context, name, f"list({text})", plan.node), ()
        if plan.verdict == "timedelta":
            brought = self.imports.bring("datetime", "timedelta")
            if brought is None:
                return None
            inner = text if isinstance(plan.node, cst.Call | cst.Name | cst.Attribute) else f"({text})"
            step = step_text(profile, context, name, f"{inner}.total_seconds()", plan.node)
            return f"{brought[0]}(seconds={step})", brought[1]
        return step_text(profile, context, name, text, plan.node), ()

    def _writes(self, fid: FunctionId, tree: Tree, node: cst.CSTNode) -> bool:
        """Whether a call in an expression changes something outside it: in a step that would be lost."""
        span = tree.span(node)
        function = self.project.ev.function(fid)
        for index, call in enumerate(function.calls):
            if (
                span.start <= call.start
                and call.end <= span.end
                and any(change[4] == PLAIN for change in self.project.changes.through(fid, index))
            ):
                return True
        return any(span.start <= write.start and write.end <= span.end for write in function.writes)

    # Plans

    def _plan(self, tree: Tree, region: Region) -> dict[tuple[int, str], Plan]:
        key = (region.fid, region.kind)
        if key not in self._plans:
            groups: dict[int, list[tuple[EffectUse, Carried]]] = {}
            for use in region.ordered_effects():
                found = self._carried(tree, region.fid, use)
                if found is not None:
                    groups.setdefault(id(enclosing_statement(tree, found.node)), []).append((use, found))
            self._plans[key] = {
                (use.number, use.kind): plan for group in groups.values() for use, plan in self._together(tree, group)
            }
        return self._plans[key]

    def _carried(self, tree: Tree, fid: FunctionId, use: EffectUse) -> Carried | None:
        """The smallest expression around an effect that can be recorded; None for what no step helps."""
        node = tree.node(use.number)
        if use.kind in _NEVER or use.in_name or not isinstance(node, cst.BaseExpression):
            return None
        if load().keeps_state(use.api) or self._is_entered(fid, use):
            return None
        judge = partial(self._judge, tree, fid)
        verdict = judge(node) or self._by_name(fid, use)
        return smallest(tree, node, verdict, self.project.ev, fid, judge)

    def _is_entered(self, fid: FunctionId, use: EffectUse) -> bool:
        """Whether an AWS call is made on what a ``with`` binds: a batch writer, which sends when its block ends."""
        function = self.project.ev.function(fid)
        callee = next((call.callee for call in function.calls if call.number == use.number), None)
        root = callee[1] if callee is not None and callee[0] == f.ATTR else None
        bound = function.bindings.get(root[1], []) if root is not None and root[0] == f.NAME else []
        return use.kind == "aws" and any(one is not None and one[0] == f.ENTER for one in bound)

    def _judge(self, tree: Tree, fid: FunctionId, node: cst.CSTNode) -> str:
        """What the type of a call's value tells; empty when it isn't known."""
        place = context_of(self.project, fid)
        number = tree.numbered.number(node)
        function = self.project.ev.function(fid)
        index = next((i for i, call in enumerate(function.calls) if call.number == number), -1)
        if place is None or index < 0 or not isinstance(node, cst.Call):
            return ""
        kept = _kept_by_steps(place[1])
        if kept is None:
            return ""
        results = self.project.results
        return of_shapes(results.types.of((f.CALL, index), fid), kept.serializer, results.known)

    def _by_name(self, fid: FunctionId, use: EffectUse) -> str:
        """What the catalogue's name of a call or a read tells of its value, where no type is known."""
        ev = self.project.ev
        call = next((call for call in ev.function(fid).calls if call.number == use.number), None)
        things = ev.expr(call.callee, fid) if call is not None else t.NOTHING
        own = {t.FN, t.METHOD, t.CLASS, t.INST, t.PARTIAL}
        return UNKNOWN if any(thing[0] in own for thing in things) else load().of(use.api)

    def _together(self, tree: Tree, group: list[tuple[EffectUse, Carried]]) -> Iterable[tuple[EffectUse, Plan]]:
        """The plans of the effects of one statement: what lies inside another's expression goes with it, and what
        stands beside it in one literal shares a step."""
        outer = [one for one in group if not any(_holds(tree, other[1].node, one[1].node) for other in group)]
        first, whole = outer[0], None
        distinct = {tree.span(found.node) for _, found in outer}
        if len(distinct) > 1 and all(found.verdict == CARRIED for _, found in outer):
            whole = _common(tree, [found.node for _, found in outer])
        for use, found in group:
            if whole is not None:
                source = tree.node(first[0].number)
                assert isinstance(source, cst.BaseExpression)
                yield use, Plan(whole, CARRIED, first[0], source)
                continue
            chosen = next((o for o in outer if o[1].node is found.node or _holds(tree, o[1].node, found.node)), None)
            leader, plan = chosen or (use, found)
            source = tree.node(leader.number)
            assert isinstance(source, cst.BaseExpression)
            yield use, Plan(plan.node, plan.verdict, leader, source)


def _kept_by_steps(profile: Profile) -> Kept | None:
    """How the results of steps are recorded."""
    steps = [name for name, one in profile.methods.items() if one.body is not None and one.body.region == "step"]
    return next((profile.keeping.results[name] for name in steps if name in profile.keeping.results), None)


def _holds(tree: Tree, outer: cst.CSTNode, inner: cst.CSTNode) -> bool:
    return outer is not inner and any(parent is outer for parent in tree.ancestors(inner))


def _is_within(tree: Tree, node: cst.CSTNode, outer: cst.CSTNode) -> bool:
    return node is outer or _holds(tree, outer, node)


def _common(tree: Tree, nodes: list[cst.BaseExpression]) -> cst.BaseExpression | None:
    """The literal that holds all of some expressions and otherwise nothing but constants and f-strings."""
    chain = [nodes[0], *tree.ancestors(nodes[0])]
    whole = next((one for one in chain if all(_is_within(tree, node, one) for node in nodes)), None)
    while isinstance(whole, cst.Element | cst.DictElement):
        whole = tree.parent(whole)
    if isinstance(whole, cst.FormattedString | cst.Comparison):
        return whole
    if not isinstance(whole, cst.Dict | cst.List | cst.Tuple):
        return None
    return whole if _is_plain(whole, nodes) else None


def _is_plain(node: cst.CSTNode, sources: list[cst.BaseExpression]) -> bool:
    if any(node is source for source in sources):
        return True
    if isinstance(node, cst.SimpleString | cst.FormattedString | cst.Integer | cst.Float | cst.ConcatenatedString):
        return True
    if isinstance(node, cst.Name):
        return node.value in ("None", "True", "False")
    if isinstance(node, cst.Dict):
        return all(
            isinstance(one, cst.DictElement) and _is_plain(one.key, sources) and _is_plain(one.value, sources)
            for one in node.elements
        )
    if isinstance(node, cst.List | cst.Tuple):
        return all(isinstance(one, cst.Element) and _is_plain(one.value, sources) for one in node.elements)
    return False


def step_text(profile: Profile, context: str, name: str, expression: str, node: cst.CSTNode) -> str:
    """A call of the step operation with a lambda as its body."""
    parameter = profile.writing.parameter
    used = names_in(node)
    while parameter and parameter in used:
        parameter = "_step" if parameter == "_" else f"{parameter}_"
    body = f"lambda {parameter}: {expression}" if parameter else f"lambda: {expression}"
    return profile.writing.step.format(context=context, body=body, name=label(name))
