"""The URL of a request, read as Go's net/url reads it: manifests written for Argo Events hold URLs that other parsers
refuse or rewrite."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import quote, unquote_to_bytes, urljoin

from yarl import URL

from config.errors import Permanent

_PARTS: Final = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):)?(?://(?P<authority>[^/?]*))?(?P<path>[^?]*)(?:\?(?P<query>.*))?",
    re.DOTALL,
)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_AUTHORITY: Final = re.compile(
    r"(?:(?P<user>[A-Za-z0-9\-._:~!$&'()*+,;=%@]*)@)?"
    r"(?P<host>\[[0-9A-Fa-f:.%]+\]|[^\s:@\[\]\\^`{|}%]+)"
    r"(?::(?P<port>[0-9]*))?"
)
# What may stand in a path as it is written; any other character makes the whole path be encoded anew.
_PLAIN_PATH: Final = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/\[\]%]*")
_KEPT_IN_PATH: Final = "-._~$&+,/:;=@"
# A blank would end the request line, and what follows it be taken for something else.
_BLANK: Final = " "


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes. `login` is the Authorization header made of `user:password@` in the URL, which `url` lacks."""

    url: URL
    login: str = field(default="", repr=False)

    @property
    def address(self) -> str:
        """The URL for a person to read, without the login."""
        return str(self.url)

    @property
    def host(self) -> str:
        """Host name without port, in lower case."""
        return (self.url.raw_host or "").lower()

    @property
    def authority(self) -> str:
        """Host and, unless it is the scheme's own, port."""
        return self.url.host_port_subcomponent or ""

    def follow(self, location: str) -> Target:
        """The target of a redirect seen from here (RFC 3986, section 5). Raises Permanent."""
        found = _PARTS.fullmatch(location.partition("#")[0])
        if found is None or found["scheme"] is not None:
            return parse_target(location)
        target = parse_target(urljoin(str(self.url), location))
        return target if found["authority"] is not None else replace(target, login=self.login)


def parse_target(text: str) -> Target:
    """Read an absolute http or https URL. Raises Permanent, whose text does not repeat the URL: it may hold a password."""
    if _CONTROL.search(text):
        raise _wrong("a control character")
    found = _PARTS.fullmatch(text.partition("#")[0])
    assert found is not None
    scheme = (found["scheme"] or "").lower()
    if not scheme:
        raise _wrong("no scheme")
    if scheme not in ("http", "https"):
        raise _wrong(f"the scheme '{scheme}', which is not supported")
    if not found["authority"]:
        raise _wrong("no host")
    if _BAD_ESCAPE.search(found["path"]) or _BAD_ESCAPE.search(found["authority"].rpartition("@")[0]):
        raise _wrong("a % that is not followed by two hexadecimal digits")
    authority = _AUTHORITY.fullmatch(found["authority"])
    if authority is None or int(authority["port"] or 0) > 65535:
        raise _wrong("a malformed host, port or user name")
    return Target(
        URL.build(
            scheme=scheme,
            authority=_ascii(authority["host"]) + (f":{authority['port']}" if authority["port"] else ""),
            path=_encoded(found["path"]),
            query_string=(found["query"] or "").replace(_BLANK, "%20"),
            encoded=True,
        ),
        "" if authority["user"] is None else _login(authority["user"]),
    )


def basic(user: bytes, password: bytes) -> str:
    """The value of an Authorization header (RFC 7617)."""
    return "Basic " + b64encode(user + b":" + password).decode()


def _login(userinfo: str) -> str:
    user, _, password = userinfo.partition(":")
    return basic(unquote_to_bytes(user), unquote_to_bytes(password))


def _encoded(path: str) -> str:
    return path if _PLAIN_PATH.fullmatch(path) else quote(unquote_to_bytes(path), safe=_KEPT_IN_PATH)


def _ascii(host: str) -> str:
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        raise _wrong("a host name that has no ASCII form") from None


def _wrong(what: str) -> Permanent:
    return Permanent(f"the URL has {what}", fix="write it like https://host/path")
