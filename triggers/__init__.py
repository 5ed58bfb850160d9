"""Adapters that act on the world, and the dispatcher that fires each of them at least once."""
