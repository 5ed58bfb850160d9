"""The command line: one file a command. Exit codes: 0 ok, 1 faults found or action failed, 2 wrong usage."""

from eventyard.cli.app import app

__all__ = ["app"]
