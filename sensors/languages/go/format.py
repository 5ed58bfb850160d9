"""Values as Go's fmt prints them: `%v` of everything, and what the other verbs make of it (https://pkg.go.dev/fmt)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sensors.languages.go.limits import MAX_TEXT, check_text
from sensors.languages.go.numbers import format_float
from sensors.languages.go.text import joined, quote, to_bytes
from sensors.languages.go.values import (
    GoInteger,
    Uint8,
    elements,
    is_nil,
    sorted_items,
    to_float,
    type_of,
)

_TEXT_VERBS: Final = "vsxXq"
_BASES: Final = {"d": "d", "v": "d", "b": "b", "o": "o", "O": "o", "x": "x", "X": "X"}
_PREFIXES: Final = {"b": "0b", "o": "0", "x": "0x", "X": "0X"}


@dataclass(slots=True)
class Flags:
    """What stands between the percent sign and the verb. `go` is the sharp of `%#v`, `plus` not the one of `%+v`."""

    plus: bool = False
    minus: bool = False
    sharp: bool = False
    space: bool = False
    zero: bool = False
    go: bool = False
    width: int | None = None
    precision: int | None = None


class Printer:
    """Gathers what is printed. Raises GoError if it becomes too long."""

    def __init__(self) -> None:
        self.flags = Flags()
        self._parts: list[str] = []
        self._left = MAX_TEXT
        self._in_error = False

    def text(self) -> str:
        return joined("".join(self._parts))

    def write(self, text: str) -> None:
        self._parts.append(text)
        self._left -= len(text)
        if self._left < 0:
            check_text(MAX_TEXT - self._left)

    def print(self, value: Any, verb: str = "v") -> None:
        """One argument."""
        if value is None:
            if verb in "Tv":
                self._pad("<nil>")
            else:
                self._bad(value, verb)
        elif verb == "T":
            self._pad(self._cut(type_of(value)))
        elif verb in "pw":
            # Addresses differ from run to run, and errors to be wrapped there are none.
            self._bad(value, verb)
        else:
            self._print(value, verb)

    def _print(self, value: Any, verb: str) -> None:
        """A value, which may be within another."""
        flags = self.flags
        cls = value.__class__
        if cls is str:
            self._string(value, verb)
        elif cls is float or cls is int:
            self._float(value if cls is float else to_float(value), verb)
        elif value is None:
            self.write("interface {}(nil)" if flags.go else "<nil>")
        elif cls is bool:
            if verb in "tv":
                self._pad("true" if value else "false")
            else:
                self._bad(value, verb)
        elif isinstance(value, list):
            self._list(value, verb)
        elif isinstance(value, dict):
            self._map(value, verb)
        elif verb in _TEXT_VERBS and not flags.go and not self._in_error and hasattr(value, "go_string"):
            self._string(value.go_string(), verb)
        elif isinstance(value, GoInteger):
            self._integer(value, verb)
        elif cls is complex:
            self._complex(value, verb)
        else:
            self.write(value.go_string())

    def _bad(self, value: Any, verb: str) -> None:
        """A verb that such a value cannot be printed with."""
        self._in_error = True
        self.write(f"%!{verb}(")
        if value is None:
            self.write("<nil>")
        else:
            self.write(f"{type_of(value)}=")
            self.print(value)
        self.write(")")
        self._in_error = False

    def _list(self, value: list[Any], verb: str) -> None:
        go = self.flags.go
        if go and is_nil(value):
            self.write(f"{type_of(value)}(nil)")
            return
        self.write(f"{type_of(value)}{{" if go else "[")
        for index, element in enumerate(elements(value)):
            if index:
                self.write(", " if go else " ")
            self._print(element, verb)
        self.write("}" if go else "]")

    def _map(self, value: dict[str, Any], verb: str) -> None:
        go = self.flags.go
        if go and is_nil(value):
            self.write(f"{type_of(value)}(nil)")
            return
        self.write(f"{type_of(value)}{{" if go else "map[")
        for index, (key, element) in enumerate(sorted_items(value)):
            if index:
                self.write(", " if go else " ")
            self._print(key, verb)
            self.write(":")
            self._print(element, verb)
        self.write("}" if go else "]")

    def _string(self, text: str, verb: str) -> None:
        flags = self.flags
        match verb:
            case "v" if flags.go:
                self._pad(quote(self._cut(text), ascii_only=flags.plus))
            case "v" | "s":
                self._pad(self._cut(text))
            case "x" | "X":
                self._bytes(to_bytes(text), verb)
            case "q":
                text = self._cut(text)
                raw = flags.sharp and "`" not in text and all(c == "\t" or _is_raw(c) for c in text)
                self._pad(f"`{text}`" if raw else quote(text, ascii_only=flags.plus))
            case _:
                self._bad(text, verb)

    def _bytes(self, data: bytes, verb: str) -> None:
        flags = self.flags
        if flags.precision is not None:
            data = data[: flags.precision]
        prefix = f"0{verb}" if flags.sharp else ""
        digits = [f"{byte:02x}" if verb == "x" else f"{byte:02X}" for byte in data]
        text = f" {prefix}".join(digits) if flags.space else "".join(digits)
        self._pad(prefix + text if text else "")

    def _float(self, number: float, verb: str) -> None:
        match verb:
            case "v":
                self._number(number, "g", -1)
            case "b" | "g" | "G" | "x" | "X":
                self._number(number, verb, -1)
            case "e" | "E" | "f":
                self._number(number, verb, 6)
            case "F":
                self._number(number, "f", 6)
            case _:
                self._bad(number, verb)

    def _number(self, number: float, verb: str, precision: int) -> None:
        flags = self.flags
        if flags.precision is not None:
            precision = flags.precision
        text = format_float(number, verb, precision)
        sign, text = (text[0], text[1:]) if text[0] in "+-" else ("+", text)
        if flags.space and sign == "+" and not flags.plus:
            sign = " "
        if text[0] in "IN":
            # Words are not padded with zeros, and NaN has a sign only if it is asked for.
            shown = text[0] == "I" or sign != "+" or flags.plus
            self._pad((sign if shown else "") + text, zero=False)
            return
        if flags.sharp and verb != "b":
            text = _with_point(text, verb, 6 if precision < 0 else precision)
        if sign == "+" and not flags.plus:
            self._pad(text)
        elif flags.zero and not flags.minus and flags.width is not None and flags.width > len(text) + 1:
            self.write(sign + text.rjust(flags.width - 1, "0"))
        else:
            self._pad(sign + text)

    def _complex(self, number: complex, verb: str) -> None:
        if verb not in "vbgGxXfFeE":
            self._bad(number, verb)
            return
        plus = self.flags.plus
        self.write("(")
        self._float(number.real, verb)
        self.flags.plus = True
        self._float(number.imag, verb)
        self.write("i)")
        self.flags.plus = plus

    def _integer(self, value: GoInteger, verb: str) -> None:
        if verb in _BASES:
            self._digits(value, verb)
        elif verb == "c":
            self._pad(_character(value))
        elif verb == "q":
            self._pad(quote(_character(value), "'", ascii_only=self.flags.plus))
        elif verb == "U":
            self._unicode(value)
        else:
            self._bad(value, verb)

    def _digits(self, value: GoInteger, verb: str) -> None:
        flags = self.flags
        base, sharp = _BASES[verb], flags.sharp
        if verb == "v" and flags.go and isinstance(value, Uint8):
            base, sharp = "x", True
        if flags.precision == 0 and not value:
            self._pad("", zero=False)
            return
        sign = "-" if value < 0 else "+" if flags.plus else " " if flags.space else ""
        least = flags.precision or 0
        if flags.precision is None and flags.zero and not flags.minus and flags.width is not None:
            least = flags.width - len(sign)
        check_text(least)
        text = format(abs(int(value)), base).rjust(least, "0")
        if sharp and base in _PREFIXES and not (base == "o" and text[0] == "0"):
            text = _PREFIXES[base] + text
        self._pad(sign + ("0o" if verb == "O" else "") + text, zero=False)

    def _unicode(self, value: GoInteger) -> None:
        code = value % (1 << 64)
        text = "U+" + f"{code:X}".rjust(max(4, self.flags.precision or 0), "0")
        if self.flags.sharp and code <= 0x10FFFF and chr(code).isprintable():
            text += f" '{chr(code)}'"
        self._pad(text, zero=False)

    def _cut(self, text: str) -> str:
        precision = self.flags.precision
        return text if precision is None else text[:precision]

    def _pad(self, text: str, *, zero: bool = True) -> None:
        flags = self.flags
        if flags.width and flags.width > len(text):
            check_text(flags.width)
            filling = "0" if zero and flags.zero and not flags.minus else " "
            text = text.ljust(flags.width) if flags.minus else text.rjust(flags.width, filling)
        self.write(text)


def _is_raw(character: str) -> bool:
    """Whether a backquoted string may have it."""
    code = ord(character)
    return code >= 0x20 and code not in (0x7F, 0xFEFF) and not 0xD800 <= code <= 0xDFFF


def _character(value: int) -> str:
    return chr(value) if 0 <= value <= 0x10FFFF and not 0xD800 <= value <= 0xDFFF else "\ufffd"


def _with_point(text: str, verb: str, digits: int) -> str:
    """A number with a decimal point, and where the verb counts digits, with zeros for those that are missing."""
    split = next((at for at, character in enumerate(text) if character in ("pP" if verb in "xX" else "eE")), len(text))
    number, tail = text[:split], text[split:]
    missing = 0
    if verb == "x":
        # Go takes the x for a digit.
        missing = digits - len(number[1:].replace(".", ""))
    elif verb in "gG":
        missing = digits - len(number.lstrip("0.").replace(".", ""))
    if "." not in number:
        if number == "0":
            missing -= 1
        number += "."
    return number + "0" * missing + tail


def show(value: Any) -> str:
    """What `%v` prints. Raises GoError if it is too long."""
    cls = value.__class__
    if cls is str:
        return value  # type: ignore[no-any-return]
    if cls is float:
        return format_float(value)
    printer = Printer()
    printer.print(value)
    return printer.text()


def sprint(values: list[Any]) -> str:
    """fmt.Sprint: with a blank between two values if neither is a string."""
    printer = Printer()
    after_string = True
    for value in values:
        is_string = value.__class__ is str
        if not is_string and not after_string:
            printer.write(" ")
        printer.print(value)
        after_string = is_string
    return printer.text()


def sprintln(values: list[Any]) -> str:
    """fmt.Sprintln: with a blank between all, and a line break."""
    printer = Printer()
    for index, value in enumerate(values):
        if index:
            printer.write(" ")
        printer.print(value)
    printer.write("\n")
    return printer.text()
