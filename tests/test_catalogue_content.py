"""The catalogue that comes with durable-lint: what it says of well-known APIs, and that its names exist."""

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
from durable_lint.knowledge.catalogue import UNKNOWN, ApiRule, Arguments, Catalogue, Literal, Named, Result, kinds, load

FOLDER = rules_dir() / "catalogue"
FILES = sorted(FOLDER.glob("*.toml"))


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load()


def literals(*values: object, **keywords: object) -> Arguments:
    return Arguments(tuple(map(Literal, values)), {name: Literal(value) for name, value in keywords.items()})


def kind(rule: ApiRule | None) -> str | None:
    return rule.kind if rule is not None else None


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
    "control",
    "copy",
    "copy_into",
    "from_uri",
    "is_junction",
    "logger",
    "parent",
    "move",
    "move_into",
    "walk",
    "with_segments",
}
"""Members that not every Python from 3.11 on has on every platform, or that are set on instances."""


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
@pytest.mark.parametrize("one", entries("object", "stdlib*.toml"), ids=lambda one: one["names"][0])
def test_members_of_known_classes_exist(one: dict[str, Any]) -> None:
    classes = []
    for name in one["names"] + one.get("types", []):
        try:
            found = resolve(name)
        except (ImportError, AttributeError):
            continue
        classes.extend([found] if inspect.isclass(found) else [])
    if not classes:
        pytest.skip("factories only: no class to look at")
    known = {member for found in classes for member in (*dir(found), *getattr(found, "__annotations__", {}))}
    listed = {*one.get("methods", []), *one.get("gives", []), *one.get("free", {})}
    assert {name.partition(".")[0] for name in listed} - known - OPTIONAL_MEMBERS == set()


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
