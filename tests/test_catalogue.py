"""The catalogue: its format is strict, its conditions and look-ups do what they say, its names exist."""

from __future__ import annotations

from pathlib import Path

import pytest

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
    load,
)


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
    found = load_text(
        tmp_path,
        entry("object", types='["stubs_*.client.*", "stubs_*.*Client"]'),
        entry("pure", names='["stubs_s3.client.Config"]', kind=""),
    )
    assert found.type("stubs_s3.client.S3Client") is not None
    assert found.type("stubs_s3.S3Client") is not None
    assert found.type("pkg.fn") is not None
    assert found.type("stubs_s3.type_defs.PutOutput") is None
    assert found.type("stubs_s3.Literals") is None
    assert found.type("stubs_s3.client.Config") is None
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
