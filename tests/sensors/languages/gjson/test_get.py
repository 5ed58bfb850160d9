"""Paths: what each notation finds, and that the parse and the text of a document have the same answers."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.languages.gjson import get as gjson
from sensors.languages.gjson.get import Document, PathError, Result, Type

PEOPLE = """{
  "name": {"first": "Ann", "last": "Lee"}, "age": 37, "kids": ["Sue","Al","Jo"],
  "fav.movie": "Heat", "a*b": 1, "list": [1, 2.50, -3, "x", true, null, {"k": "v"}, [5, [6]]],
  "friends": [
    {"first": "Dai", "last": "Ma", "age": 44, "nets": ["ig", "fb"]},
    {"first": "Rog", "last": "Cr", "age": 68, "nets": ["fb"]},
    {"first": "Jan", "last": "Ma", "age": 47, "nets": []}
  ]
}"""

FOUND = [
    ("name", "JSON", '{"first": "Ann", "last": "Lee"}'),
    ("name.first", "String", "Ann"),
    ("age", "Number", "37"),
    ("kids.#", "Number", "3"),
    ("kids.1", "String", "Al"),
    ("kids.01", "String", "Al"),
    ("kids.18446744073709551616", "String", "Sue"),
    ("fav\\.movie", "String", "Heat"),
    ("a\\*b", "Number", "1"),
    ("n*.l*", "String", "Lee"),
    ("na?e.first", "String", "Ann"),
    ("k*.2", "String", "Jo"),
    ("list.1", "Number", "2.5"),
    ("list.4", "True", "true"),
    ("list.5", "Null", ""),
    ("list.7.1.0", "Number", "6"),
    ("friends.1.last", "String", "Cr"),
    ("friends.#.first", "JSON", '["Dai","Rog","Jan"]'),
    ("friends.#.nets.0", "JSON", '["ig","fb"]'),
    ("friends.#.nope", "JSON", "[]"),
    ('friends.#(last=="Ma").first', "String", "Dai"),
    ('friends.#(last=="Ma")#.first', "JSON", '["Dai","Jan"]'),
    ("friends.#(last==Ma)#.first", "JSON", '["Dai","Jan"]'),
    ('friends.#[last=="Ma"]#.first', "JSON", '["Dai","Jan"]'),
    ("friends.#(age>45)#.last", "JSON", '["Cr","Ma"]'),
    ("friends.#(age<=47)#|#", "Number", "2"),
    ('friends.#(first%"D*").last', "String", "Ma"),
    ('friends.#(first!%"D*")#.first', "JSON", '["Rog","Jan"]'),
    ('friends.#(nets.#(=="fb"))#.first', "JSON", '["Dai","Rog"]'),
    ("friends.#(nope)#", "JSON", "[]"),
    ('list.#(=="x")', "String", "x"),
    ("list.#(<2)#", "JSON", "[1,-3]"),
    ("friends.#.first|@reverse|0", "String", "Jan"),
    ("friends.@reverse.0.first", "String", "Jan"),
    ("name|first", "String", "Ann"),
    ("{name.first,age}", "JSON", '{"first":"Ann","age":37}'),
    ('friends.0.{first,"x":age}', "JSON", '{"first":"Dai","x":44}'),
    ("[name.first,nope,kids.0]", "JSON", '["Ann","Sue"]'),
    ('{"a":!5,age}', "JSON", '{"a":5,"age":37}'),
    ('!{"a":[1]}', "JSON", '{"a":[1]}'),
    ("!true", "True", "true"),
    ("..#", "Number", "1"),
    ("..0.age", "Number", "37"),
]

NOTHING = [
    "nope",
    "",
    ".",
    "name.",
    "name..first",
    "fav.movie",
    "kids.-1",
    "kids.3",
    "kids.1.x",
    "kids.x",
    "age.0",
    "list.+1",
    "friends.#(nope==1)",
    'friends.#(last=="Ma"',
    "name|@nosuch",
    "@nosuch",
    "!x",
    "{name.first",
]


def find(path: str, text: str) -> tuple[str, str] | None:
    found = gjson.compile_path(path).get(text)
    return None if found is None else (found.type, found.string())


@pytest.mark.parametrize(("path", "kind", "string"), FOUND)
def test_a_path_finds(path: str, kind: str, string: str) -> None:
    assert find(path, PEOPLE) == (kind, string)


@pytest.mark.parametrize("path", NOTHING)
def test_a_path_leads_nowhere(path: str) -> None:
    assert find(path, PEOPLE) is None


@pytest.mark.parametrize(
    ("text", "path", "string"),
    [
        ('{"a":{"x":1},"a":{"b":2},"a":{"b":3}}', "a.b", "2"),
        ('{"a":1,"a":2}', "a", "1"),
        ('{"ab":1,"ac":{"x":2}}', "a*.x", "2"),
        ('{"\\u0061\\"":"\\ud83c\\udf89\\n"}', 'a"', "🎉\n"),
        ('{"a":"\\ud800!"}', "a", "\ufffd!"),
        ('{"1":{"0":"key"}}', "1.0", "key"),
        ('{"#":1}', "#", "1"),
        ('"see [1,[2,3]]"', "1.0", "2"),
        ("5", "a", None),
        ("[1,2", "1", "2"),
        ('{"a":[1,2', "a.#", "2"),
        ('{"a":"never ends', "a", None),
        ('{"a" 1 "b" 2}', "b", "2"),
        (' \n{"a":1}\n{"a":2}', "..#.a", "[1,2]"),
        ("", "a", None),
    ],
)
def test_the_text_is_what_counts(text: str, path: str, string: str | None) -> None:
    found = gjson.compile_path(path).get(text)
    assert (None if found is None else found.string()) == string


def test_raw_is_the_source_text_and_its_place() -> None:
    text = '{"a" : [ 1.50 ,{"b":1e3} ]}'
    whole = gjson.compile_path("a").get(text)
    assert whole is not None
    assert whole.raw == '[ 1.50 ,{"b":1e3} ]'
    assert text[whole.start :].startswith(whole.raw)
    assert gjson.compile_path("a.1.b").find(text) == Result(Type.NUMBER, "1e3", start=text.index("1e3"))
    assert gjson.compile_path("a.#").find(text).start == 0
    assert gjson.compile_path("a.#.b").find(text).starts == (text.index("1e3"),)


def test_bytes_are_utf8_and_broken_ones_are_replaced() -> None:
    path = gjson.compile_path("a")
    assert path.get('{"a":"é"}'.encode()) == path.get('{"a":"é"}')
    broken = path.get(b'{"a":"\xff"}')
    assert broken is not None
    assert broken.string() == "\ufffd"


def test_parse_takes_the_whole_text() -> None:
    assert gjson.parse(b' {"a":1} ') == Result(Type.JSON, '{"a":1} ', start=1)
    assert gjson.parse("12") == Result(Type.NUMBER, "12")
    assert gjson.parse("x") is None
    assert gjson.parse(" ") is None


@pytest.mark.parametrize("text", ["{}", ' [1,"a\\u00e9",null] ', '"\\ud800"', "1e400", "9" * 5000])
def test_valid_json(text: str) -> None:
    assert gjson.valid(text)
    assert gjson.valid(text.encode())


@pytest.mark.parametrize("text", ["", "{", "[1,]", "01", "NaN", "-Infinity", '"\n"', "{'a':1}", "1 2", "\ufeff1"])
def test_invalid_json(text: str) -> None:
    assert not gjson.valid(text)


@pytest.mark.parametrize("path", [".".join("a" * 130), "a" * 5000, "#(" * 130 + ")" * 130, "@dig:@dig:@dig:a"])
def test_a_path_beyond_measure_is_refused(path: str) -> None:
    with pytest.raises(PathError):
        gjson.compile_path(path)


@pytest.mark.parametrize(
    "path",
    [
        *("a", "0", "a.a.a", "0.0.0", "#", "#.#", "*.*", "..#", "#(#(a))"),
        *("@pretty", "@ugly", "@reverse", "@values", '@flatten:{"deep":true}', "@dig:a", "@valid", "@tostr|@fromstr"),
        *("#(" * 128 + ")" * 128, "[" * 127 + "a" + "]" * 127, "|".join(["@tostr"] * 60), ".".join("a" * 128)),
        *("|".join(["[@this,@this]"] * 60), "*a" * 60 + "*b*"),
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        "[" * 10_000 + "]" * 10_000,
        '{"a":' * 10_000 + "1" + "}" * 10_000,
        '{"a":' * 10_000,
        '{"a":"' + "\\" * 10_001,
        '{"%s":1}' % ("a" * 10_000),
        "[" * 150 + '["x",{"a":[]}],' * 10_000 + "1" + "]" * 150,
    ],
)
@pytest.mark.timeout(60)
def test_hostile_text_costs_bounded_time_and_stack(path: str, text: str) -> None:
    compiled = gjson.compile_path(path)
    compiled.get(text)
    gjson.valid(text)
    value = gjson.parse(text)
    assert value is not None
    value.value()


@pytest.mark.parametrize(
    ("text", "path", "kind", "string"),
    [
        ('{"a":{"b":["x"]}}', "a.b.0", Type.STRING, "x"),
        ('{"a":true}', "a", Type.TRUE, "true"),
        ('{"a":false}', "a", Type.FALSE, "false"),
        ('{"a":null}', "a", Type.NULL, ""),
        ('{"a":12}', "a", Type.NUMBER, "12"),
        ('{"a":0}', "a", Type.NUMBER, "0"),
        ('{"a":-0}', "a", Type.NUMBER, "-0"),
        ('{"a":0,"b":-0}', "a", Type.NUMBER, "0"),
        ('{"a":1.50}', "a", Type.NUMBER, "1.5"),
        ('{"a":12345678901234567890123}', "a", Type.NUMBER, "12345678901234567890123"),
        ('{"a": [1, 2]}', "a", Type.JSON, "[1, 2]"),
        ('{"a":1,"a":2}', "a", Type.NUMBER, "1"),
        ('{"a":1,"a":":","b":"\\u003a"}', "a", Type.NUMBER, "1"),
        ('{"a.b":{"#":3}}', "a\\.b.#", Type.NUMBER, "3"),
        ('[{"#":3}]', "0.#", Type.NUMBER, "3"),
        ("[[3,4]]", "0.#", Type.NUMBER, "2"),
        ('"[7]"', "0", Type.NUMBER, "7"),
    ],
)
def test_a_document_answers_as_its_text(text: str, path: str, kind: Type, string: str) -> None:
    for source in (text, text.encode()):
        for document in (Document(source, orjson.loads(source)), Document(source)):
            found = gjson.compile_path(path).read(document)
            assert found is not None
            assert (found.type, found.string()) == (kind, string)


def test_a_parse_with_dropped_keys_is_not_trusted() -> None:
    def trusted(text: str) -> bool:
        return Document(text, json.loads(text)).trusted

    assert trusted('{"a":{"b":":"}}')
    assert trusted('{ "a" : {"b": "x:y", "c": [{"a": 1.0}]}}')
    assert not trusted('{"a":{"b":1,"b":1}}')
    assert not trusted('{"a":1,"a":1,"b":"\\u003a"}')
    assert not trusted('{"a":"\\u003A"}')
    assert not trusted('{"a":123456789012345678901234567890}')
    assert not Document('{"a":1}').trusted


KEYS = st.sampled_from(["a", "b", "0", "1", "a.b", "é", "", "#", "*", "x y", "@this", 'q"', "\\", ":", "{"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
DOCUMENTS = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))
SPELLINGS = st.sampled_from([(None, None), (1, (" , ", " : ")), (None, (",", ":"))])


def spell(document: Any, spelling: tuple[int | None, tuple[str, str] | None], *, ascii_only: bool) -> str:
    return json.dumps(document, ensure_ascii=ascii_only, indent=spelling[0], separators=spelling[1])


def escape(key: str) -> str:
    return "".join(f"\\{character}" if character in '.*?|#@\\!{}[]():"' else character for character in key)


SEGMENTS = st.one_of(KEYS.map(escape), KEYS, st.integers(0, 4).map(str))
PATHS = st.lists(SEGMENTS, min_size=1, max_size=5).map(".".join)


@given(DOCUMENTS, PATHS, SPELLINGS, st.booleans())
def test_reading_the_parse_and_the_text_agree(
    document: Any, path: str, spelling: tuple[int | None, tuple[str, str] | None], ascii_only: bool
) -> None:
    text = spell(document, spelling, ascii_only=ascii_only)
    compiled = gjson.compile_path(path)
    from_text = compiled.get(text)
    from_parse = compiled.read(Document(text.encode(), orjson.loads(text)))
    if from_text is None or from_parse is None:
        assert from_text is from_parse is None
        return
    assert from_parse.type is from_text.type
    assert from_parse.string() == from_text.string()
    assert from_parse.boolean() is from_text.boolean()
    assert json.loads(from_parse.raw) == json.loads(from_text.raw)


@given(DOCUMENTS, st.lists(st.integers(0, 3), max_size=5), SPELLINGS)
def test_a_path_of_keys_and_indexes_finds_what_python_finds(
    document: Any, choices: list[int], spelling: tuple[int | None, tuple[str, str] | None]
) -> None:
    node, segments = document, []
    for choice in choices:
        if isinstance(node, dict) and node:
            key = list(node)[choice % len(node)]
            segments.append(escape(key))
            node = node[key]
        elif isinstance(node, list) and node:
            segments.append(str(choice % len(node)))
            node = node[choice % len(node)]
    if segments:
        found = gjson.compile_path(".".join(segments)).get(spell(document, spelling, ascii_only=False))
        assert found is not None
        assert json.loads(found.raw) == node


@given(
    st.text(alphabet='ab01.*?|#@\\!{}[]():"=<>%~, ', max_size=40), st.text(alphabet='ab01{}[]",:\\ntf-', max_size=60)
)
def test_no_path_and_no_text_fails(path: str, text: str) -> None:
    found = gjson.compile_path(path).get(text)
    if found is not None:
        found.string()
        found.number()
        found.boolean()
        found.value()
