"""Adapters that turn what happens elsewhere into CloudEvents, acknowledged only after the bus has them."""
