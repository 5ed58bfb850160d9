"""Manifests as values: parsed once with line and column, validated whole, imported by every other room."""
