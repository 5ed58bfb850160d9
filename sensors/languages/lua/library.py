"""What a script finds when it begins: its global variables, made anew for each evaluation."""

from __future__ import annotations

from typing import Any, Final

from sensors.languages.lua import base as lua_base
from sensors.languages.lua import coroutine as lua_coroutine
from sensors.languages.lua import math as lua_math
from sensors.languages.lua import os as lua_os
from sensors.languages.lua import string as lua_string
from sensors.languages.lua import table as lua_table
from sensors.languages.lua.json import from_object
from sensors.languages.lua.run import Run
from sensors.languages.lua.values import Table

_VERSION: Final = "Lua 5.1"

ABSENT: Final = frozenset(
    [
        "channel",
        "debug",
        "dofile",
        "getfenv",
        "io",
        "load",
        "loadfile",
        "loadstring",
        "module",
        "newproxy",
        "package",
        "require",
        "setfenv",
        "os.execute",
        "os.exit",
        "os.remove",
        "os.rename",
        "os.setenv",
        "os.setlocale",
        "os.tmpname",
    ]
)
"""What scripts have in Argo Events, and not here: it loads code, or reaches out of the script."""


def new_run(data: dict[str, Any], has_coroutines: bool) -> Run:
    """An evaluation for a JSON object, which is its `event`."""
    # As in gopher-lua, the library of texts is the metatable of texts as well.
    strings = Table(dict(lua_string.FUNCTIONS), [])
    strings.hash["__index"] = strings
    functions = lua_base.FUNCTIONS_WITH_COROUTINES if has_coroutines else lua_base.FUNCTIONS
    globals = Table(dict(functions), [])
    globals.hash |= {
        "_G": globals,
        "_VERSION": _VERSION,
        "event": from_object(data),
        "math": Table({**lua_math.FUNCTIONS, **lua_math.CONSTANTS}, []),
        "os": Table(dict(lua_os.FUNCTIONS), []),
        "string": strings,
        "table": Table(dict(lua_table.FUNCTIONS), []),
    }
    if has_coroutines:
        globals.hash["coroutine"] = Table(dict(lua_coroutine.FUNCTIONS), [])
    return Run(globals, strings)
