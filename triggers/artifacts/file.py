"""An artifact that is a file of this machine."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from config.errors import Permanent, Temporary
from triggers.artifacts.document import LIMIT


def read_file(path: str) -> bytes:
    """The content of a regular file. Blocks. Raises Permanent if it is not there, Temporary if the disk fails."""
    if not path:
        raise Permanent("no file is named", fix="give file.path")
    try:
        # Opening a pipe would wait for whoever writes to it.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise Permanent("is no file", fix="name a file, not a folder or device")
            if status.st_size > LIMIT:
                raise Permanent(f"has more than {LIMIT} bytes", fix="is this the right file?")
            return file.read(LIMIT + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise Permanent("does not exist", fix=f"a relative path begins at {Path.cwd()}") from None
    except (PermissionError, IsADirectoryError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the path holds a null character"
        raise Permanent(f"cannot be read: {reason}", fix="check the path and its permissions") from None
    except OSError as error:
        raise Temporary(f"cannot be read: {error.strerror}") from None
