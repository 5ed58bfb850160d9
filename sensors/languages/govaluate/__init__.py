"""govaluate, the expressions of expr filters."""
