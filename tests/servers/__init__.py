"""Real servers for tests, each a process of its own on free ports; `python -m tests.servers` installs what is missing."""
