"""Writes the parts of the docs that are made from the code: `python -m eventyard.docgen`, run from the project's root.

In a page they stand between the comments `begin: NAME` and `end: NAME`; the rest of the page is left as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sensors.jmes_expression import manifest_functions
from sensors.languages.jmes.functions import STANDARD
from sensors.languages.jmes.search import Function, Parameter, compile_expression

DOCS: Final = Path("docs")
_NOW: Final = 1_767_323_045_000_000_000
"""The present in examples, 2026-01-02T03:04:05Z."""

_PART: Final = "(<!-- begin: {name} [^\n]*-->\n).*?(<!-- end: {name} -->)"


def write(docs: Path = DOCS) -> list[Path]:
    """Brings all pages up to date; the pages that were not."""
    changed = []
    for name, parts in PAGES.items():
        page = docs / name
        before = page.read_text(encoding="utf-8")
        after = generate(before, parts)
        if after != before:
            page.write_text(after, encoding="utf-8")
            changed.append(page)
    return changed


def generate(text: str, parts: Mapping[str, Callable[[], str]]) -> str:
    """A page with its generated parts made anew. Raises ValueError if it has no place for one of them."""
    for name, make in parts.items():
        made = make()
        text, count = re.subn(
            _PART.format(name=re.escape(name)),
            lambda found, made=made: f"{found[1]}{made}{found[2]}",  # type: ignore[misc]
            text,
            flags=re.DOTALL,
        )
        if count != 1:
            raise ValueError(f"there must be one part '{name}', found {count}")
    return text


def jmespath_functions() -> str:
    """The table of all functions of JMESPath in manifests."""
    return "\n".join(_rows()) + "\n"


def _rows() -> Iterator[str]:
    extra = manifest_functions(now=lambda: _NOW)
    yield "| function | gives | what | example | result |"
    yield "|---|---|---|---|---|"
    for name in sorted({*STANDARD, *extra}):
        function = extra.get(name) or STANDARD[name]
        result = compile_expression(function.example, extra)({})
        cells = (
            f"`{_signature(function)}`" + ("" if name in STANDARD else " \\*"),
            function.returns,
            function.about,
            f"``{function.example}``" if "`" in function.example else f"`{function.example}`",
            f"`{json.dumps(result, ensure_ascii=False)}`",
        )
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _signature(function: Function) -> str:
    arguments = ", ".join(map(_argument, function.parameters))
    return f"{function.name}({arguments}{', …' if function.variadic else ''})"


def _argument(parameter: Parameter) -> str:
    if parameter.elements:
        return f"array of {' or '.join(f'{kind}s' for kind in parameter.elements)}"
    if parameter.takes_expression:
        return "&expression"
    return " or ".join(parameter.kinds) or "any"


PAGES: Final[Mapping[str, Mapping[str, Callable[[], str]]]] = MappingProxyType(
    {"jmespath.md": {"functions": jmespath_functions}}
)


if __name__ == "__main__":
    for page in write():
        print(f"{page} is written anew")  # noqa: T201
