"""Formats of fmt, with answers of Go."""

from __future__ import annotations

import pytest

from tests.sensors.languages.rendering import failure, rendered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('printf "%v %d %s" 1 2 "a"', "1 2 a"),
        ('printf "%5d|%-5d|%05d" 42 42 42', "   42|42   |00042"),
        ('printf "%+d % d %x %X %o %b %O" 42 42 42 42 42 42 42', "+42  42 2a 2A 52 101010 0o52"),
        ('printf "%#x %#o %#b %#v" 42 42 42 42', "0x2a 052 0b101010 42"),
        ('printf "%c %q %U %#U" 65 65 65 65', "A 'A' U+0041 U+0041 'A'"),
        ('printf "%.3f %8.2f %e %g" 1.5 1.5 1.5 1e21', "1.500     1.50 1.500000e+00 1e+21"),
        ('printf "%G %E %F" 1e-7 1.5 1.5', "1E-07 1.500000E+00 1.500000"),
        ('printf "%x %X %b" 1.5 1.5 1.5', "0x1.8p+00 0X1.8P+00 6755399441055744p-52"),
        ('printf "%6.2f|%-8.3f|%+.1f|%08.3f" 3.14159 3.14159 3.14159 -3.14159', "  3.14|3.142   |+3.1|-003.142"),
        ('printf "%s %q %x %X" "hé" "hé" "hé" "hé"', 'hé "hé" 68c3a9 68C3A9'),
        ('printf "%10s|%-10s|%.1s" "hé" "hé" "hé"', "        hé|hé        |h"),
        ('printf "%#q % x %#x %+q" "a`b" "ab" "ab" "é"', '"a`b" 61 62 0x6162 "\\u00e9"'),
        ('printf "%t %v" true false', "true false"),
        ('printf "%v %s %q" .Input.l .Input.l .Input.l', '[c a b] [c a b] ["c" "a" "b"]'),
        ('printf "%d" .Input.ln', "[%!d(float64=3) %!d(float64=1) %!d(float64=2)]"),
        ('printf "%v" .Input.m', "map[a:1 b:2 c:map[d:deep]]"),
        ('printf "%#v %#v" .Input.l 1.0', '[]interface {}{"c", "a", "b"} 1'),
        ('printf "%#v" .Input.m', 'map[string]interface {}{"a":1, "b":2, "c":map[string]interface {}{"d":"deep"}}'),
        ('printf "%#v" (list nil "a" 1)', '[]interface {}{interface {}(nil), "a", 1}'),
        ('printf "%T %T %T %T" 1 1.0 .Input.l nil', "int float64 []interface {} <nil>"),
        ('printf "%d" "a"', "%!d(string=a)"),
        ('printf "%s" 5', "%!s(int=5)"),
        ('printf "%z" 1', "%!z(int=1)"),
        ('printf "%d" nil', "%!d(<nil>)"),
        ('printf "%d %d" 1', "1 %!d(MISSING)"),
        ('printf "%d" 1 2', "1%!(EXTRA int=2)"),
        ('printf "%!"', "%!!(MISSING)"),
        ('printf "%"', "%!(NOVERB)"),
        ('printf "100%%"', "100%"),
        ('printf "%[2]d %[1]d" 1 2', "2 1"),
        ('printf "%[3]d" 1', "%!d(BADINDEX)"),
        ('printf "%[x]d" 1', "%!d(BADINDEX)"),
        ('printf "%*d|%-*d" 5 42 5 42', "   42|42   "),
        ('printf "%.*f" 2 3.14159', "3.14"),
        ('printf "%*d" "x" 1', "%!(BADWIDTH)1"),
        ('printf "%6.3v|%.2v" "abcdef" 3.14159', "   abc|3.1"),
        ('printf "%v" 1i', "(0+1i)"),
        ('printf "%s" nil', "%!s(<nil>)"),
        ('printf "%v" nil', "<nil>"),
        ('printf "%5t" true', " true"),
        ('printf "%05s" "ab"', "000ab"),
        ('printf "%-05d|" 3', "3    |"),
        ('printf "%.0d" 0', ""),
        ('printf "%5v" .Input.ln', "[    3     1     2]"),
        ('printf "%x" .Input.l', "[63 61 62]"),
        ('printf "%p" 1', "%!p(int=1)"),
        ('printf "%w" "x"', "%!w(string=x)"),
        ('printf "%v" (toDate "2006" "2020")', "2020-01-01 00:00:00 +0000 UTC"),
        ('printf "%g %#g %#.3x %#e" 100000.0 1.0 1.0 1.0', "100000 1.00000 0x1.000p+00 1.000000e+00"),
        ('printf "%v %v" (index "a" 0) (semver "1.2.3")', "97 1.2.3"),
        ('printf "%08v|%+v" -1.5 1.5', "-00001.5|1.5"),
        ('printf "%6.2f%%" .Input.f', "  2.50%"),
        ('printf "%s" (list "a" 1)', "[a %!s(int=1)]"),
        ('printf "%d" (list 1.5)', "[%!d(float64=1.5)]"),
    ],
)
def test_formats(text: str, expected: str) -> None:
    assert rendered(f"{{{{ {text} }}}}") == expected


@pytest.mark.parametrize(
    "text",
    [
        "printf 5",
    ],
)
def test_formats_that_fail(text: str) -> None:
    assert failure(f"{{{{ {text} }}}}")
