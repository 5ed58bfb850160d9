"""The types that members and calls of expr-lang give, or why there are none: pure rules, which the checker applies."""

from __future__ import annotations

from collections.abc import Sequence

from sensors.languages.exprlang.methods import SIGNATURES
from sensors.languages.exprlang.signatures import Builtin
from sensors.languages.exprlang.types import (
    ANY,
    BOOL,
    GROUPS,
    INT,
    LIST,
    Known,
    Signature,
    Type,
    function_of,
    is_any,
    is_assignable,
    is_bool,
    is_integer,
    is_list,
    is_map,
    name_of,
    slice_of,
)


class Misfit(ValueError):
    """What does not fit. `argument` is the number of the one that is wrong, None for the whole."""

    def __init__(self, message: str, argument: int | None = None) -> None:
        super().__init__(message)
        self.argument = argument


def type_of_member(base: Known, key: Known, name: str | None) -> Known:
    """The type of what is chosen by a key; `name` is the key itself if it is written as a text. Raises Misfit."""
    if base is None:
        raise Misfit(f"nil has no {_quoted(name)}")
    if name is not None and (signature := SIGNATURES.get(base, {}).get(name)) is not None:
        return function_of(signature)
    if is_any(base):
        return ANY
    if is_map(base):
        if key is not None and not is_any(key) and not is_assignable(key, base.key or ANY):
            raise Misfit(f"the keys of this map are of type {base.key}, not {key}", 1)
        return base.elem
    if is_list(base):
        if not is_integer(key) and not is_any(key):
            raise Misfit(f"an element is chosen by an integer, not by {name_of(key)}", 1)
        return base.elem
    raise Misfit(f"{base} has no {_quoted(name)}")


def _quoted(name: str | None) -> str:
    return f"'{name}'" if name is not None else "elements"


def type_of_element(base: Type, key: Known) -> Known:
    """The type of what `get` finds in a list or map. Raises Misfit."""
    fits = is_integer(key) if is_list(base) else key is not None and is_assignable(key, base.key or ANY)
    if not fits and not is_any(key):
        raise Misfit(f"{name_of(key)} chooses nothing in {base}", 1)
    return base.elem


def type_of_predicate(name: str, collection: Known, answer: Type) -> Known:
    """The type of a builtin that asks something of each element, for the type of the answers. Raises Misfit."""
    match name:
        case "map":
            return slice_of(answer)
        case "reduce":
            return answer
        case "groupBy":
            return GROUPS
    if not is_bool(answer) and not is_any(answer):
        raise Misfit(f"{name} wants true or false of each element, not {answer}", 1)
    element = collection.elem if collection is not None and is_list(collection) else ANY
    match name:
        case "filter":
            return collection if is_list(collection) else LIST
        case "find" | "findLast":
            return element
        case "count" | "findIndex" | "findLastIndex":
            return INT
    return BOOL


def type_of_call(builtin: Builtin, arguments: Sequence[Known]) -> Known:
    """The type of a call of any other builtin. Raises Misfit."""
    if builtin.validate is None:
        return overload(builtin.name, builtin.signatures, arguments)
    try:
        return builtin.validate(arguments)
    except ValueError as error:
        raise Misfit(f"{builtin.name} {error}") from None


def overload(name: str, signatures: Sequence[Signature], arguments: Sequence[Known]) -> Type:
    """The result of the first signature that the arguments fit. Raises Misfit."""
    if not signatures:
        raise Misfit(f"{name} cannot be called this way")
    near = [signature for signature in signatures if len(signature.params) == len(arguments)]
    if not near:
        wanted = " or ".join(map(str, sorted({len(signature.params) for signature in signatures})))
        raise Misfit(f"{name} wants {wanted} arguments, found {len(arguments)}")
    for signature in near:
        if all(map(_fits, arguments, signature.params)):
            return signature.result
    params = near[0].params
    wrong = next(index for index, found in enumerate(arguments) if not _fits(found, params[index]))
    raise Misfit(f"{name} wants {params[wrong]} here, found {name_of(arguments[wrong])}", wrong)


def _fits(found: Known, wanted: Type) -> bool:
    """Whether an argument of this type may be what a parameter wants."""
    if found is None or is_any(found) or is_assignable(found, wanted):
        return True
    # An integer literal takes the kind that is wanted.
    return is_integer(wanted) and is_integer(found) and wanted.kind != found.kind
