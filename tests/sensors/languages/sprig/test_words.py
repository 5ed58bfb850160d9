"""sprig on words, with answers of Go."""

from __future__ import annotations

import pytest

from tests.sensors.languages.rendering import rendered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('abbrev 8 "hello world"', "hello..."),
        ('abbrev 3 "hello"', "hello"),
        ('abbrevboth 5 10 "1234 5678 9123"', "...5678..."),
        ('abbrevboth 5 6 "1234 5678 9123"', "1234 5678 9123"),
        ('abbrevboth 20 10 "1234 5678 9123 4567"', "...23 4567"),
        ('nospace "a b\\tc"', "abc"),
        ('nospace "ü ö"', "Ã¼Ã¶"),
        ('initials "First Try"', "FT"),
        ('initials "über alles"', "Ãa"),
        ('untitle "Hello World"', "hello world"),
        ('swapcase "aBc Def"', "AbC dEF"),
        ('camelcase "http_server"', "HttpServer"),
        ('camelcase "_a__b_"', "_A_B_"),
        ('camelcase "GO_PATH x"', "GoPathX"),
        ('camelcase "__"', "___"),
        ('snakecase "FirstName"', "first_name"),
        ('snakecase "HTTPServer2xx"', "http_server_2xx"),
        ('snakecase "Bld4Floor3rd"', "bld4_floor_3rd"),
        ('snakecase "a-b c_d"', "a_b_c_d"),
        ('snakecase "x9Y 10 a!B"', "x9_y_10_a!b"),
        ('snakecase "世界Abc"', "世界_abc"),
        ('kebabcase "NoHTTPS"', "no-https"),
        ('wrap 5 "hello big world"', "hello\nbig\nworld"),
        ('wrap 3 "abcdefg hi"', "abcdefg\nhi"),
        ('wrapWith 4 "|" "abcdefghij k"', "abcd|efgh|ij k"),
        ('wrap 0 "ab cd"', "ab\ncd"),
    ],
)
def test_words(text: str, expected: str) -> None:
    assert rendered(f"{{{{ {text} }}}}") == expected
