"""sprig on hashes, encodings and passwords, with answers of Go."""

from __future__ import annotations

import pytest

from tests.sensors.languages.rendering import failure, rendered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('sha1sum "a"', "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
        ('sha256sum "a"', "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
        ('sha512sum "a" | trunc 10', "1f40fc92da"),
        ('adler32sum "abc"', "38600999"),
        ('b64enc "ü"', "w7w="),
        ('b64dec "w7w="', "ü"),
        ('b64dec "w7w"', "illegal base64 data at input byte 0"),
        ('b64dec "a!b="', "illegal base64 data at input byte 1"),
        ('b64dec "YQ==x"', "illegal base64 data at input byte 4"),
        ('b64dec "Y\\nQ=="', "a"),
        ('b64dec "YQ="', "illegal base64 data at input byte 3"),
        ('b64dec "Y==="', "illegal base64 data at input byte 1"),
        ('b32enc "ab"', "MFRA===="),
        ('b32dec "MFRA===="', "ab"),
        ('b32dec "MFRA"', "illegal base32 data at input byte 0"),
        ('b32dec "M1"', "illegal base32 data at input byte 1"),
        ('b32dec "MFRA=A=="', "illegal base32 data at input byte 4"),
        ('derivePassword 1 "long" "password" "user" "example.com"', "ZedaFaxcZaso9*"),
        ('derivePassword 1 "pin" "p" "u" "s"', "2461"),
        ('derivePassword 1 "nope" "p" "u" "s"', "cannot find password template nope"),
        ('decryptAES "k" (encryptAES "k" "secret ü")', "secret ü"),
        ('decryptAES "k" ""', ""),
    ],
)
def test_hashes_and_encodings(text: str, expected: str) -> None:
    assert rendered(f"{{{{ {text} }}}}") == expected


@pytest.mark.parametrize(
    "text",
    [
        'decryptAES "k" "YQ=="',
    ],
)
def test_hashes_and_encodings_that_fail(text: str) -> None:
    assert failure(f"{{{{ {text} }}}}")
