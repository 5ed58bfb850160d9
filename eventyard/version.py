"""The version of this program, as its distribution says."""

from importlib.metadata import version

VERSION = version("eventyard")
