"""What a connection to an API server is made of, however it was come by."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where the server is and how TLS is spoken with it; a change of any of this needs new connections.

    `authority`, `certificate` and `key` are PEM texts; without an authority the system's are trusted.
    """

    server: str
    authority: str = ""
    certificate: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    verify: bool = True
    server_name: str = ""
    proxy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """An endpoint and who is asking. `authorization` is that header's value; `expires` is a time as of `time.time`, after
    which a new login is wanted."""

    endpoint: Endpoint
    authorization: str = field(default="", repr=False)
    expires: float = math.inf


class Access(ABC):
    """A way into one cluster: which one it is, for messages, and how to log in, as often as that is needed."""

    where: str
    """`context 'prod' of /home/me/.kube/config`."""

    namespace: str
    """Where objects are that do not say where they are."""

    @abstractmethod
    async def login(self) -> Login:
        """Read or ask for credentials that hold now.

        Raises EventyardError if something is wrong on this machine, Temporary if somebody else did not give any. (To a
        request both are Temporary.)
        """
