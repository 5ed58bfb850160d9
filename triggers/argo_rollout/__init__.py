"""Rollouts, promoted, aborted, set and undone."""
