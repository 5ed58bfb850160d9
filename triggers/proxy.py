"""Which proxy a request goes through, by the environment variables that Go's net/http honours: pure."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address, ip_network

from yarl import URL


def proxy_for(url: URL, environ: Mapping[str, str]) -> URL | None:
    """The proxy of HTTP_PROXY or HTTPS_PROXY unless NO_PROXY excepts the host; never for this machine itself.

    Either spelling of the names, upper case first. NO_PROXY holds hosts, domains (with everything below them; `.domain`
    leaves out the domain itself), addresses and networks, separated by commas, each with an optional port; or `*`.
    """
    proxy = _variable(environ, f"{url.scheme.upper()}_PROXY")
    if not proxy or _is_here(url.host or ""):
        return None
    excepted = _variable(environ, "NO_PROXY").split(",")
    if any(_excepts(rule.strip().lower(), url) for rule in excepted):
        return None
    return URL(proxy if "://" in proxy else f"http://{proxy}")


def _variable(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name) or environ.get(name.lower(), "")


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _excepts(rule: str, url: URL) -> bool:
    if rule == "*":
        return True
    host = (url.host or "").lower()
    try:
        return ip_address(host) in ip_network(rule, strict=False)
    except ValueError:
        pass
    rule, _, port = rule.partition(":")
    if not rule or (port and port != str(url.port)):
        return False
    rule = rule.removeprefix("*")
    return host.endswith(rule) if rule.startswith(".") else host == rule or host.endswith(f".{rule}")
