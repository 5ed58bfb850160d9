"""`python -m tests.servers [NAME...]` installs what is missing; `make servers` calls it."""

from tests.servers.install import main

main()
