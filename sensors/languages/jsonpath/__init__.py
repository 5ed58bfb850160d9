"""JSONPath as expr-lang filters have it."""
