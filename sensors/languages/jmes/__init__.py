"""JMESPath, compiled to Python."""
