"""The functions that sprig gives to templates."""
