"""The recorded cases are tried only where the environment names their folder: `ORACLE=DIR`."""

import os

collect_ignore = [] if os.environ.get("ORACLE") else ["test_cases.py"]
