"""What fmt makes of odd formats and arguments, with answers of Go."""

from __future__ import annotations

import pytest

from tests.sensors.languages.rendering import rendered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('printf "%[1]v %[1]T" 5', "5 int"),
        ('printf "%[2]*[1]d" 5 8', "       5"),
        ('printf "%[1]*d" 5', "%!d(MISSING)"),
        ('printf "%[" 1', "%!(NOVERB)"),
        ('printf "%[]d" 1', "%!d(BADINDEX)"),
        ('printf "%[1" 1', "%!(NOVERB)"),
        ('printf "%[9999999999]d" 1', "%!d(BADINDEX)"),
        ('printf "%12345678d" 1', "%!(NOVERB)%!(EXTRA int=1)"),
        ('printf "%*d" -6 42', "42    "),
        ('printf "%*d" 10000000 42', "%!(BADWIDTH)42"),
        ('printf "%.*d" -1 42', "%!(BADPREC)42"),
        ('printf "%.*f" "x" 1.0', "%!(BADPREC)1.000000"),
        ('printf "%.*f" 1', "%!f(MISSING)"),
        ('printf "%.d" 5', "5"),
        ('printf "%." 5', "%!.(int=5)"),
        ('printf "%[1].2f" 1.5', "%!f(BADINDEX)"),
        ('printf "%[1]5d" 1', "%!d(BADINDEX)"),
        ('printf "%5" 1', "%!(NOVERB)%!(EXTRA int=1)"),
        ('printf "%v %v" (list 1i nil) (dict "a" nil)', "[(0+1i) <nil>] map[a:<nil>]"),
        ('printf "%f %5.1f" 1i 1.5i', "(0.000000+1.000000i) (  0.0 +1.5i)"),
        ('printf "%d" 1i', "%!d(complex128=(0+1i))"),
        ('printf "%U %c %q" -1 -1 1114112', "U+FFFFFFFFFFFFFFFF � '�'"),
        ('printf "%d" true', "%!d(bool=true)"),
        ('printf "%5c|%-5c|%05c" 65 65 65', "    A|A    |0000A"),
        ('printf "%x %X" "" ""', " "),
        ('printf "%10x|%-10x|%.1x" "ab" "ab" "ab"', "      6162|6162      |61"),
        ('printf "%v" (toDate "2006" "2020").Month', "January"),
        (
            'printf "%d %s %x" (toDate "2006" "2020").Month (toDate "2006" "2020").Month (toDate "2006" "2020").Month',
            "1 January 4a616e75617279",
        ),
        ('printf "%#v" (rest (list))', "[]interface {}(nil)"),
        ('printf "%#v" (get nil "a")', '""'),
        ('printf "%v %#v" (unset nil "a") (unset nil "a")', "map[] map[string]interface {}(nil)"),
        ('printf "%#v" (index "a" 0)', "0x61"),
        ('printf "% f|%+f|% x" 1.5 1.5 1.5', " 1.500000|+1.500000| 0x1.8p+00"),
        (
            'printf "%+v|%+5v|%05v|%-5v|" (float64 "NaN") (float64 "inf") (float64 "inf") (float64 "-inf")',
            "NaN| +Inf| +Inf|-Inf |",
        ),
        ('printf "% v" (float64 "NaN")', " NaN"),
        ('printf "%#q" "a\\tb"', "`a\tb`"),
        ('printf "%#q" "a\\nb"', '"a\\nb"'),
        ('printf "%q" (list "a" 1)', "[\"a\" '\\x01']"),
        ('printf "%6.2v" 3.14159', "   3.1"),
        ('printf "%#x %#X" "ab" 255', "0x6162 0XFF"),
        ('printf "%+d % d" -5 -5', "-5 -5"),
        ('printf "%08d|%+08d|%-08d|" -42 42 42', "-0000042|+0000042|42      |"),
        ('printf "%.5d|%8.5d" 42 -42', "00042|  -00042"),
        ('printf "%T" (list)', "[]interface {}"),
        ('printf "%5T|" 1', "  int|"),
        ('printf "%.2T" 1', "in"),
        ('printf "" 1', "%!(EXTRA int=1)"),
        ('printf "%s" "a" "b" nil', "a%!(EXTRA string=b, <nil>)"),
        ('printf "é%cé" 233', "ééé"),
        ('printf "%é" 1', "%!é(int=1)"),
    ],
)
def test_oddities(text: str, expected: str) -> None:
    assert rendered(f"{{{{ {text} }}}}") == expected
