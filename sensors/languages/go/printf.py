"""Format strings of Go's fmt.Sprintf: flags, widths, precisions, numbered arguments, and what is printed for wrong ones."""

from __future__ import annotations

import re
from typing import Any, Final

from sensors.languages.go.format import Flags, Printer
from sensors.languages.go.values import GoInteger, type_of

_LITERAL: Final = re.compile(r"[^%]+")
_FLAGS: Final = re.compile(r"[#0+\- ]*")
_DIGITS: Final = re.compile(r"[0-9]+", re.ASCII)
_TOO_LARGE: Final = 1_000_000
"""Widths and precisions beyond it are not taken for meant."""


def sprintf(format: str, arguments: list[Any]) -> str:
    """Go's fmt.Sprintf. Raises GoError if the text is too long; mistakes of the format show in the text."""
    return _Formatting(format, arguments).run()


class _Formatting:
    def __init__(self, format: str, arguments: list[Any]) -> None:
        self._format = format
        self._arguments = arguments
        self._at = 0
        self._next = 0
        self._is_reordered = False
        self._is_good = True
        self._printer = Printer()

    def run(self) -> str:
        printer, format = self._printer, self._format
        while self._at < len(format):
            if literal := _LITERAL.match(format, self._at):
                printer.write(literal[0])
                self._at = literal.end()
            else:
                self._at += 1
                self._directive()
        if not self._is_reordered and self._next < len(self._arguments):
            self._extra()
        return printer.text()

    def _directive(self) -> None:
        printer = self._printer
        self._is_good = True
        given = _FLAGS.match(self._format, self._at)
        assert given is not None
        self._at = given.end()
        printer.flags = flags = Flags(
            "+" in given[0], "-" in given[0], "#" in given[0], " " in given[0], "0" in given[0]
        )
        after_index = self._number()
        after_index = self._width(flags, after_index)
        after_index = self._precision(flags, after_index)
        if not after_index:
            self._number()
        if self._at >= len(self._format):
            printer.write("%!(NOVERB)")
            return
        verb = self._format[self._at]
        self._at += 1
        self._print(verb, flags)

    def _print(self, verb: str, flags: Flags) -> None:
        printer = self._printer
        if verb == "%":
            printer.write("%")
        elif not self._is_good:
            printer.write(f"%!{verb}(BADINDEX)")
        elif self._next >= len(self._arguments):
            printer.write(f"%!{verb}(MISSING)")
        else:
            if verb == "v":
                flags.go, flags.sharp, flags.plus = flags.sharp, False, False
            printer.print(self._arguments[self._next], verb)
            self._next += 1

    def _width(self, flags: Flags, after_index: bool) -> bool:
        if self._star():
            flags.width = self._argument()
            if flags.width is None:
                self._printer.write("%!(BADWIDTH)")
            elif flags.width < 0:
                flags.width, flags.minus, flags.zero = -flags.width, True, False
            return False
        flags.width = self._digits()
        if after_index and flags.width is not None:
            self._is_good = False
        return after_index

    def _precision(self, flags: Flags, after_index: bool) -> bool:
        # A point that ends the format is the verb.
        if self._format[self._at : self._at + 1] != "." or self._at + 1 >= len(self._format):
            return after_index
        self._at += 1
        if after_index:
            self._is_good = False
        after_index = self._number()
        if self._star():
            flags.precision = self._argument()
            if flags.precision is not None and flags.precision < 0:
                flags.precision = None
            if flags.precision is None:
                self._printer.write("%!(BADPREC)")
            return False
        flags.precision = self._digits() or 0
        return after_index

    def _number(self) -> bool:
        """Reads the number of an argument in brackets, if there is one."""
        format, at = self._format, self._at
        if format[at : at + 1] != "[":
            return False
        self._is_reordered = True
        close = format.find("]", at + 1)
        if close < 0 or len(format) - at < 3:
            self._at += 1
            self._is_good = False
            return False
        self._at = close + 1
        digits = format[at + 1 : close]
        if not _DIGITS.fullmatch(digits) or len(digits) > 9:
            self._is_good = False
            return False
        if 0 < int(digits) <= len(self._arguments):
            self._next = int(digits) - 1
        else:
            self._is_good = False
        return True

    def _digits(self) -> int | None:
        found = _DIGITS.match(self._format, self._at)
        if found is None:
            return None
        if len(found[0]) > 9 or int(found[0][:-1] or 0) > _TOO_LARGE:
            # Go reads no further than this.
            self._at = len(self._format)
            return None
        self._at = found.end()
        return int(found[0])

    def _star(self) -> bool:
        if self._format[self._at : self._at + 1] != "*":
            return False
        self._at += 1
        return True

    def _argument(self) -> int | None:
        """The next argument as a width or precision, None if it cannot be one."""
        if self._next >= len(self._arguments):
            return None
        value = self._arguments[self._next]
        self._next += 1
        return int(value) if isinstance(value, GoInteger) and abs(value) <= _TOO_LARGE else None

    def _extra(self) -> None:
        printer = self._printer
        printer.flags = Flags()
        printer.write("%!(EXTRA ")
        for index, value in enumerate(self._arguments[self._next :]):
            if index:
                printer.write(", ")
            if value is None:
                printer.write("<nil>")
            else:
                printer.write(f"{type_of(value)}=")
                printer.print(value)
        printer.write(")")
