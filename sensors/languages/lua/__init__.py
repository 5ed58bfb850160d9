"""Lua 5.1 as gopher-lua runs it, compiled to Python and bounded."""
