"""Functions in Go templates that do not exist: Argo Events accepts them and fails when an event arrives.

A template is only scanned here, not parsed: every bare word in an action that is no keyword must be a function.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from config.decode import nearest

_SPRIG: Final = """
    abbrev abbrevboth add add1 add1f addf adler32sum ago all any append atoi b32dec b32enc b64dec b64enc base bcrypt
    biggest buildCustomCert camelcase cat ceil chunk clean coalesce compact concat contains date dateInZone
    dateModify date_in_zone date_modify decryptAES deepCopy deepEqual default derivePassword dict dig dir div divf
    duration durationRound empty encryptAES env expandenv ext fail first float64 floor fromJson genCA genCAWithKey
    genPrivateKey genSelfSignedCert genSelfSignedCertWithKey genSignedCert genSignedCertWithKey get getHostByName
    has hasKey hasPrefix hasSuffix hello htmlDate htmlDateInZone htpasswd indent initial initials int int64 isAbs
    join kebabcase keys kindIs kindOf last list lower max maxf merge mergeOverwrite min minf mod mul mulf mustAppend
    mustChunk mustCompact mustDateModify mustDeepCopy mustFirst mustFromJson mustHas mustInitial mustLast mustMerge
    mustMergeOverwrite mustPrepend mustPush mustRegexFind mustRegexFindAll mustRegexMatch mustRegexReplaceAll
    mustRegexReplaceAllLiteral mustRegexSplit mustRest mustReverse mustSlice mustToDate mustToJson mustToPrettyJson
    mustToRawJson mustUniq mustWithout must_date_modify nindent nospace now omit osBase osClean osDir osExt osIsAbs
    pick pluck plural prepend push quote randAlpha randAlphaNum randAscii randBytes randInt randNumeric regexFind
    regexFindAll regexMatch regexQuoteMeta regexReplaceAll regexReplaceAllLiteral regexSplit repeat replace rest
    reverse round semver semverCompare seq set sha1sum sha256sum sha512sum shuffle slice snakecase sortAlpha split
    splitList splitn squote sub subf substr swapcase ternary title toDate toDecimal toJson toPrettyJson toRawJson
    toString toStrings trim trimAll trimPrefix trimSuffix trimall trunc tuple typeIs typeIsLike typeOf uniq
    unixEpoch unset until untilStep untitle upper urlJoin urlParse uuidv4 values without wrap wrapWith
"""
_BUILT_IN: Final = "and or not len index slice print printf println html js urlquery call eq ne lt le gt ge"
FUNCTIONS: Final = frozenset({*_SPRIG.split(), *_BUILT_IN.split()})
"""The functions of Go's text/template, and those that sprig 3.3 adds to it."""

_KEYWORDS: Final = frozenset(
    {"if", "else", "end", "range", "with", "template", "define", "block", "break", "continue", "nil", "true", "false"}
)
_CONFUSED: Final = {
    "toLower": "lower",
    "toUpper": "upper",
    "substring": "substr",
    "replaceAll": "replace",
    "length": "len",
    "size": "len",
    "json": "toJson",
    "toJSON": "toJson",
    "fromJSON": "fromJson",
    "parseJson": "fromJson",
    "base64": "b64enc",
    "base64decode": "b64dec",
    "strip": "trim",
    "startsWith": "hasPrefix",
    "endsWith": "hasSuffix",
}
_DASHED: Final = re.compile(r"-\w[\w.-]*")
_ACTION: Final = re.compile(
    r"\{\{(?:-(?=\s))?(?P<comment>\s*/\*)?(?P<body>(?:\"(?:\\.|[^\"\\\n])*\"|`[^`]*`|'(?:\\.|[^'\\\n])*'|(?!\}\}).)*)",
    re.DOTALL,
)
_TOKEN: Final = re.compile(
    r"""\"(?:\\.|[^\"\\])*\"|`[^`]*`|'(?:\\.|[^'\\])*'|[.$]\w*(?:\.\w+)*|\d[\w.]*|(?P<word>[^\W\d]\w*)|.""",
    re.DOTALL,
)


def template_faults(template: str) -> Iterator[tuple[str, str]]:
    """What is wrong, and what to write instead, for each function that does not exist and each dash in a path."""
    for action in _ACTION.finditer(template):
        if action["comment"]:
            continue
        for token in _TOKEN.finditer(template, action.start("body"), action.end("body")):
            text, word = token[0], token["word"]
            where = f"line {template.count(chr(10), 0, token.start()) + 1} of the template"
            if text in ("'", '"', "`"):
                yield f"{where}: a text is not closed", f"add the missing {text}"
                return
            if dashed := _dashed(template, token):
                yield f"{where}: '{dashed}' is no path, for a name in it has a '-'", _indexed(dashed)
                break
            if word and word not in _KEYWORDS and word not in FUNCTIONS:
                known = _CONFUSED.get(word)
                fix = f"did you mean '{known}'?" if known else nearest(word, FUNCTIONS)
                yield f"{where}: there is no function '{word}'", fix


def _dashed(template: str, token: re.Match[str]) -> str:
    if not token[0].startswith(".") or len(token[0]) == 1:
        return ""
    rest = _DASHED.match(template, token.end())
    return token[0] + rest[0] if rest else ""


def _indexed(path: str) -> str:
    steps = path[1:].split(".")
    at = next(index for index, step in enumerate(steps) if "-" in step)
    inner = "".join(f".{step}" for step in steps[:at])
    names = " ".join(f'"{step}"' for step in steps[at:])
    return f"write (index {inner or '.'} {names})"
