"""The parser of text/template: from tokens to a tree. What can be known to be wrong before there is a value is an error here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from sensors.languages.gotemplate.lexer import Token
from sensors.languages.gotemplate.pipelines import PipelineParser, Scope
from sensors.languages.gotemplate.tree import (
    Action,
    Body,
    Break,
    Call,
    Continue,
    If,
    Range,
    Statement,
    Text,
    With,
)

ROOT: Final = "param"
"""The name of the template itself, as Argo Events gives it; `{{define "param"}}` can take its place if it is empty."""


class Parsed(NamedTuple):
    """The templates of a text by name, the text's own under ROOT, and the names of the functions in them."""

    bodies: Mapping[str, Body]
    functions: Collection[str]


def parse(text: str, functions: Collection[str], refused: Mapping[str, str]) -> Parsed:
    """Parses a text that may call `functions`, but not those `refused` for a reason. Raises TemplateError."""
    parser = _Parser(text, functions, refused)
    return Parsed(parser.run(), parser.called)


class _Parser(PipelineParser):
    def __init__(self, text: str, functions: Collection[str], refused: Mapping[str, str]) -> None:
        super().__init__(text, functions, refused)
        self._loops = 0
        self._bodies: dict[str, Body] = {}

    def run(self) -> dict[str, Body]:
        statements: list[Statement] = []
        while (token := self._next()).kind != "eof":
            if token.kind == "left" and self._peek_word().kind == "define":
                self._next()
                self._definition(token)
                continue
            if token.kind == "left" and self._peek_word().kind in ("end", "else"):
                self._fail(self._peek(), f"there is nothing to this '{{{{{self._peek().text}}}}}'")
            statements.append(self._statement(token))
        self._add(ROOT, Body(statements, self._scope.count), token)
        return self._bodies

    def _definition(self, opening: Token) -> None:
        name = self._name("after 'define'")
        self._close("after the name of a template")
        self._add(name, self._separate(opening), opening)

    def _separate(self, opening: Token) -> Body:
        """A template within the text, up to its end, with variables and loops of its own."""
        scope, loops = self._scope, self._loops
        self._scope, self._loops = Scope(), 0
        statements, end = self._statements(opening)
        if end.kind != "end":
            self._unexpected(end, "in a template")
        self._close("after 'end'")
        body = Body(statements, self._scope.count)
        self._scope, self._loops = scope, loops
        return body

    def _add(self, name: str, body: Body, at: Token) -> None:
        known = self._bodies.get(name)
        if known is None or known.is_empty():
            self._bodies[name] = body
        elif not body.is_empty():
            self._fail(at, f"template '{name}' is defined twice")

    def _name(self, where: str) -> str:
        token = self._next_word()
        if token.kind not in ("string", "raw"):
            self._unexpected(token, f"{where}, but the name of a template in quotes")
        return self._unquoted(token)

    def _statements(self, opening: Token) -> tuple[list[Statement], Token]:
        """Statements up to `end` or `else`, and this token, which has been taken."""
        statements: list[Statement] = []
        while True:
            token = self._next()
            if token.kind == "eof":
                self._fail(opening, "there is no '{{end}}' to this")
            if token.kind == "left" and self._peek_word().kind in ("end", "else"):
                return statements, self._next()
            statements.append(self._statement(token))

    def _statement(self, token: Token) -> Statement:
        if token.kind == "text":
            return Text(token.start, token.end, token.text)
        keyword = self._peek_word()
        match keyword.kind:
            case "if" | "with" | "range":
                self._next()
                return self._control(token, keyword)
            case "break" | "continue":
                self._next()
                end = self._close(f"after '{keyword.text}'").end
                if not self._loops:
                    self._fail(keyword, f"'{keyword.text}' is in no 'range'")
                return (Break if keyword.kind == "break" else Continue)(token.start, end)
            case "template":
                self._next()
                name = self._name("after 'template'")
                if self._peek_word().kind == "right":
                    return Call(token.start, self._next().end, name, None)
                pipeline = self._pipeline("template", "right")
                return Call(token.start, pipeline.end, name, pipeline)
            case "block":
                self._next()
                name = self._name("after 'block'")
                pipeline = self._pipeline("block", "right")
                self._add(name, self._separate(token), token)
                return Call(token.start, pipeline.end, name, pipeline)
        pipeline = self._pipeline("command", "right")
        return Action(token.start, pipeline.end, pipeline)

    def _control(self, opening: Token, keyword: Token) -> Statement:
        self._enter(keyword)
        visible = len(self._scope.visible)
        pipeline = self._pipeline(keyword.kind, "right")
        is_loop = keyword.kind == "range"
        self._loops += is_loop
        body, end = self._statements(opening)
        self._loops -= is_loop
        otherwise: list[Statement] = []
        if end.kind == "else":
            otherwise = self._otherwise(opening, keyword)
        else:
            self._close("after 'end'")
        del self._scope.visible[visible:]
        self._depth -= 1
        controls: dict[str, type[If] | type[With] | type[Range]] = {"if": If, "with": With, "range": Range}
        return controls[keyword.kind](opening.start, pipeline.end, pipeline, body, otherwise)

    def _otherwise(self, opening: Token, keyword: Token) -> list[Statement]:
        """What follows an `else`, which has been taken; `{{else if}}` shares the end of its `if`."""
        following = self._peek_word()
        if following.kind in ("if", "with"):
            if following.kind != keyword.kind:
                self._fail(following, f"'else {following.text}' cannot belong to '{keyword.text}'")
            self._next()
            return [self._control(opening, following)]
        self._close("after 'else'")
        statements, end = self._statements(opening)
        if end.kind != "end":
            self._fail(end, "there is a second 'else'")
        self._close("after 'end'")
        return statements

    def _close(self, where: str) -> Token:
        token = self._next_word()
        if token.kind != "right":
            self._unexpected(token, where)
        return token
