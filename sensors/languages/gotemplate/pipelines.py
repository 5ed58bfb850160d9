"""The parser of text/template, as far as it is about pipelines: what can stand within `{{…}}` besides keywords."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from typing import Final, NoReturn

from sensors.languages.go.limits import MAX_NESTING
from sensors.languages.go.text import unquote
from sensors.languages.gotemplate.constants import read_character, read_number
from sensors.languages.gotemplate.lexer import Token, fault, tokens
from sensors.languages.gotemplate.tree import (
    Bool,
    Chain,
    Command,
    Dot,
    Field,
    Identifier,
    Nil,
    Number,
    Operand,
    Pipeline,
    String,
    Variable,
)

_OPERANDS: Final = frozenset(
    ("character", "dot", "field", "word", "number", "nil", "raw", "string", "variable", "open")
)


class Scope:
    """The variables of one template: names that are visible, and a slot for each there ever was."""

    def __init__(self) -> None:
        self.visible = [("$", 0)]
        self.count = 1

    def declare(self, name: str) -> int:
        self.visible.append((name, self.count))
        self.count += 1
        return self.count - 1

    def find(self, name: str) -> int | None:
        return next((slot for known, slot in reversed(self.visible) if known == name), None)


class PipelineParser:
    """Takes tokens one after the other; `functions` may be called, those `refused` for a reason may not."""

    def __init__(self, text: str, functions: Collection[str], refused: Mapping[str, str]) -> None:
        self._text = text
        self._functions = functions
        self._refused = refused
        self.called: set[str] = set()
        self._tokens = tokens(text)
        self._ahead: list[Token] = []
        self._scope = Scope()
        self._depth = 0

    # Tokens

    def _peek(self) -> Token:
        if not self._ahead:
            self._ahead.append(next(self._tokens))
        return self._ahead[-1]

    def _next(self) -> Token:
        token = self._peek()
        self._ahead.pop()
        return token

    def _peek_word(self) -> Token:
        """The next token that is no blank."""
        if self._peek().kind == "space":
            self._next()
        return self._peek()

    def _next_word(self) -> Token:
        self._peek_word()
        return self._next()

    def _push_back(self, *taken: Token) -> None:
        self._ahead.extend(reversed(taken))

    def _fail(self, at: Token, message: str) -> NoReturn:
        raise fault(self._text, at.start, message)

    def _unexpected(self, token: Token, where: str) -> NoReturn:
        what = {"eof": "the end", "right": "'}}'", "left": "'{{'"}.get(token.kind, f"'{token.text}'")
        self._fail(token, f"{what} cannot stand {where}")

    def _unquoted(self, token: Token) -> str:
        try:
            return unquote(token.text)
        except ValueError as error:
            raise fault(self._text, token.start, str(error)) from None

    def _enter(self, token: Token) -> None:
        self._depth += 1
        if self._depth > MAX_NESTING:
            self._fail(token, f"the template is nested more than {MAX_NESTING} levels deep")

    # Pipelines

    def _pipeline(self, context: str, end: str, opening: Token | None = None) -> Pipeline:
        start = (opening or self._peek_word()).start
        names, assigns = self._declared(context)
        commands: list[Command] = []
        while (token := self._next_word()).kind != end:
            if token.kind not in _OPERANDS:
                self._unexpected(token, f"in a {context}" if context != "command" else "here")
            self._push_back(token)
            commands.append(self._command())
        if not commands:
            self._fail(token, f"a value is missing for '{context}'" if context != "command" else "a command is missing")
        for command in commands[1:]:
            if isinstance(command.words[0], (Bool, Dot, Nil, Number, String)):
                raise fault(self._text, command.start, "what stands after '|' must be able to take an argument")
        slots = tuple(self._slot(name, assigns) for name in names)
        return Pipeline(start, token.end if opening else commands[-1].end, commands, slots)

    def _declared(self, context: str) -> tuple[list[Token], bool]:
        """Variables that the pipeline sets, and whether they exist already."""
        names: list[Token] = []
        while (variable := self._peek_word()).kind == "variable":
            self._next()
            blank = self._next() if self._peek().kind == "space" else None
            following = self._peek()
            if following.kind in ("assign", "declare"):
                self._next()
                return [*names, variable], following.kind == "assign"
            if following.kind == "sign" and following.text == ",":
                self._next()
                names.append(variable)
                if context != "range" or len(names) > 1:
                    self._fail(variable, f"there are too many variables in a '{context}'")
                if self._peek_word().kind not in ("variable", "right", "close"):
                    self._fail(self._peek(), "'range' can only set variables")
                continue
            self._push_back(*((variable, blank) if blank else (variable,)))
            break
        return names, False

    def _slot(self, name: Token, assigns: bool) -> int:
        if not assigns:
            return self._scope.declare(name.text)
        slot = self._scope.find(name.text)
        if slot is None:
            self._fail(name, f"there is no variable '{name.text}'")
        return slot

    def _command(self) -> Command:
        words: list[Operand] = []
        while True:
            self._peek_word()
            if (word := self._operand()) is not None:
                words.append(word)
            token = self._next()
            if token.kind == "space":
                continue
            if token.kind in ("right", "close"):
                self._push_back(token)
            elif token.kind != "pipe":
                self._unexpected(token, "here")
            break
        if not words:
            self._fail(token, "a command is missing")
        return Command(words[0].start, words[-1].end, words)

    def _operand(self) -> Operand | None:
        """A term and the fields that follow it, None if there is none."""
        term = self._term()
        names: list[str] = []
        end = 0
        while term is not None and self._peek().kind == "field":
            token = self._next()
            names.append(token.text[1:])
            end = token.end
        if term is None or not names:
            return term
        match term:
            case Field():
                return Field(term.start, end, (*term.names, *names))
            case Variable():
                return Variable(term.start, end, term.slot, (*term.names, *names))
            case Identifier() | Pipeline():
                return Chain(term.start, end, term, tuple(names))
        raise fault(self._text, term.end, f"a field cannot follow '{self._text[term.start : term.end]}'")

    def _term(self) -> Operand | None:
        token = self._next_word()
        start, end = token.start, token.end
        match token.kind:
            case "word" if token.text in ("true", "false"):
                return Bool(start, end, token.text == "true")
            case "word":
                if token.text not in self._functions:
                    self._unknown(token)
                self.called.add(token.text)
                return Identifier(start, end, token.text)
            case "dot":
                return Dot(start, end)
            case "nil":
                return Nil(start, end)
            case "variable":
                slot = self._scope.find(token.text)
                if slot is None:
                    self._fail(token, f"there is no variable '{token.text}'")
                return Variable(start, end, slot, ())
            case "field":
                return Field(start, end, (token.text[1:],))
            case "string" | "raw":
                return String(start, end, self._unquoted(token))
            case "number" | "character":
                read = read_number if token.kind == "number" else read_character
                try:
                    return read(token.text, start, end)
                except ValueError as error:
                    raise fault(self._text, start, str(error)) from None
            case "open":
                self._enter(token)
                pipeline = self._pipeline("parenthesis", "close", token)
                self._depth -= 1
                return pipeline
        self._push_back(token)
        return None

    def _unknown(self, token: Token) -> NoReturn:
        if reason := self._refused.get(token.text):
            self._fail(token, f"function '{token.text}' is not available: {reason}")
        near = difflib.get_close_matches(token.text, sorted(self._functions), 1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        self._fail(token, f"there is no function '{token.text}'{hint}")
