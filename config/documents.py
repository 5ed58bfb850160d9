"""Text -> documents: YAML or JSON as plain values, with the line and column of every field.

Values are what `kubectl` would send: read by the rules of Go's yaml.v2, keys made text. Nothing is raised for bad
text: it becomes faults, and a bad document does not hide those after its `---`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import yaml

from config.block import Marks
from config.composer import BadDocument, Composer
from config.errors import Fault, Place

# libyaml is some ten times faster than PyYAML's own parser; both give the same events.
_LOADER: Final[type[yaml.SafeLoader]] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SEPARATOR: Final = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_UNPRINTABLE: Final = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]",
)
_SURROGATES: Final = re.compile(r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)
_LINE_ENDS: Final = {0x85: "\\N", 0x2028: "\\L", 0x2029: "\\P"}
_HELM: Final = re.compile(r"\{\{-?\s*(?:[.$/\"]|(?:if|else|end|range|with|include|template|define|toYaml|printf)\b)")
_HELM_FIX: Final = "render it first (helm template CHART) and give the result"
_TAB_FIX: Final = "indent with spaces"


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file: a JSON-like value, and where its fields stand."""

    value: Any
    marks: Marks


def read_documents(data: bytes, file: str) -> tuple[list[Document], list[Fault]]:
    """All documents of a file in order, empty ones left out, and what is wrong with the others."""
    faults: list[Fault] = []
    try:
        text = _decoded(data)
    except UnicodeDecodeError as error:
        before = data[: error.start]
        place = Place(file, before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        return [], [Fault("the file is not UTF-8 text", place, fix="save it as UTF-8", code="not-text")]
    documents: list[Document] = []
    line = 0
    while text:
        try:
            _read_stream(text, file, line, documents, faults)
            break
        except BadDocument as bad:
            faults.append(_fault(bad, text, file, line))
            rest = _next_document(text, bad.line)
            line += text.count("\n", 0, rest)
            text = text[rest:]
    return documents, faults


def _decoded(data: bytes) -> str:
    text = data.decode("utf-16") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else data.decode("utf-8-sig")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.lstrip()[:1] not in ("{", "["):
        return text
    # What JSON and YAML read differently: line ends beyond ASCII, and characters beyond 16 bits as two escapes.
    return _SURROGATES.sub(_joined, text.translate(_LINE_ENDS))


def _joined(pair: re.Match[str]) -> str:
    code = 0x10000 + ((int(pair[1], 16) - 0xD800) << 10) + int(pair[2], 16) - 0xDC00
    return f"\\U{code:08x}"


def _read_stream(text: str, file: str, line: int, documents: list[Document], faults: list[Fault]) -> None:
    if found := _UNPRINTABLE.search(text):
        at = found.start()
        raise BadDocument(
            f"the character U+{ord(found[0]):04X} is not allowed in YAML",
            text.count("\n", 0, at),
            at - text.rfind("\n", 0, at) - 1,
            "remove it, or write it as an escape in double quotes",
        )
    loader = _LOADER(text)
    try:
        composer = Composer(loader, file, line, faults)
        while composer.next_document():
            if composer.value is not None:
                documents.append(Document(composer.value, Marks(file, composer.places)))
    except yaml.MarkedYAMLError as error:
        raise _bad_syntax(error, text, line) from None
    finally:
        loader.dispose()


def _bad_syntax(error: yaml.MarkedYAMLError, text: str, first: int) -> BadDocument:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    lines = text.split("\n")
    written = lines[line] if line < len(lines) else ""
    what = f"not YAML: {error.problem or error.context}"
    fix = ""
    indent = written[: len(written) - len(written.lstrip())]
    if "\t" in indent:
        what, fix = "not YAML: a tab indents this line", _TAB_FIX
        column = indent.index("\t")
    elif error.context and error.context_mark and error.context_mark.line != line:
        what += f" ({error.context}, which begins at line {first + error.context_mark.line + 1})"
    elif "mapping values are not allowed" in what:
        fix = "put quotes around a value that contains ': ', or correct the indentation"
    return BadDocument(what, line, column, fix)


def _fault(bad: BadDocument, text: str, file: str, line: int) -> Fault:
    place = Place(file, line + bad.line + 1, bad.column + 1)
    end = _next_document(text, bad.line)
    if bad.code == "not-yaml" and _HELM.search(text, 0, end):
        return Fault("this is a Helm template, not yet a manifest", place, fix=_HELM_FIX, code="helm-template")
    return Fault(bad.what, place, fix=bad.fix, code=bad.code)


def _next_document(text: str, line: int) -> int:
    """Where the first document after that line begins; the end of the text if there is none."""
    start = 0
    for _ in range(line):
        start = text.find("\n", start) + 1
    for found in _SEPARATOR.finditer(text, start):
        if found.start():
            return found.start()
    return len(text)
