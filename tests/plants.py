"""Values that are planted in workflow code: what is read, how it is reached, and how it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from module_text import Edit, Module, edited
from planting import Place

from durable_lint.model import Severity

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
    """A kind of value: its rule, whether a name made from it is unstable, whether its severity follows its use."""

    title: str
    code: str
    unstable: bool
    graded: bool
    sources: tuple[Source, ...]


KINDS = (
    Kind(
        "clock",
        "DUR101",
        True,
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
        False,
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
    """A project with one violation; what is expected stands in its comments, and in ``severities`` by code."""

    name: str
    kind: str
    depth: str
    variant: str
    files: dict[str, str]
    is_traced: bool
    place: tuple[str, str, int] = ("", "", 0)
    """The project, the module and the offset at which it was planted."""
    severities: tuple[tuple[str, Severity], ...] = ()


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
    severity = Severity.ERROR if USES[use][0] else Severity.WARNING
    return Mutant(
        f"{place.name}, {source.module}{source.name and '.'}{source.name}{source.held}, {use}",
        kind.title,
        depth,
        variant,
        files,
        is_traced,
        place.spot,
        ((kind.code, severity),) if kind.graded else (),
    )


def value_choices() -> Iterator[tuple[Kind, Source, str, str, str]]:
    """Every kind with every way to reach it and every use; its sources take turns."""
    turn = 0
    for kind in KINDS:
        for depth, variants in REACHES.items():
            for variant in variants:
                for use in USES:
                    yield kind, kind.sources[turn % len(kind.sources)], depth, variant, use
                    turn += 1
