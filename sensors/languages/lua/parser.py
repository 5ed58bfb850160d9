"""Lua text -> tree: the grammar of Lua 5.1 with `goto`, as gopher-lua has it."""

from __future__ import annotations

from typing import Final, cast

from sensors.languages.lua import tree
from sensors.languages.lua.lexer import Source, Token
from sensors.languages.lua.scope import Scope

_PRIORITIES: Final[dict[str, tuple[int, int]]] = {
    "or": (1, 1),
    "and": (2, 2),
    **dict.fromkeys(("<", ">", "<=", ">=", "~=", "=="), (3, 3)),
    "..": (5, 4),
    **dict.fromkeys(("+", "-"), (6, 6)),
    **dict.fromkeys(("*", "/", "%"), (7, 7)),
    "^": (10, 9),
}
"""How strongly an operator binds what is on its left and on its right; one that binds the right less is right-associative."""

_UNARY_PRIORITY: Final = 8
_NESTING: Final = 100
"""Blocks and expressions within one another."""

_CONSTANTS: Final = {"nil": None, "true": True, "false": False}
_BLOCK_ENDS: Final = frozenset(("end", "else", "elseif", "until", ""))


def parse(source: Source) -> tree.FunctionBody:
    """The script as a function of any arguments. Raises ExpressionError."""
    return _Parser(source).chunk()


class _Parser:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._tokens = list(source.tokens())
        self._position = 0
        self._nesting = 0
        self._scope = Scope(source)

    @property
    def _token(self) -> Token:
        return self._tokens[self._position]

    def _accept(self, kind: str) -> bool:
        if self._token.kind != kind:
            return False
        self._position += 1
        return True

    def _take(self, kind: str, what: str = "") -> Token:
        token = self._token
        if token.kind != kind:
            raise self._unexpected(what or f"'{kind}'")
        self._position += 1
        return token

    def _unexpected(self, expected: str) -> ValueError:
        token = self._token
        found = f"there is '{token.value}'" if token.kind else "the script ends"
        return self._source.error(f"{found} where {expected} should be", token.at)

    def _deeper(self) -> None:
        self._nesting += 1
        if self._nesting > _NESTING:
            raise self._source.error(f"more than {_NESTING} blocks or expressions within one another", self._token.at)

    # Statements

    def chunk(self) -> tree.FunctionBody:
        body = self._scope.enter_function(1)
        body.is_variadic = True
        body.block = self._block()
        self._take("", "a statement")
        self._scope.leave_function()
        return body

    def _block(self) -> list[tree.Statement]:
        self._deeper()
        block: list[tree.Statement] = []
        while self._token.kind not in _BLOCK_ENDS:
            if self._accept(";"):
                continue
            statement = self._statement()
            block.append(statement)
            if isinstance(statement, tree.Return | tree.Break):
                self._accept(";")
                break
        self._nesting -= 1
        return block

    def _inner_block(self, *variables: tree.Variable) -> list[tree.Statement]:
        """A block with a scope of its own, in which there are already these variables."""
        with self._scope.block(variables):
            return self._block()

    def _statement(self) -> tree.Statement:
        token = self._token
        line = token.line
        match token.kind:
            case "if":
                return self._if(line)
            case "while":
                self._position += 1
                condition = self._expression()
                self._take("do")
                loop = tree.While(line, condition, self._inner_block())
                self._take("end")
                return loop
            case "do":
                self._position += 1
                do = tree.Do(line, self._inner_block())
                self._take("end")
                return do
            case "for":
                return self._for(line)
            case "repeat":
                self._position += 1
                with self._scope.block():
                    block = self._block()
                    self._take("until")
                    return tree.Repeat(line, block, self._expression())
            case "function":
                return self._named_function(line)
            case "local":
                return self._local(line)
            case "return":
                self._position += 1
                is_empty = self._token.kind in _BLOCK_ENDS or self._token.kind == ";"
                return tree.Return(line, () if is_empty else self._expressions())
            case "break":
                self._position += 1
                return tree.Break(line, token.at)
            case "goto":
                self._position += 1
                return tree.Goto(line, self._name(), token.at)
            case "::":
                self._position += 1
                label = tree.Label(line, self._name(), token.at)
                self._take("::")
                return label
            case _:
                return self._assignment_or_call(line)

    def _if(self, line: int) -> tree.If:
        branches: list[tuple[tree.Expression, tree.Block]] = []
        otherwise: tree.Block = ()
        while True:
            self._position += 1
            condition = self._expression()
            self._take("then")
            branches.append((condition, self._inner_block()))
            if self._token.kind != "elseif":
                break
        if self._accept("else"):
            otherwise = self._inner_block()
        self._take("end")
        return tree.If(line, branches, otherwise)

    def _for(self, line: int) -> tree.CountingFor | tree.IteratingFor:
        self._position += 1
        names = [self._name()]
        if self._accept("="):
            first = self._expression()
            self._take(",")
            last = self._expression()
            step = self._expression() if self._accept(",") else tree.Constant(1.0)
            variable = self._scope.variable(names[0])
            self._take("do")
            counting = tree.CountingFor(line, variable, first, last, step, self._inner_block(variable))
            self._take("end")
            return counting
        while self._accept(","):
            names.append(self._name())
        self._take("in", "'=' or 'in'")
        values = self._expressions()
        self._take("do")
        variables = [self._scope.variable(name) for name in names]
        iterating = tree.IteratingFor(line, variables, values, self._inner_block(*variables))
        self._take("end")
        return iterating

    def _named_function(self, line: int) -> tree.Assign:
        self._position += 1
        target: tree.Target = self._scope.resolve(self._name())
        is_method = False
        while self._token.kind in (".", ":"):
            is_method = self._token.kind == ":"
            self._position += 1
            target = tree.Index(target, tree.Constant(self._name()))
            if is_method:
                break
        return tree.Assign(line, (target,), (self._function(line, is_method),))

    def _local(self, line: int) -> tree.Declare:
        self._position += 1
        if self._accept("function"):
            variable = self._scope.declare(self._name())
            return tree.Declare(line, (variable,), (self._function(line, False),))
        names = [self._name()]
        while self._accept(","):
            names.append(self._name())
        if not self._accept("="):
            return tree.Declare(line, [self._scope.declare(name) for name in names], ())
        # A function knows the variable it is put into.
        if len(names) == 1 and self._token.kind == "function":
            variable = self._scope.declare(names[0])
            return tree.Declare(line, (variable,), self._expressions())
        values = self._expressions()
        return tree.Declare(line, [self._scope.declare(name) for name in names], values)

    def _assignment_or_call(self, line: int) -> tree.Statement:
        start = self._token.at
        first = self._suffixed()
        if isinstance(first, tree.Call | tree.MethodCall) and self._token.kind not in ("=", ","):
            return tree.Evaluate(line, first)
        targets = [self._target(first, start)]
        while self._accept(","):
            start = self._token.at
            targets.append(self._target(self._suffixed(), start))
        self._take("=")
        return tree.Assign(line, targets, self._expressions())

    def _target(self, expression: tree.Expression, at: int) -> tree.Target:
        is_parenthesized = self._source.bytes[at] == "(" and not isinstance(expression, tree.Index)
        if isinstance(expression, tree.Local | tree.Global | tree.Index) and not is_parenthesized:
            return expression
        raise self._source.error("this is neither a call nor something to assign to", at)

    # Expressions

    def _name(self) -> str:
        return cast("str", self._take("name", "a name").value)

    def _expressions(self) -> list[tree.Expression]:
        expressions = [self._expression()]
        while self._accept(","):
            expressions.append(self._expression())
        return expressions

    def _expression(self, limit: int = 0) -> tree.Expression:
        self._deeper()
        kind = self._token.kind
        if kind in ("-", "not", "#"):
            self._position += 1
            left: tree.Expression = tree.Unary(kind, self._expression(_UNARY_PRIORITY))  # type: ignore[arg-type]
        else:
            left = self._simple()
        while (priority := _PRIORITIES.get(self._token.kind)) is not None and priority[0] > limit:
            operator = self._token.kind
            self._position += 1
            left = _joined(operator, left, self._expression(priority[1]))
        self._nesting -= 1
        return left

    def _simple(self) -> tree.Expression:
        token = self._token
        match token.kind:
            case "number" | "string":
                self._position += 1
                return tree.Constant(token.value)
            case "nil" | "true" | "false":
                self._position += 1
                return tree.Constant(_CONSTANTS[token.kind])
            case "...":
                self._position += 1
                self._scope.use_varargs(token.at)
                return tree.Varargs()
            case "{":
                return self._table()
            case "function":
                self._position += 1
                return self._function(token.line, False)
            case _:
                return self._suffixed()

    def _suffixed(self) -> tree.Expression:
        if self._accept("("):
            inner = self._expression()
            self._take(")")
            several = isinstance(inner, tree.Call | tree.MethodCall | tree.Varargs)
            expression: tree.Expression = tree.Single(inner) if several else inner
        else:
            expression = self._scope.resolve(cast("str", self._take("name", "an expression").value))
        while True:
            match self._token.kind:
                case ".":
                    self._position += 1
                    expression = tree.Index(expression, tree.Constant(self._name()))
                case "[":
                    self._position += 1
                    expression = tree.Index(expression, self._expression())
                    self._take("]")
                case ":":
                    self._position += 1
                    expression = tree.MethodCall(expression, self._name(), self._arguments())
                case "(" | "string" | "{":
                    expression = tree.Call(expression, self._arguments())
                case _:
                    return expression

    def _arguments(self) -> list[tree.Expression]:
        match self._token.kind:
            case "string":
                self._position += 1
                return [tree.Constant(self._tokens[self._position - 1].value)]
            case "{":
                return [self._table()]
        self._take("(", "arguments")
        if self._accept(")"):
            return []
        arguments = self._expressions()
        self._take(")")
        return arguments

    def _table(self) -> tree.TableMaker:
        self._take("{")
        items: list[tuple[tree.Expression | None, tree.Expression]] = []
        while self._token.kind != "}":
            if self._accept("["):
                key: tree.Expression | None = self._expression()
                self._take("]")
                self._take("=")
            elif self._token.kind == "name" and self._tokens[self._position + 1].kind == "=":
                key = tree.Constant(self._name())
                self._position += 1
            else:
                key = None
            items.append((key, self._expression()))
            if not (self._accept(",") or self._accept(";")):
                break
        self._take("}")
        return tree.TableMaker(items)

    def _function(self, line: int, is_method: bool) -> tree.Closure:
        """What follows the word `function`."""
        body = self._scope.enter_function(line)
        names = ["self"] if is_method else []
        self._take("(")
        while self._token.kind != ")":
            if self._accept("..."):
                body.is_variadic = True
                break
            names.append(self._name())
            if not self._accept(","):
                break
        self._take(")")
        body.parameters += [self._scope.declare(name) for name in names]
        if body.is_variadic:
            body.legacy = self._scope.declare("arg")
        body.block = self._block()
        self._take("end")
        self._scope.leave_function()
        return tree.Closure(body)


def _joined(operator: str, left: tree.Expression, right: tree.Expression) -> tree.Expression:
    """Terms of equal operators beside each other, which nest in the grammar, make one node: it matters to none of them."""
    match operator:
        case "and" | "or":
            terms = left.terms if isinstance(left, tree.Logic) and left.operator == operator else (left,)
            return tree.Logic(operator, (*terms, right))
        case "..":
            return tree.Concatenation((left, *(right.terms if isinstance(right, tree.Concatenation) else (right,))))
        case _:
            return tree.Binary(operator, left, right)  # type: ignore[arg-type]
