"""A group whose commands are imported when they are used: `--help` and the light commands stay quick."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module
from typing import Any, ClassVar, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_command


class Offer(NamedTuple):
    """Where a command lies (`module:name` of a function or of a Typer), and what the list of commands says of it."""

    target: str
    help: str


class Commands(MutableMapping[str, Any]):
    """The commands of a group by name, each imported when it is first asked for."""

    def __init__(self, offers: Mapping[str, Offer]) -> None:
        self._offers = offers
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = _make(name, self._offers[name])
        return self._made[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._made[name] = command

    def __delitem__(self, name: str) -> None:
        del self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._offers)

    def __len__(self) -> int:
        return len(self._offers)


class LazyGroup(TyperGroup):
    """Subclasses say which commands there are; their help is listed without importing them."""

    offers: ClassVar[Mapping[str, Offer]] = {}

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = Commands(self.offers)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, offer.help) for name, offer in self.offers.items()])


def new_app(**settings: Any) -> typer.Typer:
    """A Typer in the manner of this program: plain help, no stack traces in colour, no shell completion."""
    return typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, **settings)


def _make(name: str, offer: Offer) -> Any:
    module, _, attribute = offer.target.partition(":")
    found = getattr(import_module(module), attribute)
    if isinstance(found, typer.Typer):
        app = found
    else:
        app = new_app()
        app.command(name)(found)
    command = get_command(app)
    command.name = name
    return command
