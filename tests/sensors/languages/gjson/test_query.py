"""Array queries: comparison by kind, and questions of kind."""

from __future__ import annotations

import pytest

from sensors.languages.gjson import get as gjson
from sensors.languages.gjson.query import Query, parse_query

VALUES = '["a","b","true","1",1,2,true,false,null,{"a":1}]'


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", '["a","b","true","1",1,2,true,false,null]'),
        ('=="a"', '["a"]'),
        ("=a", '["a"]'),
        ('!="a"', '["b","true","1",1,2,true,false]'),
        (">a", '["b","true",1,2]'),
        ("<=1", '["1",1,false]'),
        ("==1", '["1",1]'),
        ("==true", '["true",true]'),
        (">false", '["true",1,2,true]'),
        ("<true", '["a","b","1",false]'),
        ("==null", "[]"),
        ('%"?"', '["a","b","1"]'),
        ('!%"?"', '["true"]'),
        ("==~true", '["true","1",1,2,true]'),
        ("==~false", '[false,null,{"a":1}]'),
        ("==~null", '[null,{"a":1}]'),
        ("!=~null", '["a","b","true","1",1,2,true,false]'),
        ("==~*", '["a","b","true","1",1,2,true,false,null]'),
        ("==~x", "[]"),
        ("!", "[]"),
    ],
)
def test_comparisons_go_by_the_kind_of_the_element(query: str, found: str) -> None:
    result = gjson.compile_path(f"#({query})#").get(VALUES)
    assert result is not None
    assert result.raw == found


@pytest.mark.parametrize(
    ("path", "text", "raw"),
    [
        ("#(a==~null)#.b", '[{"b":1},{"a":null,"b":2},{"a":0,"b":3}]', "[1,2]"),
        ('#(a=="x\\"y").b', '[{"a":"x\\"y","b":1}]', "1"),
        ('#(a%"*\\\\*").b', '[{"a":"xy","b":1},{"a":"x*","b":2}]', "2"),
        ('#(a.#(b=="]")#.c=="(")', '[{"a":[]}]', None),
        ('#(a=="(").a', '[{"a":"("}]', '"("'),
        ("#(a)#.b|0", '[{"a":1,"b":2}]', "2"),
        ("#(a)#.b.c|#", '[{"a":1,"b":{"c":1}},{"a":1}]', "1"),
        ("#(a.#)#.a.#|0", '[{"a":[]},{"a":[7]}]', "[]"),
        ("#(*=1)#", '[{"x":1},{"x":2}]', '[{"x":1}]'),
        ("#( a = 1 ).a", '[{"a":1}]', "1"),
        ("#(a=1", "[5]", "5"),
        ("#(a=1)", '{"#(a=1)":2}', "2"),
    ],
)
def test_queries(path: str, text: str, raw: str | None) -> None:
    found = gjson.compile_path(path).get(text)
    assert (None if found is None else found.raw) == raw


def test_a_query_is_read_up_to_its_bracket() -> None:
    assert parse_query('#(a.#(b==1)=="x)")#.c') == (Query("a.#(b==1)", "=", "x)", every=True), 18)
    assert parse_query("#[a<=1].b") == (Query("a", "<=", "1"), 7)
    assert parse_query("#(a") == (Query(), 0)
