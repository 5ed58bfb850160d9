"""What a function is that an expression may call: what it takes, what it gives, what it does.

A table of functions is data: a function more is an entry more, and the compiler knows none of them by name.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sensors.languages.jmes.errors import JmesRuntimeError
from sensors.languages.jmes.values import CLASSES, kind_of


@dataclass(frozen=True, slots=True)
class Parameter:
    """What an argument may be: of one of `kinds`, or anything if there are none.

    Kinds are those of `jmes_values.CLASSES`, and `expression` for `&…`, which arrives as a function of one value.
    `elements` are the kinds allowed within an array, of which one array holds only one. `read` makes of an argument that
    fits what the function works with, once for all calls if it is written in the expression; it raises JmesRuntimeError.
    """

    kinds: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()
    read: Callable[[Any], Any] | None = None

    @property
    def classes(self) -> tuple[type, ...]:
        return tuple(cls for kind in self.kinds if kind != "expression" for cls in CLASSES[kind])

    @property
    def takes_expression(self) -> bool:
        return "expression" in self.kinds

    @property
    def wanted(self) -> str:
        if self.elements:
            return f"an array of {either(f'{kind}s' for kind in self.elements)}"
        return either(map(with_article, self.kinds))

    def mismatch(self, value: object) -> str | None:
        """What `value` is that does not fit, None if it does."""
        kind = kind_of(value)
        if self.kinds and kind not in self.kinds:
            return with_article(kind)
        if self.elements and isinstance(value, list) and value:
            first = kind_of(value[0])
            allowed = CLASSES[first] if first in self.elements else ()
            for element in value:
                if element.__class__ not in allowed:
                    beside = f"{with_article(first)} and " if allowed else ""
                    return f"an array with {beside}{with_article(kind_of(element))}"
        return None


@dataclass(frozen=True, slots=True)
class Function:
    """A function by name. `call` may rely on what `parameters` demand, and is given what they read.

    If `variadic`, the last parameter may be given any number of times, at least once. `returns` is the kind of the
    result if it has only one, besides null; it spares the compiler a test. `about` and `example`, an expression that
    needs no document, are for the reference page.
    """

    name: str
    parameters: tuple[Parameter, ...]
    call: Callable[..., Any]
    returns: str = "any"
    variadic: bool = False
    about: str = ""
    example: str = ""

    def arity_fault(self, given: int) -> str | None:
        """What is wrong with a call with so many arguments, None if nothing is."""
        wanted = len(self.parameters)
        if given == wanted or (self.variadic and given > wanted):
            return None
        plural = "" if wanted == 1 else "s"
        return f"{self.name}() takes {'at least ' if self.variadic else ''}{wanted} argument{plural}, {given} given"

    def parameter(self, number: int) -> Parameter:
        """The parameter for an argument, counted from 1."""
        return self.parameters[min(number, len(self.parameters)) - 1]

    def checked(self, *arguments: Any) -> Any:
        """Calls the function; raises JmesRuntimeError if an argument is not of the kind demanded.

        Arguments beyond the parameters of a variadic function are not looked at, as in the library.
        """
        read = list(arguments)
        for at, (parameter, argument) in enumerate(zip(self.parameters, arguments, strict=False)):
            if found := parameter.mismatch(argument):
                raise JmesRuntimeError(f"{self.name}() wants {parameter.wanted} as argument {at + 1}, found {found}")
            if parameter.read is not None:
                read[at] = parameter.read(argument)
        return self.call(*read)


def either(choices: Iterable[str]) -> str:
    """Choices in words."""
    return " or ".join(choices)


def with_article(kind: str) -> str:
    """A kind of value with its article."""
    return kind if kind == "null" else f"{'an' if kind[0] in 'aeou' else 'a'} {kind}"
