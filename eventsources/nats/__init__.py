"""Subjects of NATS as events."""
