"""Templates in fields of manifests: what they are given of an event, and what becomes of what they give."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sensors.errors import CompileError
from sensors.event_json import context_of, payload_of
from sensors.languages.gjson import get as gjson
from sensors.languages.go.json import repaired
from sensors.languages.go.text import valid

if TYPE_CHECKING:
    from bus.event import Event
    from config.block import FieldPath
    from sensors.languages.gotemplate.template import Template

_NOTHING: Final = frozenset(("", "<no value>"))
"""Texts that say that a template found nothing."""

_NEGATIVE_ZERO: Final = re.compile(rb"-0(?=[\s,\]}]|\Z)")


def compile_field(text: str, path: FieldPath) -> Template:
    """The template of the field at `path`. Raises CompileError."""
    # The language is large, and most manifests have no template.
    from sensors.languages.gotemplate.template import TemplateError, compile_template

    try:
        return compile_template(text)
    except TemplateError as error:
        raise CompileError(path, str(error)) from None


def render(template: Template, value: Any) -> str:
    """The text for a value. Raises ValueError if the template fails or finds nothing.

    Bytes that are not UTF-8 become U+FFFD, as they do where Argo Events writes JSON.
    """
    text = valid(template.render(value))
    if text in _NOTHING:
        raise ValueError(f"the template gives '{text}'" if text else "the template gives no text")
    return text


def payload_input(event: Event) -> Any:
    """The data of an event, to be shared by all templates. Raises ValueError if there is none to be read."""
    return _input_of(event.view(payload_of))


def context_input(event: Event) -> Any:
    """The context of an event, to be shared by all templates."""
    return _input_of(event.view(context_of))


def _input_of(document: gjson.Document) -> Any:
    """The value of a document: what the parser made of it, where that is what Go would have made of it as well."""
    if document.trusted:
        text = document.text if isinstance(document.text, bytes) else document.text.encode(errors="replace")
        if not _NEGATIVE_ZERO.search(text):
            return document.parsed
    found = gjson.parse(document.text)
    return None if found is None else repaired(found.value())
