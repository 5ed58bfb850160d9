"""Field selectors as Kubernetes writes them (`phase=Failed,name!=x`), and the fields of a Workflow's node that they see."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from config.decode import shorten
from config.errors import Permanent

# A backslash makes the next character mean itself.
_TERM: Final = re.compile(r"(?P<name>(?:\\.|[^\\=!,])+)(?P<operator>!=|==|=)(?P<value>(?:\\.|[^\\,=])*)", re.DOTALL)
_BETWEEN: Final = re.compile(r"(?:\\.|[^\\,])*", re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_FIX: Final = "write it like displayName=approve,inputs.parameters.env.value=prod"


@dataclass(frozen=True, slots=True)
class Term:
    """A field has that value, or has it not."""

    name: str
    value: str
    equal: bool = True


def parse_selector(text: str) -> tuple[Term, ...]:
    """The terms, all of which must hold. Raises Permanent."""
    terms = []
    position = 0
    while position < len(text):
        found = _BETWEEN.match(text, position)
        assert found is not None
        position = found.end() + 1
        if not found[0] and text[found.end() : position] in ("", ","):
            continue
        term = _TERM.fullmatch(found[0])
        if term is None or text[found.end() : position] not in ("", ","):
            raise Permanent(f"'{shorten(found[0])}' selects no field", fix=_FIX)
        name, value = (_ESCAPE.sub(r"\1", term[part]) for part in ("name", "value"))
        terms.append(Term(name, value, term["operator"] != "!="))
    return tuple(terms)


def selects(terms: Sequence[Term], node: Mapping[str, Any]) -> bool:
    """Whether all terms hold for a node; a field that it has not is empty."""
    fields = _fields(node)
    return all((fields.get(term.name, "") == term.value) is term.equal for term in terms)


def template_of(node: Mapping[str, Any]) -> str:
    """The name of the template that the node runs."""
    reference = node.get("templateRef")
    return str((reference.get("template") if isinstance(reference, Mapping) else node.get("templateName")) or "")


def _fields(node: Mapping[str, Any]) -> dict[str, str]:
    fields = {name: str(node.get(name) or "") for name in ("displayName", "phase", "name", "id")}
    fields["templateName"] = template_of(node)
    if isinstance(reference := node.get("templateRef"), Mapping):
        fields["templateRef.name"] = str(reference.get("name") or "")
        fields["templateRef.template"] = str(reference.get("template") or "")
    for parameter in (node.get("inputs") or {}).get("parameters") or ():
        value = parameter.get("value")
        fields[f"inputs.parameters.{parameter.get('name')}.value"] = "" if value is None else str(value)
    return fields
