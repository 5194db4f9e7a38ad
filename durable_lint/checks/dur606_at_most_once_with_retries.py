"""DUR606: a step that may begin once only, and is retried all the same."""

from collections.abc import Iterator
from functools import partial

from durable_lint.checks.base import WARNING, Check, Finding, Rule
from durable_lint.index import facts as f
from durable_lint.index import things as t
from durable_lint.index.facts import Call
from durable_lint.index.forms import Form, Frame
from durable_lint.knowledge.profiles import Profile
from durable_lint.knowledge.signatures import AtMostOnce
from durable_lint.model import Fix, Level

RULE = Rule(
    "DUR606", "at-most-once-with-retries", WARNING, "at-most-once semantics with the default retry strategy", "unsafe"
)


def check(ctx: Check) -> Iterator[Finding]:
    """Configurations that ask for at most once for each retry and leave the retries as they are by default."""
    for made in ctx.project.values.made(ctx.module.path):
        once, call, frame = made.profile.values.at_most_once, made.call, Frame(made.fid)
        if once is None or made.name != once.config:
            continue
        if _is_once(ctx, made.profile, once, call, frame) and _retries_by_default(ctx, once, call, frame):
            called = ctx.written(call.start, call.end, "")
            message = f"{called} with {once.value} keeps the default retries: each retry runs the body again"
            yield Finding(RULE, call.start, call.end, message, fix=partial(_fix, ctx, once, call))


def _is_once(ctx: Check, profile: Profile, once: AtMostOnce, call: Call, frame: Frame) -> bool:
    """Whether the configuration is sure to ask for at most once."""
    given = ctx.project.values.setting(call, frame, once.parameter)
    if given is None or isinstance(given, bool):
        return False
    things = ctx.project.ev.expr(given, frame.fid)
    known = [thing[1] for thing in things if thing[0] == t.EXT and profile.symbol(thing[1])]
    return bool(known) and len(known) == len(things) and all(one.endswith(f".{once.value}") for one in known)


def _retries_by_default(ctx: Check, once: AtMostOnce, call: Call, frame: Frame) -> bool:
    given = ctx.project.values.setting(call, frame, once.retries)
    if isinstance(given, bool):
        return True
    forms = ctx.project.values.forms.of(given, frame)
    return bool(forms) and all(_is_default(ctx, once, form) for form in forms or ())


def _is_default(ctx: Check, once: AtMostOnce, form: Form) -> bool:
    """Whether a retry strategy is None or made by a call that gives the default."""
    if form.kind == f.CONST:
        return form.expr[1] is None
    made = ctx.project.values.called(form)
    symbol = ctx.project.values.symbol(made.callee, form.frame.fid) if made is not None else None
    return symbol is not None and symbol[1] in once.defaults


def _fix(ctx: Check, once: AtMostOnce, call: Call) -> Fix | None:
    """Switch the retries off."""
    from durable_lint.fixes.edits import add_argument
    from durable_lint.knowledge.profiles import Place
    from durable_lint.visit.nodes import argument_node

    name, _, method = once.never.partition(".")
    tree = ctx.tree_at(call.start)
    node = tree.call(call.number)
    found = ctx.imports.bring(once.module, name)
    if found is None or any(arg.star for arg in node.args):
        return None
    written, edits = found
    text = f"{written}.{method}()"
    config = next(p.values.configs.get(once.config) for p in ctx.project.profiles if p.values.at_most_once is once)
    position = config.positional.index(once.retries) if config is not None and once.retries in config.positional else 99
    value = argument_node(node, Place(position, once.retries))
    edit = tree.replace(value, text) if value is not None else add_argument(tree, node, f"{once.retries}={text}")
    return Fix(f"switch retries off with {once.never}()", Level.UNSAFE, (edit, *edits))
