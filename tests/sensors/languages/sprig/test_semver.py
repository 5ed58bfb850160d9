"""sprig on versions, with answers of Go."""

from __future__ import annotations

import pytest

from tests.sensors.languages.rendering import failure, rendered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('semver "1.2"', "1.2.0"),
        ('semver "v1.2.3-beta.1+b"', "1.2.3-beta.1+b"),
        ('semverCompare "^1.2.0" "1.5.0"', "true"),
        ('semverCompare "^0.2.3" "0.3.0"', "false"),
        ('semverCompare "^0.0.3" "0.0.4"', "false"),
        ('semverCompare "^1" "1.9.9"', "true"),
        ('semverCompare "^0" "0.5.0"', "true"),
        ('semverCompare "~1.2.3" "1.2.9"', "true"),
        ('semverCompare "~1" "1.9.0"', "true"),
        ('semverCompare "~0.0.0" "5.0.0"', "true"),
        ('semverCompare "~>2.1" "2.2.0"', "false"),
        ('semverCompare "1.x" "1.9"', "true"),
        ('semverCompare "*" "7.0.0"', "true"),
        ('semverCompare "=1.2" "1.2.7"', "true"),
        ('semverCompare "!=1.2" "1.2.7"', "false"),
        ('semverCompare "!=1" "2.0.0"', "true"),
        ('semverCompare "!=1.2.x" "1.3.0"', "true"),
        ('semverCompare "!=1.0.0" "1.0.1"', "true"),
        ('semverCompare ">1.0.0" "1.1.0-beta"', "false"),
        ('semverCompare ">1.0.0-0" "1.1.0-beta"', "true"),
        ('semverCompare ">11" "11.1.0"', "false"),
        ('semverCompare ">11.1" "11.2.0"', "true"),
        ('semverCompare "<=11" "11.9.0"', "true"),
        ('semverCompare "<=1.2" "1.3.0"', "false"),
        ('semverCompare "<=1.2.3" "1.2.3"', "true"),
        ('semverCompare "<2" "2.0.0"', "false"),
        ('semverCompare ">=1.2, <2" "1.9.0"', "true"),
        ('semverCompare "1.2.3 || 2" "2.5.0"', "true"),
        ('semverCompare "1.0 - 2.0" "1.5.0"', "true"),
        ('semverCompare "1.2.3-alpha.2" "1.2.3-alpha.10"', "false"),
        ('semverCompare ">1.2.3-alpha.2" "1.2.3-alpha.10"', "true"),
    ],
)
def test_versions(text: str, expected: str) -> None:
    assert rendered(f"{{{{ {text} }}}}") == expected


@pytest.mark.parametrize(
    "text",
    [
        'semver "bad"',
        'semver "1.2.3-01"',
        'semver "1.2.99999999999999999999"',
        'semverCompare "" "1.0.0"',
        'semverCompare "bad" "1.0.0"',
    ],
)
def test_versions_that_fail(text: str) -> None:
    assert failure(f"{{{{ {text} }}}}")
