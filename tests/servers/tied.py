"""Become another program that dies with the process that started it, so that a killed test run leaves no server behind.

`python tied.py PARENT PROGRAM ARGUMENT...`, where PARENT is the id of the process that asks. Done by a program in
between because nothing but the new process itself may ask for it, and code of ours between fork and exec is unsafe where
threads are. The kernel looks at the *thread* that forked: it has to live as long as the server should.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""From linux/prctl.h."""


def main() -> None:
    """Tie, then turn into the program; where the system has no such thing, only the latter."""
    parent, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != int(parent):  # it died before the tie was made
            sys.exit(1)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
