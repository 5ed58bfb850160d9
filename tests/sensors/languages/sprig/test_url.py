"""sprig on URLs and paths, with answers of Go."""

from __future__ import annotations

import pytest

from tests.sensors.languages.rendering import failure, rendered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('(urlParse "https://u:p%40@ex.com:80/a%20b?q=1#f%41").userinfo', "u:p%40"),
        ('(urlParse "https://u@ex.com:80/a%20b?q=1#f%41").path', "/a b"),
        ('(urlParse "HTTPS://ex.com:80/?q=%20").query', "q=%20"),
        ('(urlParse "https://[::1]:80").hostname', "::1"),
        ('(urlParse "x#f%41").fragment', "fA"),
        ('urlParse "" | len', "8"),
        ('(urlParse "mailto:a@b").opaque', "a@b"),
        ('(urlParse "/rel?x").path', "/rel"),
        ('urlParse "http://[::1]:80/" | urlJoin', "http://[::1]:80/"),
        (
            'urlJoin (dict "scheme" "http" "host" "h" "path" "a b" "query" "q=1" "fragment" "f g")',
            "http://h/a%20b?q=1#f%20g",
        ),
        ('urlJoin (dict "host" "h" "userinfo" "u:p")', "//u:p@h"),
        ('urlJoin (dict "path" "a:b")', "./a:b"),
        ("urlJoin (dict)", ""),
        ('base "/a/b/"', "b"),
        ('base ""', "."),
        ('base "/"', "/"),
        ('dir "/a/b"', "/a"),
        ('dir "a"', "."),
        ('clean "a/../b/./c"', "b/c"),
        ('clean "/../a"', "/a"),
        ('clean "../.."', "../.."),
        ('ext "a/b.tar.gz"', ".gz"),
        ('ext "a.b/c"', ""),
        ('isAbs "/a"', "true"),
        ('osBase "a/b"', "b"),
        ('osDir "a/b"', "a"),
        ('osClean "a//b"', "a/b"),
        ('osExt "x.y"', ".y"),
        ('osIsAbs "a"', "false"),
    ],
)
def test_urls_and_paths(text: str, expected: str) -> None:
    assert rendered(f"{{{{ {text} }}}}") == expected


@pytest.mark.parametrize(
    "text",
    [
        'urlParse "1x:y"',
        'urlParse ":x"',
        'urlParse "http://a b/"',
        'urlParse "http://x:y/"',
        'urlParse "%zz"',
        'urlParse "http://[::1"',
        'urlParse "a\\x01b"',
        'urlJoin (dict "scheme" 1)',
    ],
)
def test_urls_and_paths_that_fail(text: str) -> None:
    assert failure(f"{{{{ {text} }}}}")
