"""URLs of net/url, with answers of Go."""

from __future__ import annotations

import pytest

from tests.sensors.languages.rendering import failure, rendered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('(urlParse "ftp://h:80:90/").host', "h:80:90"),
        ('(urlParse "//h/p").host', "h"),
        ('(urlParse "///p").path', "///p"),
        ('(urlParse "*").path', "*"),
        ('(urlParse "http://h?").query | quote', '""'),
        ('urlParse "a:b:c"', "map[fragment: host: hostname: opaque:b:c path: query: scheme:a userinfo:]"),
        ('(urlParse "a:b:c").opaque', "b:c"),
        ('(urlParse "http://%C3%A9/").host', "é"),
        (
            'urlParse "http://[fe80::1%25en0]/"',
            "map[fragment: host:[fe80::1%en0] hostname:fe80::1%en0 opaque: path:/ query: scheme:http userinfo:]",
        ),
        ('(urlParse "http://u%20:@h/").userinfo', "u%20:"),
        ('(urlParse "http://[::1%2541]/").host', "[::1%41]"),
        ('urlJoin (dict "scheme" "http" "host" "é.com" "path" "x")', "http://%C3%A9.com/x"),
        ('urlJoin (dict "opaque" "o" "scheme" "s")', "s:o"),
        ('urlJoin (dict "path" "*")', "*"),
        ('urlJoin (dict "path" "a/b:c")', "a/b:c"),
        ('urlJoin (dict "scheme" "file" "path" "/x")', "file:///x"),
        ('urlJoin (dict "scheme" "x")', "x:"),
    ],
)
def test_urls(text: str, expected: str) -> None:
    assert rendered(f"{{{{ {text} }}}}") == expected


@pytest.mark.parametrize(
    "text",
    [
        'urlParse "http://h:80:90/"',
        'urlParse "x y:z"',
        'urlParse "http://%41/"',
        'urlParse "http://[fe80::1%25]/"',
        'urlParse "http://[1.2.3.4]/"',
        'urlParse "http://[::1]x/"',
        'urlParse "http://a[::1]/"',
        'urlParse "http://u ser@h/"',
        'urlParse "http://u%zz@h/"',
        'urlParse "http://h/#%zz"',
        'urlParse "http://[::1%25%zz]/"',
        'urlParse "http://[::1%25%01]/"',
        'urlJoin (dict "userinfo" "a b" "host" "h")',
    ],
)
def test_urls_that_fail(text: str) -> None:
    assert failure(f"{{{{ {text} }}}}")
