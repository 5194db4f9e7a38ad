"""The violations that are planted: what is read or done, how it is reached, and how its value is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from planting import Body, Edit, Module, Place, edited

CAUSE = "  # cause"


@dataclass(frozen=True)
class Source:
    """An expression in three parts: a name to import, what of it can be kept in a variable, and the use."""

    module: str
    name: str
    held: str
    use: str

    @property
    def base(self) -> str:
        return self.name or self.module

    def imported(self, alias: str = "") -> str:
        rename = f" as {alias}" if alias else ""
        return f"from {self.module} import {self.name}{rename}" if self.name else f"import {self.module}{rename}"

    def kept(self, base: str) -> str:
        return f"{base}{self.held}"


@dataclass(frozen=True)
class Kind:
    """A kind of value: its rule, whether a name made from it is unstable, its severity when it reaches an operation."""

    title: str
    code: str
    unstable: bool
    sources: tuple[Source, ...]


KINDS = (
    Kind(
        "clock",
        "DUR101",
        True,
        (
            Source("time", "", ".time", "()"),
            Source("time", "monotonic", "", "()"),
            Source("datetime", "datetime", "", ".now()"),
            Source("datetime", "", ".date", ".today()"),
            Source("time", "", ".strftime", "('%Y-%m-%d')"),
        ),
    ),
    Kind(
        "id",
        "DUR103",
        True,
        (
            Source("uuid", "", ".uuid4", "()"),
            Source("uuid", "uuid4", "", "().hex"),
            Source("uuid", "", ".uuid1", "()"),
        ),
    ),
    Kind(
        "environment read",
        "DUR104",
        True,
        (
            Source("os", "", ".environ", "['STAGE']"),
            Source("os", "environ", "", ".get('STAGE', 'test')"),
            Source("os", "", ".getenv", "('STAGE')"),
            Source("os", "getenv", "", "('STAGE', 'test')"),
        ),
    ),
    Kind(
        "client call",
        "DUR202",
        False,
        (
            Source("boto3", "", ".client('s3')", ".head_bucket(Bucket='docs')"),
            Source("boto3", "", ".resource('dynamodb').Table('orders')", ".get_item(Key={'id': '1'})"),
            Source("boto3", "client", "('sqs')", ".receive_message(QueueUrl='https://sqs.example.com/q')"),
            Source("boto3", "", ".session.Session().client('sns')", ".list_topics()"),
            Source("boto3", "", ".client('s3').get_waiter('object_exists')", ".wait(Bucket='docs', Key='a')"),
        ),
    ),
)


@dataclass
class Reach:
    """How the planted line reaches its cause: what stands elsewhere, and the expression of the line itself."""

    expression: str
    imports: list[str] = field(default_factory=list)
    below_imports: list[str] = field(default_factory=list)
    at_end: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    modules: dict[str, list[str]] = field(default_factory=dict)


def direct_inline(source: Source) -> Reach:
    return Reach(source.kept("planted") + source.use, imports=[source.imported("planted")])


def direct_kept_in_module(source: Source) -> Reach:
    made = f"planted_kept = {source.kept('planted')}"
    return Reach("planted_kept" + source.use, imports=[source.imported("planted")], below_imports=[made])


def direct_kept_in_function(source: Source) -> Reach:
    made = f"planted_kept = {source.kept('planted')}"
    return Reach("planted_kept" + source.use, imports=[source.imported("planted")], before=[made])


def direct_imported_in_function(source: Source) -> Reach:
    return Reach(source.kept("planted") + source.use, before=[source.imported("planted")])


def reader(name: str, expression: str, indent: str = "", parameters: str = "") -> list[str]:
    return [f"{indent}def {name}({parameters}):", f"{indent}    return {expression}{CAUSE}"]


def helper_in_same_module(source: Source) -> Reach:
    lines = reader("planted_read", source.kept("planted") + source.use)
    return Reach("planted_read()", imports=[source.imported("planted")], at_end=lines)


def helper_in_other_module(source: Source) -> Reach:
    lines = [source.imported(), "", "", *reader("planted_read", source.kept(source.base) + source.use)]
    return Reach(
        "planted_read()", imports=["from {package}planted_inner import planted_read"], modules={"planted_inner": lines}
    )


def helper_with_kept_object(source: Source) -> Reach:
    lines = [source.imported(), "", f"kept = {source.kept(source.base)}", "", "", *reader("read", "kept" + source.use)]
    return Reach("planted_inner.read()", imports=["{import_module}planted_inner"], modules={"planted_inner": lines})


def helper_in_function(source: Source) -> Reach:
    lines = reader("planted_read", source.kept("planted") + source.use)
    return Reach("planted_read()", imports=[source.imported("planted")], before=lines)


def two_helpers(source: Source) -> Reach:
    inner = [source.imported(), "", "", *reader("planted_read", source.kept(source.base) + source.use)]
    outer = [
        "from {package}planted_inner import planted_read",
        *("", "", "def planted_outer():", "    return planted_read()"),
    ]
    return Reach(
        "planted_outer()",
        imports=["from {package}planted_middle import planted_outer"],
        modules={"planted_inner": inner, "planted_middle": outer},
    )


def two_helpers_by_module(source: Source) -> Reach:
    inner = [source.imported(), "", f"kept = {source.kept(source.base)}", "", "", *reader("read", "kept" + source.use)]
    outer = [
        "{import_module}planted_inner as inner",
        *(
            "",
            "",
            "def outer(count: int = 1):",
            "    found = [inner.read() for _ in range(count)]",
            "    return found[0]",
        ),
    ]
    return Reach(
        "planted_middle.outer()",
        imports=["{import_module}planted_middle"],
        modules={"planted_inner": inner, "planted_middle": outer},
    )


def object_of_function(source: Source) -> Reach:
    lines = ["class PlantedReader:", *reader("read", source.kept("planted") + source.use, "    ", "self")]
    return Reach(
        "planted_object.read()",
        imports=[source.imported("planted")],
        at_end=lines,
        before=["planted_object = PlantedReader()"],
    )


def keeping_class(source: Source, base: str) -> list[str]:
    return [
        "class PlantedReader:",
        "    def __init__(self):",
        f"        self.kept = {source.kept(base)}",
        "",
        *reader("read", "self.kept" + source.use, "    ", "self"),
    ]


def object_keeps_it_on_self(source: Source) -> Reach:
    return Reach(
        "planted_object.read()",
        imports=["from {package}planted_inner import PlantedReader"],
        before=["planted_object = PlantedReader()"],
        modules={"planted_inner": [source.imported(), "", "", *keeping_class(source, source.base)]},
    )


def object_of_module(source: Source) -> Reach:
    return Reach(
        "planted_object.read()",
        imports=["from {package}planted_inner import PlantedReader"],
        below_imports=["planted_object = PlantedReader()"],
        modules={"planted_inner": [source.imported(), "", "", *keeping_class(source, source.base)]},
    )


def object_of_other_module_calls_helper(source: Source) -> Reach:
    inner = [source.imported(), "", "", *reader("planted_read", source.kept(source.base) + source.use)]
    middle = [
        "from {package}planted_inner import planted_read",
        *("", "", "class Base:", "    def read(self):", "        return self.fetch()", ""),
        *("    def fetch(self):", "        return planted_read()"),
        *("", "", "class Reader(Base):", "    pass", "", "", "planted_object = Reader()"),
    ]
    return Reach(
        "planted_object.read()",
        imports=["from {package}planted_middle import planted_object"],
        modules={"planted_inner": inner, "planted_middle": middle},
    )


REACHES: dict[str, dict[str, Callable[[Source], Reach]]] = {
    "direct": {
        "in the line": direct_inline,
        "kept in the module": direct_kept_in_module,
        "kept in the function": direct_kept_in_function,
        "imported in the function": direct_imported_in_function,
    },
    "one helper": {
        "in the module": helper_in_same_module,
        "in another module": helper_in_other_module,
        "with a kept object": helper_with_kept_object,
        "in the function": helper_in_function,
    },
    "two helpers": {"by name": two_helpers, "by module, in a comprehension": two_helpers_by_module},
    "on self": {
        "class of the module": object_of_function,
        "kept on self": object_keeps_it_on_self,
        "object of the module": object_of_module,
        "inherited, through a helper": object_of_other_module_calls_helper,
    },
}

USES: dict[str, tuple[bool, tuple[str, ...]]] = {
    "unused": (False, ("planted_value = {value}  # expect: {code}",)),
    "thrown away": (False, ("{value}  # expect: {code}",)),
    "logged": (False, ("{context}.logger.info('%s', {value})  # expect: {code}",)),
    "captured": (
        True,
        (
            "planted_value = {value}  # expect: {code}",
            "{context}.step(lambda _: str(planted_value), name='planted')",
        ),
    ),
    "argument": (
        True,
        ("{context}.invoke('planted:live', {{'value': str({value})}}, name='planted')  # expect: {code}",),
    ),
    "branch": (
        True,
        ("if {value}:  # expect: {code}", "    {context}.step(lambda _: 1, name='planted')"),
    ),
    "loop": (
        True,
        (
            "for planted_number in range(2):",
            "    planted_value = {value}  # expect: {code}",
            "    {context}.step(lambda _: planted_value, name=f'planted-{{planted_number}}')",
        ),
    ),
    "name": (
        True,
        (
            "planted_value = {value}  # expect: {code}",
            "{context}.step(lambda _: 1, name=f'planted-{{planted_value}}')  {unstable}",
        ),
    ),
    "in a name": (True, ("{context}.step(lambda _: 1, name='planted-' + str({value}))  {named}",)),
}
"""How a value is used: whether that adds an operation, and the lines."""


@dataclass(frozen=True)
class Mutant:
    """A project with one violation; what is expected stands in its comments."""

    name: str
    kind: str
    depth: str
    variant: str
    files: dict[str, str]
    is_traced: bool


def is_package(module: Module) -> bool:
    folder = module.path.rpartition("/")[0]
    return bool(folder) and f"{folder}/__init__.py" in module.project.files


def with_reach(module: Module, edits: list[Edit], reach: Reach) -> dict[str, str]:
    """The files of a project after edits of one module and with what they reach."""
    folder = module.path.rpartition("/")[0] if is_package(module) else ""
    spelled = {
        "{package}": "." if folder else "",
        "{import_module}": "from . import " if folder else "import ",
    }

    def text(lines: list[str]) -> str:
        whole = "".join(f"{line}\n" for line in lines)
        for mark, meant in spelled.items():
            whole = whole.replace(mark, meant)
        return whole

    head = module.head()
    home = edited(
        module.text, [Edit(head, head, text([*reach.imports, *reach.below_imports])), *sorted(edits, key=start_of)]
    )
    end = "" if home.endswith("\n") else "\n"
    home += text([end, "", *reach.at_end]) if reach.at_end else ""
    others = {(f"{folder}/" if folder else "") + f"{name}.py": text(lines) for name, lines in reach.modules.items()}
    return {**module.project.files, module.path: home, **others}


def start_of(edit: Edit) -> int:
    return edit.start


def value_mutant(place: Place, kind: Kind, source: Source, depth: str, variant: str, use: str) -> Mutant:
    """A read or an effect at a place of workflow code."""
    reach = REACHES[depth][variant](source)
    unstable = "# expect: DUR502" if kind.unstable else ""
    lines = [
        line.format(
            value=reach.expression,
            code=kind.code,
            context=place.workflow.context,
            unstable=unstable,
            named=unstable or f"# expect: {kind.code}",
        ).rstrip()
        for line in USES[use][1]
    ]
    indent, offset = place.point.indent, place.point.offset
    planted = "".join(f"{indent}{line}\n" for line in [*reach.before, *lines])
    files = with_reach(place.workflow.module, [Edit(offset, offset, planted)], reach)
    is_traced = depth != "direct" and not (use == "in a name" and kind.unstable)
    return Mutant(f"{place.name}, {source.base}{source.held}, {use}", kind.title, depth, variant, files, is_traced)


NESTED = {
    "step": "{flow}.step(lambda _: 1, name='planted')",
    "invoke": "{flow}.invoke('planted:live', {{'a': 1}}, name='planted')",
    "create_callback": "{flow}.create_callback(name='planted')",
    "map": "{flow}.map([1], lambda child, item, index, items: item, name='planted')",
}

OPERATING = ("direct", "helper", "annotated helper", "two", "object", "object of a module", "method with context")


def operation_reach(operation: str, variant: str, context: str) -> tuple[str, Reach]:
    """The depth and the way in which a step body reaches an operation."""
    call = NESTED[operation]
    line = call.format(flow="flow")
    on_self = call.format(flow="self.flow")
    keeping = [
        *("class PlantedFlow:", "    def __init__(self, flow):", "        self.flow = flow", ""),
        *reader("run", on_self, "    ", "self"),
    ]
    inner = reader("planted_run", line, "", "flow")
    if variant == "direct":
        return "direct", Reach(call.format(flow=context))
    if variant == "helper":
        return "one helper", Reach(f"planted_run({context})", at_end=inner)
    if variant == "annotated helper":
        annotated = ["from aws_durable_execution_sdk_python import DurableContext", "", ""]
        return "one helper", Reach(
            f"planted_run(flow={context})",
            imports=["from {package}planted_inner import planted_run"],
            modules={"planted_inner": [*annotated, *reader("planted_run", line, "", "flow: DurableContext")]},
        )
    if variant == "two":
        outer = ["from {package}planted_inner import planted_run", "", "", "def planted_outer(durable):"]
        return "two helpers", Reach(
            f"planted_outer({context})",
            imports=["from {package}planted_middle import planted_outer"],
            modules={"planted_inner": inner, "planted_middle": [*outer, "    return planted_run(durable)"]},
        )
    if variant == "object":
        made = f"planted_object = PlantedFlow({context})"
        return "on self", Reach("planted_object.run()", at_end=keeping, before=[made])
    if variant == "object of a module":
        return "on self", Reach(
            f"PlantedFlow({context}).run()",
            imports=["from {package}planted_inner import PlantedFlow"],
            modules={"planted_inner": keeping},
        )
    return "on self", Reach(
        f"planted_object.run({context})",
        imports=["from {package}planted_inner import planted_object"],
        modules={
            "planted_inner": [
                "class PlantedFlow:",
                *reader("run", line, "    ", "self, flow"),
                *("", "", "planted_object = PlantedFlow()"),
            ]
        },
    )


WRITES = {
    "append": ("[]", "{state}.append(1)"),
    "extend": ("[]", "{state}.extend([1, 2])"),
    "slice": ("[]", "{state}[:] = [1]"),
    "in place": ("[0]", "{state}[0] += 1"),
    "item": ("{}", "{state}['planted'] = 1"),
    "update": ("{}", "{state}.update(planted=1)"),
}

WRITING = ("direct", "helper", "helper in another module", "two", "object", "object of another module", "module object")


def write_reach(write: str, variant: str) -> tuple[str, Reach, str]:
    """The depth, the way in which a step body writes, and the expression that reads it back."""
    empty, form = WRITES[write]
    made, statement = f"planted_state = {empty}", form.format(state="state")
    adder = ["def planted_add(state):", f"    {statement}{CAUSE}"]
    box = [
        *("class PlantedBox:", "    def __init__(self):", f"        self.state = {empty}", "", "    def add(self):"),
        f"        {form.format(state='self.state')}{CAUSE}",
    ]
    if variant == "direct":
        return "direct", Reach(form.format(state="planted_state"), before=[made]), "planted_state"
    if variant == "helper":
        return "one helper", Reach("planted_add(planted_state)", at_end=adder, before=[made]), "planted_state"
    if variant == "helper in another module":
        imported = ["from {package}planted_inner import planted_add"]
        reach = Reach("planted_add(planted_state)", imports=imported, before=[made], modules={"planted_inner": adder})
        return "one helper", reach, "planted_state"
    if variant == "two":
        outer = ["from {package}planted_inner import planted_add", "", "", "def planted_outer(target):"]
        reach = Reach(
            "planted_outer(planted_state)",
            imports=["from {package}planted_middle import planted_outer"],
            before=[made],
            modules={"planted_inner": adder, "planted_middle": [*outer, "    planted_add(target)"]},
        )
        return "two helpers", reach, "planted_state"
    if variant == "object":
        reach = Reach("planted_box.add()", at_end=box, before=["planted_box = PlantedBox()"])
    elif variant == "object of another module":
        imported = ["from {package}planted_inner import PlantedBox"]
        built = ["planted_box = PlantedBox()"]
        reach = Reach("planted_box.add()", imports=imported, before=built, modules={"planted_inner": box})
    else:
        shared = [*box, "", "", "planted_box = PlantedBox()"]
        imported = ["from {package}planted_inner import planted_box"]
        reach = Reach("planted_box.add()", imports=imported, modules={"planted_inner": shared})
    return "on self", reach, "planted_box.state"


def body_edits(body: Body, line: str, before: list[str], read: str) -> list[Edit]:
    """The edits that put a line into a step body, others before it in the workflow function, and read at its end."""
    edits = [Edit(body.top.offset, body.top.offset, "".join(f"{body.top.indent}{one}\n" for one in before))]
    planted = f"{body.head}{body.point.indent}{line}\n{body.tail}"
    edits.append(Edit(body.point.offset, body.point.offset, planted))
    if body.replaced is not None:
        edits.append(Edit(*body.replaced, "planted_body"))
    if read:
        assert body.result is not None
        start, end = body.result
        edits += [Edit(start, start, "["), Edit(end, end, f", {read}]")]
    return edits


def operation_mutant(body: Body, operation: str, variant: str) -> Mutant:
    """An operation in a step body."""
    depth, reach = operation_reach(operation, variant, body.workflow.context)
    edits = body_edits(body, f"{reach.expression}  # expect: DUR301", reach.before, "")
    files = with_reach(body.workflow.module, edits, reach)
    return Mutant(f"{body.name}, {operation}", "nested operation", depth, variant, files, depth != "direct")


def write_mutant(body: Body, write: str, variant: str) -> Mutant:
    """A write of a step body to state that the end of the workflow function reads."""
    depth, reach, read = write_reach(write, variant)
    edits = body_edits(body, f"{reach.expression}  # expect: DUR401", reach.before, read)
    files = with_reach(body.workflow.module, edits, reach)
    return Mutant(f"{body.name}, {write}", "lost write", depth, variant, files, depth != "direct")


def value_choices() -> Iterator[tuple[Kind, Source, str, str, str]]:
    """Every kind with every way to reach it and every use; its sources take turns."""
    turn = 0
    for kind in KINDS:
        for depth, variants in REACHES.items():
            for variant in variants:
                for use in USES:
                    yield kind, kind.sources[turn % len(kind.sources)], depth, variant, use
                    turn += 1
