"""Recorded cases of templates: the text of one value, or an error, which nothing and `<no value>` are as well."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Final

from sensors.languages.gjson import get as gjson
from sensors.languages.gotemplate.template import TemplateError, TemplateRuntimeError, compile_template

if TYPE_CHECKING:
    from collections.abc import Callable


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """`out`, with bytes that are not UTF-8 as lone surrogates, or `error`."""
    try:
        text = compile_template(case["template"]).render(_read(case["data"] or ""))
    except (TemplateError, TemplateRuntimeError) as error:
        return {"error": str(error)}
    return {"error": "no value"} if text in ("", "<no value>") else {"out": text}


def _read(text: str) -> Any:
    """The value as gjson has it, which of what is no JSON reads the beginning."""
    found = gjson.parse(text)
    if found is not None and found.is_object:
        return json.JSONDecoder(parse_int=float).raw_decode(found.raw)[0]
    return None if found is None else found.value()


def agrees(want: dict[str, Any], got: dict[str, Any]) -> bool:
    """Whether both failed, or the texts are equal byte by byte."""
    if "error" in want or "error" in got:
        return "error" in want and "error" in got
    data = base64.b64decode(want["out_b64"]) if "out_b64" in want else want["out"].encode()
    return bool(got["out"].encode(errors="surrogateescape") == data)


ANSWERS: Final[
    dict[
        str,
        tuple[Callable[[dict[str, Any]], dict[str, Any]], Callable[[dict[str, Any], dict[str, Any]], bool]],
    ]
] = {"templates": (answer, agrees)}
