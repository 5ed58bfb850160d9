"""Workflows, submitted and operated on."""
