"""sprig's functions of URLs and of paths."""

from __future__ import annotations

from typing import Any, Final

from sensors.languages.go import paths as go_paths
from sensors.languages.go.limits import GoError
from sensors.languages.go.url import URL, parse_url
from sensors.languages.go.values import kind_of
from sensors.languages.gotemplate.functions import MAP, STRING, Function


def _url_parse(text: str) -> dict[str, Any]:
    url = parse_url(text)
    return {
        "scheme": url.scheme,
        "host": url.host,
        "hostname": url.hostname,
        "path": url.path,
        "query": url.query,
        "opaque": url.opaque,
        "fragment": url.fragment,
        "userinfo": url.userinfo or "",
    }


def _url_join(parts: dict[str, Any]) -> str:
    def part(key: str) -> str:
        value = parts.get(key, "")
        if value.__class__ is not str:
            raise GoError(f"'{key}' of a URL is a string, not a {kind_of(value)}")
        return str(value)

    url = URL(part("scheme"), part("opaque"), None, part("host"), part("path"), part("query"), part("fragment"))
    if userinfo := part("userinfo"):
        url.userinfo = parse_url(f"proto://{userinfo}@host").userinfo
    return url.text()


FUNCTIONS: Final = (
    Function("urlParse", _url_parse, (STRING,)),
    Function("urlJoin", _url_join, (MAP,)),
    *(Function(name, go_paths.base, (STRING,)) for name in ("base", "osBase")),
    *(Function(name, go_paths.directory, (STRING,)) for name in ("dir", "osDir")),
    *(Function(name, go_paths.clean, (STRING,)) for name in ("clean", "osClean")),
    *(Function(name, go_paths.extension, (STRING,)) for name in ("ext", "osExt")),
    *(Function(name, go_paths.is_absolute, (STRING,)) for name in ("isAbs", "osIsAbs")),
)
