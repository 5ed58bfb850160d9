"""What can go wrong with a JMESPath expression: its text at load, the values it meets while it is evaluated."""

from sensors.languages.expression_error import ExpressionError


class JmesSyntaxError(ExpressionError):
    """An expression that cannot be compiled."""


class JmesRuntimeError(ValueError):
    """A value of the document does not fit the expression. Messages name kinds of values, never the values."""
