"""Lua scripts as manifests have them: what they compute, what they may not, and where they are stopped."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.languages.lua.script import ExpressionError, ScriptError, compile_script

EVENT = {
    "ref": "refs/heads/main",
    "count": 3,
    "ratio": 0.5,
    "ok": True,
    "none": None,
    "list": ["a", "b", {"c": 1}],
    "object": {"x": {"y": "z"}},
}


def run(text: str, data: dict[str, Any] | None = None) -> Any:
    return compile_script(text).run(EVENT if data is None else data)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("return event.ref", "refs/heads/main"),
        ("return event.count + 1", 4),
        ("return event.ok", True),
        ("return event.none == nil", True),
        ("return event.missing", None),
        ("return #event.list", 3),
        ("return event.list[1]", "a"),
        ("return event.list[3].c", 1),
        ("return event.object.x.y", "z"),
        ("return event.ref == 'refs/heads/main' and event.count > 2", True),
        ("return not event.ok", False),
        ("local n = 0 for _, v in ipairs(event.list) do n = n + 1 end return n", 3),
        ("local n = 0 for k in pairs(event.object) do n = n + 1 end return n", 1),
        ("for i = 1, 10 do if i * i > 50 then return i end end", 8),
        ("local i = 0 while i < 5 do i = i + 1 end return i", 5),
        ("local i = 0 repeat i = i + 1 until i == 4 return i", 4),
        ("local function f(n) if n < 2 then return 1 end return n * f(n - 1) end return f(6)", 720),
        ("return (function(...) return select('#', ...) end)(1, nil, 3)", 3),
        ("return string.match(event.ref, 'heads/(.*)')", "main"),
        ("return event.ref:sub(1, 4):upper()", "REFS"),
        ("return string.format('%s-%d-%.1f', 'a', 2, 0.25)", "a-2-0.2"),
        ("return string.rep('ab', 3)", "ababab"),
        ("return ('a,b,c'):find(',', 1, true)", 2),
        ("local t = {3, 1, 2} table.sort(t) return table.concat(t, ' ')", "1 2 3"),
        ("local t = {} table.insert(t, 'x') table.insert(t, 1, 'y') return t", ["y", "x"]),
        ("return {a = 1, b = {true}}", {"a": 1, "b": [True]}),
        ("return tonumber('0x10') + tonumber('2.5')", 18.5),
        ("return tostring(0.5) .. tostring(nil) .. tostring(true)", "0.5niltrue"),
        ("return type(event) .. type('') .. type(1) .. type(nil)", "tablestringnumbernil"),
        ("local ok, e = pcall(function() error('no') end) return ok", False),
        ("return math.floor(2.7) + math.max(1, 5, 3)", 7),
        ("goto out do return 'skipped' end ::out:: return 'after'", "after"),
        ("local t = setmetatable({}, {__index = function(_, k) return k .. '!' end}) return t.hey", "hey!"),
        ("local c = coroutine.wrap(function() coroutine.yield(1) coroutine.yield(2) end) c() return c()", 2),
    ],
)
def test_what_scripts_give(text: str, expected: Any) -> None:
    assert run(text) == expected


@pytest.mark.parametrize(
    "text",
    ["return (", "x ==== 1", "for i in do end", "return 'a", "break", "goto nowhere", "local function end"],
)
def test_what_is_no_lua(text: str) -> None:
    with pytest.raises(ExpressionError):
        compile_script(text)


@pytest.mark.parametrize(
    "text",
    [
        "return io.open('/etc/passwd')",
        "return os.execute('id')",
        "return loadstring('return 1')()",
        "return require('os')",
        "return debug.getinfo(1)",
        "return dofile('/etc/passwd')",
        "return event.missing.field",
        "return 1 + {}",
        "return 'a' < 1",
        "error('refused')",
    ],
)
def test_what_scripts_may_not_do(text: str) -> None:
    with pytest.raises(ScriptError):
        run(text)


@pytest.mark.parametrize(
    "text",
    [
        "while true do end",
        "::again:: goto again",
        "local function f() return f() + 1 end return f()",
        "local function f() return f() end return f()",
        "return string.rep('a', 1e9)",
        "local s = 'a' while true do s = s .. s end",
        "local t, i = {}, 0 while true do i = i + 1 t[i] = i end",
        "while true do pcall(function() while true do end end) end",
        "coroutine.resume(coroutine.create(function() while true do end end)) return true",
        "return string.find(string.rep('a', 50000), string.rep('a*', 30) .. 'b')",
        "return string.gsub(string.rep('a', 100000), 'a', string.rep('b', 10000))",
        "return unpack({}, 1, 1e8)",
    ],
)
def test_what_is_stopped(text: str) -> None:
    begin = time.process_time()
    with pytest.raises(ScriptError, match="stopped"):
        run(text)
    # A generous bound for a busy machine: what is not stopped runs for ever.
    assert time.process_time() - begin < 5


def test_no_evaluation_knows_of_another() -> None:
    script = compile_script("seen = (seen or 0) + 1 string.extra = 1 return seen")
    assert script.run({}) == script.run({}) == 1
    assert run("return string.extra") is None


def test_what_is_absent_is_named_at_load() -> None:
    assert compile_script("return io.read()").warnings == ("'io' does not exist for scripts of eventyard",)


def test_the_event_is_not_changed() -> None:
    data = {"a": {"b": 1}}
    run("event.a.b = 2 event.c = 3", data)
    assert data == {"a": {"b": 1}}


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), st.text(max_size=10) | st.booleans(), max_size=5))
def test_an_object_comes_back_as_it_was(data: dict[str, Any]) -> None:
    assert run("return event", data) == data
