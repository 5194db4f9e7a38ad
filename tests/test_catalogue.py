"""The catalogue: its format is strict, its conditions and look-ups do what they say, its names exist."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomli

from durable_lint.knowledge import rules_dir
from durable_lint.knowledge.catalogue import (
    UNKNOWN,
    ApiRule,
    Arguments,
    Catalogue,
    CatalogueError,
    Condition,
    Literal,
    Named,
    Result,
    kinds,
    load,
)

FOLDER = rules_dir() / "catalogue"
FILES = sorted(FOLDER.glob("*.toml"))


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load()


def literals(*values: object, **keywords: object) -> Arguments:
    return Arguments(tuple(map(Literal, values)), {name: Literal(value) for name, value in keywords.items()})


def load_text(folder: Path, *texts: str) -> Catalogue:
    for number, text in enumerate(texts):
        (folder / f"file{number}.toml").write_text(text, encoding="utf-8")
    return load(folder)


# What is refused


def entry(form: str = "call", **changes: str) -> str:
    lines = {"names": '["pkg.fn"]', "kind": '"clock"', "why": '"because"', **changes}
    return f"[[{form}]]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items() if value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (entry(kind='"clok"'), "unknown kind 'clok'; allowed are clock, random"),
        (entry(kind=""), "unknown kind None"),
        (entry(why=""), "'why' is missing"),
        (entry(why='" "'), "'why' is missing"),
        (entry(names=""), "'names' is missing or empty"),
        (entry(names="[]"), "'names' is missing or empty"),
        (entry(names='"pkg.fn"'), "'names' must be an array, not 'pkg.fn'"),
        (entry(names='["pkg.fn", 3]'), "'names' must hold strings only, not 3"),
        (entry(names='["pkg.fn", "pkg.fn"]'), "'names' holds 'pkg.fn' twice"),
        (entry(names='["pkg.f n"]'), "'pkg.f n' is no dotted name"),
        (entry(names='["pkg.*.fn"]'), "'pkg.*.fn' is no dotted name (a last segment '*' is allowed)"),
        (entry(names='["*"]'), "'*' is no dotted name"),
        (entry("object", names='["pkg.*"]'), "'pkg.*' is no dotted name"),
        (entry("object", types='["pkg..Class"]'), "'pkg..Class' is no dotted name"),
        (entry("object", instances='["pkg.*"]'), "'pkg.*' is no dotted name"),
        (entry(colour='"red"'), "unknown key 'colour'; allowed are kind, names, only, unless, why"),
        (entry("read", only="{ max-args = 0 }"), "unknown key 'only'"),
        (entry("pure"), "unknown key 'kind'; allowed are names, why"),
        (entry("object", **{"when-called": '"yes"'}), "'when-called' must be true or false, not 'yes'"),
        (entry("object", free='{ close = "" }'), "'free' must give a why for 'close'"),
        (entry(only="{}"), "'only': is empty; allowed are arg"),
        (entry(only="{ max = 0 }"), "'only': unknown key 'max'"),
        (entry(only='{ max-args = "0" }'), "'only': 'max-args' must be a whole number, not '0'"),
        (entry(only="{ max-args = true }"), "'only': 'max-args' must be a whole number, not True"),
        (entry(unless="{ arg = -1 }"), "'unless': 'arg' can't be negative"),
        (entry(unless='{ values = ["x"] }'), "'unless': 'values' needs 'arg' or 'keyword'"),
        (entry(unless='{ arg = 0, types = ["list"] }'), "'unless': unknown literal type 'list'; allowed are bool"),
        (entry(unless='{ arg = 0, values = [1], types = ["int"] }'), "only one of 'values' and 'types'"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        load_text(tmp_path, text)
    message = str(caught.value)
    assert said in message
    assert message.startswith("file0.toml, [[")


def test_the_refusal_counts_entries_and_names_the_first_name(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"file0\.toml, \[\[call\]\] number 2 \(pkg\.two\): unknown kind 'x'"):
        load_text(tmp_path, entry(names='["pkg.one"]') + entry(names='["pkg.two"]', kind='"x"'))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[calls]]\n", "file0.toml: unknown table 'calls'; allowed are call, read, object, pure"),
        ("[call]\n", "file0.toml: write [[call]], with two brackets"),
        ("call = 3\n", "file0.toml: write [[call]], with two brackets"),
        ("call = [3]\n", "file0.toml, [[call]] number 1: is no table"),
        ("[[call]\n", "file0.toml: "),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        load_text(tmp_path, text)
    assert str(caught.value).startswith(said)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b"# caf\xe9\n")
    with pytest.raises(CatalogueError, match=r"latin\.toml: .*utf-8"):
        load(tmp_path)


def test_a_folder_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"no \*\.toml files"):
        load(tmp_path)


def test_a_name_stands_once_per_form(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"file1\.toml, .*'pkg\.fn' is already in another entry"):
        load_text(tmp_path, entry(), entry(kind='"random"'))


def test_a_name_may_stand_in_two_forms(tmp_path: Path) -> None:
    found = load_text(tmp_path, entry(), entry("object"))
    assert found.call("pkg.fn") is not None
    assert found.object("pkg.fn") is not None


def test_pure_and_impure_contradict_each_other(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"'pkg\.fn' is \[\[pure\]\] in one entry and an effect in another"):
        load_text(tmp_path, entry(), entry("pure", kind=""))


def test_an_object_may_have_types_only(tmp_path: Path) -> None:
    found = load_text(tmp_path, entry("object", names="", types='["pkg.Class"]'))
    assert found.type("pkg.Class") is not None
    assert found.object("pkg.Class") is None


# Conditions


@pytest.mark.parametrize(
    ("condition", "args", "holds"),
    [
        (Condition(max_args=0), literals(), True),
        (Condition(max_args=0), literals(None), True),
        (Condition(max_args=0), literals(3), False),
        (Condition(max_args=0), Arguments((UNKNOWN,)), False),
        (Condition(max_args=0), literals(tz=None), True),
        (Condition(max_args=0), Arguments(star=True), False),
        (Condition(max_args=1), literals("%H"), True),
        (Condition(max_args=1), literals("%H", 3), False),
        (Condition(min_args=1), literals(), False),
        (Condition(min_args=1), literals(None), False),
        (Condition(min_args=1), literals(0), True),
        (Condition(min_args=1), literals(seed=7), True),
        (Condition(arg=0, keyword="value", values=("now", "today")), literals("now"), True),
        (Condition(arg=0, keyword="value", values=("now", "today")), literals(value="today"), True),
        (Condition(arg=0, keyword="value", values=("now", "today")), literals("2024-01-01"), False),
        (Condition(arg=0, keyword="value", values=("now", "today")), literals(), False),
        (Condition(arg=0, keyword="value", values=("now",)), Arguments((UNKNOWN,)), False),
        (Condition(arg=0, values=(1,)), literals(True), False),
        (Condition(arg=1, values=("x",)), literals("x"), False),
        (Condition(arg=0, types=("int",)), literals(5), True),
        (Condition(arg=0, types=("int",)), literals(True), False),
        (Condition(arg=0, types=("int", "bool")), literals(True), True),
        (Condition(arg=0, types=("int",)), literals("5"), False),
        (Condition(arg=0, types=("int",)), Arguments((Named("pkg.five"),)), False),
        (Condition(keyword="file"), literals("a", file=3), True),
        (Condition(keyword="file"), literals("a", file=None), False),
        (Condition(keyword="file"), literals("a"), False),
        (Condition(keyword="file", not_names=("sys.stderr",)), Arguments((), {"file": Named("sys.stderr")}), False),
        (Condition(keyword="file", not_names=("sys.stderr",)), Arguments((), {"file": Named("pkg.out")}), True),
        (Condition(keyword="file", not_names=("sys.stderr",)), Arguments((), {"file": UNKNOWN}), True),
        (Condition(arg=0, made_by=("io.BytesIO",)), Arguments((Result("io.BytesIO"),)), True),
        (Condition(arg=0, made_by=("io.BytesIO",)), Arguments((Named("io.BytesIO"),)), False),
        (Condition(arg=0, keyword="t", given=False), literals(), True),
        (Condition(arg=0, keyword="t", given=False), literals(None), True),
        (Condition(arg=0, keyword="t", given=False), literals(3), False),
        (Condition(arg=0, keyword="t", given=False), literals(t=3), False),
        (Condition(), literals(1, 2), True),
    ],
)
def test_conditions(condition: Condition, args: Arguments, holds: bool) -> None:
    assert condition.holds(args) is holds


@pytest.mark.parametrize(
    ("only", "unless", "args", "applies"),
    [
        (Condition(max_args=0), None, Arguments(star=True), False),
        (None, Condition(min_args=1), Arguments(star=True), False),
        (None, Condition(min_args=1), literals(), True),
        (None, Condition(arg=0, keyword="seed", values=(1,)), Arguments(star=True), False),
        (None, Condition(arg=0, keyword="seed", values=(1,)), Arguments((UNKNOWN,), star=True), True),
        (Condition(arg=0, keyword="t", given=False), None, Arguments(star=True), False),
        (None, Condition(keyword="file"), Arguments(star=True), True),
        (None, None, Arguments(star=True), True),
    ],
)
def test_a_star_that_hides_what_decides_means_no_effect(
    only: Condition | None, unless: Condition | None, args: Arguments, applies: bool
) -> None:
    assert ApiRule("clock", "because", "call", only, unless).applies(args) is applies


# Look-ups


def test_wildcards_reach_one_level_and_exact_names_go_first(tmp_path: Path) -> None:
    found = load_text(
        tmp_path,
        entry(names='["pkg.mod.*"]'),
        entry(names='["pkg.mod.draw"]', kind='"random"'),
        entry("pure", names='["pkg.mod.Error"]', kind=""),
    )
    assert kind(found.call("pkg.mod.now")) == "clock"
    assert kind(found.call("pkg.mod.draw")) == "random"
    assert found.call("pkg.mod.Error") is None
    assert found.pure("pkg.mod.Error") == "because"
    assert found.call("pkg.mod.deep.now") is None
    assert found.call("pkg.mod") is None
    assert found.call("now") is None


def test_type_patterns_match_segment_by_segment(tmp_path: Path) -> None:
    found = load_text(tmp_path, entry("object", types='["stubs_*.client.*", "stubs_*.*Client"]'))
    assert found.type("stubs_s3.client.S3Client") is not None
    assert found.type("stubs_s3.S3Client") is not None
    assert found.type("pkg.fn") is not None
    assert found.type("stubs_s3.type_defs.PutOutput") is None
    assert found.type("stubs_s3.Literals") is None
    assert found.type("stubs.S3Client") is None
    assert found.knows("stubs_s3")
    assert found.knows("pkg")
    assert not found.knows("stubs")
    assert found.roots() == {"pkg"}


def test_class_calls_build_an_object_of_the_same_rule(tmp_path: Path) -> None:
    found = load_text(tmp_path, entry("object", names='["pkg.Store"]', **{"class-calls": '["from_url"]'}))
    assert found.object("pkg.Store.from_url") is found.object("pkg.Store")
    assert found.type("pkg.Store.from_url") is None


@pytest.mark.parametrize(
    ("path", "member", "attribute"),
    [
        ("put", "effect", True),
        ("chat.completions.create", "effect", True),
        ("session", "gives", True),
        ("session.put", "effect", True),
        ("session.session", "gives", True),
        ("session.errors.Missing", "free", False),
        ("meta", "free", False),
        ("meta.region", "free", False),
        ("meta.client", "gives", True),
        ("meta.client.put", "effect", True),
        ("close", "free", False),
        ("__enter__", "free", False),
        ("__call__", "effect", False),
        ("__getitem__", "gives", False),
    ],
)
def test_members_of_an_object_without_methods(path: str, member: str, attribute: bool) -> None:
    rule = ApiRule(
        "aws",
        "because",
        "object",
        gives=frozenset({"session", "meta.client"}),
        free={"close": "releases only", "meta": "metadata only", "errors": "classes"},
        when_called=True,
        subscript=True,
    )
    assert rule.member(path) == member
    assert rule.attribute(path) is attribute


@pytest.mark.parametrize(
    ("path", "member", "attribute"),
    [
        ("read", "effect", False),
        ("name", "free", False),
        ("parent", "gives", True),
        ("parent.parent.read", "effect", False),
        ("parent.name", "free", False),
        ("other.read", "free", False),
        ("objects.get", "effect", False),
        ("__next__", "effect", False),
        ("__call__", "gives", True),
        ("__getitem__", "free", False),
    ],
)
def test_members_of_an_object_with_methods(path: str, member: str, attribute: bool) -> None:
    rule = ApiRule(
        "filesystem",
        "because",
        "object",
        methods=frozenset({"read", "objects.get", "__next__"}),
        gives=frozenset({"parent", "__call__"}),
    )
    assert rule.member(path) == member
    assert rule.attribute(path) is attribute


def kind(rule: ApiRule | None) -> str | None:
    return rule.kind if rule is not None else None


# What comes with durable-lint


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("time.time", literals(), "clock"),
        ("time.gmtime", literals(), "clock"),
        ("time.gmtime", literals(0), None),
        ("time.strftime", literals("%Y"), "clock"),
        ("time.strftime", Arguments((Literal("%Y"), UNKNOWN)), None),
        ("time.strptime", literals("1", "%Y"), None),
        ("datetime.datetime.now", Arguments((Named("datetime.UTC"),)), "clock"),
        ("datetime.datetime.fromisoformat", literals("2024-01-01"), None),
        ("email.utils.formatdate", literals(localtime=True), "clock"),
        ("email.utils.formatdate", literals(0, True), None),
        ("pandas.to_datetime", literals("now"), "clock"),
        ("pandas.to_datetime", Arguments((UNKNOWN,)), None),
        ("arrow.get", literals("2024-01-01"), None),
        ("django.utils.timezone.localtime", literals(), "clock"),
        ("random.shuffle", Arguments((UNKNOWN,)), "random"),
        ("numpy.random.rand", literals(3), "random"),
        ("numpy.random.default_rng", literals(), None),
        ("secrets.compare_digest", literals("a", "b"), None),
        ("uuid.uuid4", literals(), "identity"),
        ("uuid.uuid5", literals("a", "b"), None),
        ("uuid.uuid8", literals(1, 2, 3), None),
        ("bson.ObjectId", literals(), "identity"),
        ("bson.ObjectId", literals("a" * 24), None),
        ("os.getenv", literals("HOME"), "environment"),
        ("asyncio.as_completed", Arguments((UNKNOWN,)), "order"),
        ("platform.node", literals(), "process"),
        ("builtins.hash", literals(5), None),
        ("builtins.hash", literals("five"), "process"),
        ("requests.get", literals("https://example.com"), "network"),
        ("requests.Request", literals("GET"), None),
        ("httpx.URL", literals("https://example.com"), None),
        ("builtins.open", literals("x"), "filesystem"),
        ("pandas.read_csv", literals("x.csv"), "filesystem"),
        ("pandas.read_csv", Arguments((Result("io.StringIO"),)), None),
        ("subprocess.run", Arguments((UNKNOWN,)), "subprocess"),
        ("builtins.print", literals("x"), "output"),
        ("builtins.print", Arguments(star=True), "output"),
        ("builtins.print", Arguments((), {"file": Named("sys.stderr")}), "output"),
        ("builtins.print", Arguments((), {"file": UNKNOWN}), None),
        ("logging.info", literals("x"), "logging"),
        ("time.sleep", literals(1), "blocking"),
        ("asyncio.sleep", literals(1), "blocking"),
        ("asyncio.gather", Arguments(star=True), "thread"),
    ],
)
def test_calls(catalogue: Catalogue, name: str, args: Arguments, expected: str | None) -> None:
    rule = catalogue.call(name)
    assert (rule.kind if rule is not None and rule.applies(args) else None) == expected


@pytest.mark.parametrize(
    ("name", "path", "expected"),
    [
        ("boto3.client", "put_object", ("aws", "effect")),
        ("boto3.client", "exceptions.NoSuchKey", ("aws", "free")),
        ("boto3.client", "get_paginator", ("aws", "gives")),
        ("boto3.resource", "Table.put_item", ("aws", "effect")),
        ("boto3.resource", "meta.client.get_item", ("aws", "effect")),
        ("boto3.Session", "client.get_item", ("aws", "effect")),
        ("boto3.Session", "client", ("aws", "gives")),
        ("requests.Session", "get", ("network", "effect")),
        ("requests.Session", "headers.update", ("network", "free")),
        ("httpx.Client", "build_request", ("network", "free")),
        ("urllib3.PoolManager", "request", ("network", "effect")),
        ("openai.OpenAI", "chat.completions.create", ("network", "effect")),
        ("anthropic.Anthropic", "with_options.messages.create", ("network", "effect")),
        ("sqlalchemy.create_engine", "connect", ("database", "gives")),
        ("sqlalchemy.create_engine", "connect.execute", ("database", "effect")),
        ("sqlalchemy.orm.sessionmaker", "__call__.commit", ("database", "effect")),
        ("sqlalchemy.orm.Session", "add", ("database", "free")),
        ("sqlalchemy.orm.Session", "query.filter_by.one", ("database", "effect")),
        ("psycopg.connect", "cursor.execute", ("database", "effect")),
        ("sqlite3.connect", "close", ("database", "free")),
        ("redis.Redis.from_url", "pipeline.execute", ("database", "effect")),
        ("pymongo.MongoClient", "shop.orders.find_one", ("database", "effect")),
        ("pymongo.MongoClient", "__getitem__", ("database", "gives")),
        ("pathlib.Path", "parent.read_text", ("filesystem", "effect")),
        ("pathlib.Path", "is_absolute", ("filesystem", "free")),
        ("logging.getLogger", "getChild.info", ("logging", "effect")),
        ("logging.getLogger", "setLevel", ("logging", "free")),
        ("logging.LoggerAdapter", "warning", ("logging", "effect")),
        ("structlog.get_logger", "bind.info", ("logging", "effect")),
        ("threading.Event", "wait", ("blocking", "effect")),
        ("random.Random", "choice", ("random", "effect")),
        ("environs.Env", "__call__", ("environment", "effect")),
        ("strands.Agent", "__call__", ("network", "effect")),
    ],
)
def test_objects(catalogue: Catalogue, name: str, path: str, expected: tuple[str, str]) -> None:
    rule = catalogue.object(name)
    assert rule is not None
    assert (rule.kind, rule.member(path)) == expected


@pytest.mark.parametrize(
    ("name", "args", "counts"),
    [
        ("random.Random", literals(), True),
        ("random.Random", literals(None), True),
        ("random.Random", Arguments((UNKNOWN,)), False),
        ("random.SystemRandom", literals(7), True),
        ("numpy.random.default_rng", literals(), True),
        ("numpy.random.default_rng", literals(seed=7), False),
        ("sqlite3.connect", literals("orders.db"), True),
        ("sqlite3.connect", literals(":memory:"), False),
        ("sqlite3.connect", Arguments((UNKNOWN,)), True),
        ("duckdb.connect", literals(), False),
        ("duckdb.connect", literals("orders.db"), True),
    ],
)
def test_how_an_object_is_built_decides(catalogue: Catalogue, name: str, args: Arguments, counts: bool) -> None:
    rule = catalogue.object(name)
    assert rule is not None
    assert rule.applies(args) is counts


def test_types_reads_and_instances(catalogue: Catalogue) -> None:
    assert kind(catalogue.type("mypy_boto3_dynamodb.service_resource.Table")) == "aws"
    assert kind(catalogue.type("mypy_boto3_s3.S3Client")) == "aws"
    assert catalogue.type("mypy_boto3_s3.type_defs.ObjectTypeDef") is None
    assert kind(catalogue.type("requests.Session")) == "network"
    assert kind(catalogue.type("pathlib.Path")) == "filesystem"
    assert catalogue.type("pathlib.PurePath") is None
    assert kind(catalogue.read("os.environ")) == "environment"
    assert catalogue.read("os.environ.get") is None
    assert kind(catalogue.instance("loguru.logger")) == "logging"
    assert catalogue.instance("loguru") is None
    assert {"boto3", "time", "builtins", "loguru"} <= catalogue.roots()


def test_every_kind_is_filled(catalogue: Catalogue) -> None:
    assert {rule["kind"] for rule in entries("call") + entries("read") + entries("object")} == set(kinds())


def test_loading_is_cached_and_the_result_can_be_pickled(catalogue: Catalogue) -> None:
    assert load() is catalogue
    again = pickle.loads(pickle.dumps(catalogue))
    assert again.call("time.time") == catalogue.call("time.time")
    assert hash(again.object("boto3.client")) == hash(catalogue.object("boto3.client"))


def entries(form: str, pattern: str = "*.toml") -> list[dict[str, Any]]:
    return [one for file in sorted(FOLDER.glob(pattern)) for one in tomli.loads(file.read_text("utf-8")).get(form, [])]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_files_are_tidy(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# ")
    assert [line for line in lines if len(line) > 120 or line != line.rstrip()] == []


# The names are real

OTHER_VERSIONS = {
    "concurrent.futures.InterpreterPoolExecutor",
    "nntplib.NNTP",
    "nntplib.NNTP_SSL",
    "os.path.isdevdrive",
    "os.path.isjunction",
    "os.process_cpu_count",
    "random.binomialvariate",
    "telnetlib.Telnet",
    "urllib.request.FancyURLopener",
    "urllib.request.URLopener",
    "uuid.uuid6",
    "uuid.uuid7",
    "uuid.uuid8",
}
"""Names of the standard library that not every Python from 3.11 on has."""

OTHER_PLATFORMS = {
    "dbm.gnu.open",
    "dbm.ndbm.open",
    "os.getrandom",
    "os.lchmod",
    "os.startfile",
    "select.epoll",
    "select.kqueue",
    "selectors.EpollSelector",
    "selectors.KqueueSelector",
}
"""Names of the standard library that not every platform or build has."""

OPTIONAL_MEMBERS = {
    "copy",
    "copy_into",
    "from_uri",
    "is_junction",
    "link_to",
    "move",
    "move_into",
    "walk",
    "with_segments",
}
"""Methods of paths that not every Python from 3.11 on has."""


def names_of(pattern: str) -> Iterator[str]:
    for form in ("call", "read", "object", "pure"):
        for one in entries(form, pattern):
            names = one.get("names", []) + one.get("types", []) + one.get("instances", [])
            yield from (name.removesuffix(".*") for name in names if "*" not in name.removesuffix(".*"))


def resolve(dotted: str) -> Any:
    """The object that is called ``dotted``; raises AttributeError or ImportError when there is none."""
    segments = dotted.split(".")
    found = importlib.import_module(segments[0])
    for number, segment in enumerate(segments[1:], start=2):
        if not hasattr(found, segment) and inspect.ismodule(found):
            importlib.import_module(".".join(segments[:number]))
        found = getattr(found, segment)
    return found


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", sorted(set(names_of("stdlib*.toml")) - OTHER_VERSIONS - OTHER_PLATFORMS))
def test_names_of_the_standard_library_exist(name: str) -> None:
    resolve(name)


def test_the_exceptions_are_used() -> None:
    assert set(names_of("stdlib*.toml")) >= OTHER_VERSIONS | OTHER_PLATFORMS


INSTALLED = ("boto3", "botocore", "requests", "urllib3", "s3transfer", "dateutil", "click")
LIBRARY_NAMES = sorted({name for name in names_of("*.toml") if name.partition(".")[0] in INSTALLED})


@pytest.mark.parametrize("name", LIBRARY_NAMES)
def test_names_of_installed_libraries_exist(name: str) -> None:
    if importlib.util.find_spec(name.partition(".")[0]) is None:
        pytest.skip("not installed")
    resolve(name)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "one", entries("object", "stdlib*.toml") + entries("object", "http.toml"), ids=lambda one: one["names"][0]
)
def test_members_of_known_classes_exist(one: dict[str, Any]) -> None:
    classes = []
    for name in one["names"] + one.get("types", []):
        try:
            found = resolve(name)
        except (ImportError, AttributeError):
            continue
        classes.extend([found] if inspect.isclass(found) else [])
    if not classes or one["names"][0].startswith("requests.Session"):
        pytest.skip("no class to look at, or several libraries in one entry")
    known = {member for found in classes for member in (*dir(found), *getattr(found, "__annotations__", {}))}
    listed = {*one.get("methods", []), *one.get("gives", []), *one.get("free", {})}
    assert {name.partition(".")[0] for name in listed} - known - OPTIONAL_MEMBERS - {"logger", "parent"} == set()


def test_the_resources_of_boto3_are_complete(catalogue: Catalogue) -> None:
    import boto3
    import botocore.loaders

    loader = botocore.loaders.Loader(extra_search_paths=[str(Path(boto3.__file__).parent / "data")])
    wanted: set[str] = set()
    for service in loader.list_available_services("resources-1"):
        model = loader.load_service_model(service, "resources-1")
        parts = [model["service"], *model.get("resources", {}).values()]
        wanted |= {name for part in parts for name in part.get("has", {})}
    rule = catalogue.object("boto3.resource")
    assert rule is not None
    assert wanted
    assert wanted - rule.gives == set()
