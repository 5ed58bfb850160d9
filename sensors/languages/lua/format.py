"""`string.format`, which in gopher-lua is Go's `fmt.Sprintf`: the verbs are Go's, and so is what it says of a wrong one."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from sensors.languages.go.numbers import format_float
from sensors.languages.go.text import from_bytes, quote, to_bytes
from sensors.languages.lua.numbers import is_whole, number_text, parse_number, truncate
from sensors.languages.lua.operators import text_of
from sensors.languages.lua.values import type_name

if TYPE_CHECKING:
    from sensors.languages.lua.run import Run
    from sensors.languages.lua.values import Value

_DIRECTIVE: Final = re.compile(r"%([-+# 0]*)([0-9]*)(?:(\.)([0-9]*))?(.?)", re.DOTALL)
_GO_TYPES: Final = {
    "nil": "*lua.LNilType",
    "boolean": "lua.LBool",
    "number": "lua.LNumber",
    "string": "lua.LString",
    "table": "*lua.LTable",
    "function": "*lua.LFunction",
    "thread": "*lua.LState",
}
_STEPS: Final = 4
"""What a directive takes."""

_WIDTH_MOST: Final = 1_000_000
"""Characters to which Go would fill up."""


def format_values(run: Run, layout: str, values: tuple[Value, ...]) -> str:
    """The layout with the values in the places of its directives."""
    pending = list(values[: max(layout.count("%") - layout.count("%%"), 0)])

    def replace(found: re.Match[str]) -> str:
        run.spend(_STEPS)
        flags, width, point, precision, verb = found.groups("")
        if verb == "%":
            return "%"
        if not verb:
            return "%!(NOVERB)"
        if not pending:
            return f"%!{verb}(MISSING)"
        if max(len(width), len(precision)) > len(str(_WIDTH_MOST)):
            return f"%!{verb}(BADWIDTH)"
        run.take(int(width or 0) + int(precision or 0))
        text = _Directive(flags, int(width) if width else 0, int(precision or 0) if point else -1, verb).text(
            run, pending.pop(0)
        )
        run.take(len(text))
        return text

    text = _DIRECTIVE.sub(replace, layout)
    extra = ", ".join(f"{_GO_TYPES.get(type_name(value), '?')}={text_of(run, value)}" for value in pending)
    return f"{text}%!(EXTRA {extra})" if extra else text


class _Directive:
    def __init__(self, flags: str, width: int, precision: int, verb: str) -> None:
        self._flags = flags
        self._width = width
        self._precision = precision
        self._verb = verb

    def text(self, run: Run, value: Value) -> str:
        match value:
            case float():
                return self._number(value)
            case str():
                return self._of_text(value)
            case bool() if self._verb == "t":
                return self._padded("true" if value else "false")
            case _ if self._verb in "svqxX":
                return self._string(text_of(run, value))
            case _:
                return f"%!{self._verb}({_GO_TYPES[type_name(value)]}={text_of(run, value)})"

    def _number(self, number: float) -> str:
        match self._verb:
            case "s" | "q":
                return self._string(number_text(number))
            case "e" | "E" | "f" | "F" | "g" | "G":
                return self._float(number)
            case "b" | "c" | "d" | "o" | "x" | "X" | "U" | "i":
                return self._integer(truncate(number))
            case "v":
                return self._integer(truncate(number)) if is_whole(number) else self._float(number)
            case _:
                kind = "int64" if is_whole(number) else "float64"
                return f"%!{self._verb}({kind}={number_text(number)})"

    def _of_text(self, text: str) -> str:
        if self._verb in "di":
            number = parse_number(text)
            return self._string(text) if number is not None else self._integer(0)
        return self._string(text)

    def _string(self, text: str) -> str:
        """Width and precision count characters, of which a byte that is none of UTF-8 is one."""
        characters = from_bytes(text.encode("latin-1"))
        if self._verb in "xX":
            digits = text[: self._precision if self._precision >= 0 else None].encode("latin-1").hex()
            return self._padded(digits.upper() if self._verb == "X" else digits)
        if self._precision >= 0:
            characters = characters[: self._precision]
        if self._verb not in "svqdi":
            return f"%!{self._verb}(string={to_bytes(self._padded(characters)).decode('latin-1')})"
        if self._verb == "q":
            plain = "#" in self._flags and "`" not in characters and characters.isprintable()
            characters = f"`{characters}`" if plain else quote(characters, ascii_only="+" in self._flags)
        return to_bytes(self._padded(characters)).decode("latin-1")

    def _integer(self, number: int) -> str:
        sign = "-" if number < 0 else "+" if "+" in self._flags else " " if " " in self._flags else ""
        sharp = "#" in self._flags
        match self._verb:
            case "c":
                code = number if 0 <= number <= 0x10FFFF and not 0xD800 <= number < 0xE000 else 0xFFFD
                return to_bytes(self._padded(chr(code))).decode("latin-1")
            case "U":
                return self._padded(f"U+{number & ((1 << 64) - 1):04X}")
            case "b" | "o":
                digits, prefix = f"{abs(number):{self._verb}}", ("0" if self._verb == "o" else "0b") if sharp else ""
            case "x" | "X":
                digits, prefix = f"{abs(number):{self._verb}}", f"0{self._verb}" if sharp else ""
            case _:
                digits, prefix = str(abs(number)), ""
        if self._precision == 0 and not number:
            return self._padded("", zeros=False)
        if self._precision >= 0:
            return self._padded(sign + prefix + digits.rjust(self._precision, "0"), zeros=False)
        if "0" in self._flags and "-" not in self._flags:
            digits = digits.rjust(self._width - len(sign), "0")
        return self._padded(sign + prefix + digits, zeros=False)

    def _float(self, number: float) -> str:
        verb = "f" if self._verb == "F" else "g" if self._verb == "v" else self._verb
        precision = 6 if self._precision < 0 and verb in "eEf" else self._precision
        text = format_float(abs(number), verb, precision)
        sign = (
            "-" if math.copysign(1.0, number) < 0 else "+" if "+" in self._flags else " " if " " in self._flags else ""
        )
        if math.isnan(number):
            return self._padded(sign.strip("-") + text, zeros=False)
        if math.isinf(number):
            return self._padded((sign or "+") + text[1:], zeros=False)
        if "0" in self._flags and "-" not in self._flags:
            text = text.rjust(self._width - len(sign), "0")
        return self._padded(sign + text, zeros=False)

    def _padded(self, text: str, zeros: bool = True) -> str:
        if "-" in self._flags:
            return text.ljust(self._width)
        return text.rjust(self._width, "0" if zeros and "0" in self._flags else " ")
