"""sprig's functions of hashes, encodings and passwords."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import zlib
from collections.abc import Callable
from typing import Final

from sensors.languages.go.limits import GoError
from sensors.languages.go.text import from_bytes, to_bytes
from sensors.languages.gotemplate.functions import STRING, UINT32, Function

_BASE64: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_BASE32: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
_LINE_BREAKS: Final = re.compile(rb"[\r\n]+")

_SEED: Final = b"com.lyndir.masterpassword"
_PATTERNS: Final = {
    "maximum": "anoxxxxxxxxxxxxxxxxx axxxxxxxxxxxxxxxxxno",
    "long": (
        "CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv CvccCvcvCvcvno CvcvnoCvccCvcv "
        "CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv "
        "CvccCvccCvcvno CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc CvccCvcvCvccno"
    ),
    "medium": "CvcnoCvc CvcCvcno",
    "short": "Cvcn",
    "basic": "aaanaaan aannaaan aaannaaa",
    "pin": "nnnn",
}
"""What kinds of characters the passwords of each type consist of (https://spectre.app, formerly Master Password)."""

_VOWELS, _CONSONANTS, _DIGITS = "AEIOU", "BCDFGHJKLMNPQRSTVWXYZ", "0123456789"
_LETTERS: Final = _VOWELS + _VOWELS.lower() + _CONSONANTS + _CONSONANTS.lower()
_CHARACTERS: Final = {
    "V": _VOWELS,
    "C": _CONSONANTS,
    "v": _VOWELS.lower(),
    "c": _CONSONANTS.lower(),
    "a": _LETTERS,
    "n": _DIGITS,
    "o": "@&%?,=[]_:-+*$#!'^~;()/.",
    "x": _LETTERS + _DIGITS + "!@#$%^&*()",
}


def _hexadecimal(make: Callable[[bytes], hashlib._Hash]) -> Callable[[str], str]:
    return lambda text: make(to_bytes(text)).hexdigest()


def decode_base64(text: str) -> bytes:
    """Raises GoError with Go's words, which are what `b64dec` gives in place of a text."""
    data = to_bytes(text)
    at, count = 0, 0
    while at < len(data):
        byte = data[at]
        if byte in b"\r\n":
            at += 1
        elif byte in _BASE64:
            at, count = at + 1, count + 1
        else:
            _check_padding(data, at, count % 4)
            break
    else:
        if count % 4:
            # Line breaks do not count where the place is told, so that it may lie before them.
            raise _illegal(64, len(data) - count % 4)
    return base64.b64decode(_LINE_BREAKS.sub(b"", data))


def _check_padding(data: bytes, at: int, count: int) -> None:
    """What stands after the last digit, `count` of its group, must be `=`, and as many as are missing."""
    if data[at] != ord("=") or count < 2:
        raise _illegal(64, at)
    at += 1
    if count == 2:
        at = _after_line_breaks(data, at)
        if at == len(data):
            raise _illegal(64, at)
        if data[at] != ord("="):
            raise _illegal(64, at - 1)
        at += 1
    at = _after_line_breaks(data, at)
    if at < len(data):
        raise _illegal(64, at)


def _after_line_breaks(data: bytes, at: int) -> int:
    found = _LINE_BREAKS.match(data, at)
    return found.end() if found else at


def _illegal(base: int, at: int) -> GoError:
    return GoError(f"illegal base{base} data at input byte {at}")


def _decode_base32(text: str) -> bytes:
    data = _LINE_BREAKS.sub(b"", to_bytes(text))
    digits = next((at for at, byte in enumerate(data) if byte not in _BASE32), len(data))
    group, count = digits // 8 * 8, digits % 8
    if digits < len(data):
        rest = len(data) - digits - 1
        if data[digits] != ord("=") or count < 2 or rest >= 8:
            raise _illegal(32, digits)
        if rest + count < 7:
            raise _illegal(32, len(data))
        for offset in range(7 - count):
            if data[digits + 1 + offset] != ord("="):
                raise _illegal(32, digits + offset)
        if count in (3, 6):
            raise _illegal(32, digits)
        data = data[: group + 8]
    elif count:
        raise _illegal(32, digits - count)
    return base64.b32decode(data)


def _decoded(decode: Callable[[str], bytes]) -> Callable[[str], str]:
    """What cannot be decoded gives the error as its text."""

    def decode_or_tell(text: str) -> str:
        try:
            return from_bytes(decode(text))
        except GoError as error:
            return str(error)

    return decode_or_tell


def _derive_password(counter: int, kind: str, password: str, user: str, site: str) -> str:
    if kind not in _PATTERNS:
        return f"cannot find password template {kind}"
    name, place = to_bytes(user), to_bytes(site)
    salt = _SEED + len(name).to_bytes(4, "big") + name
    key = hashlib.scrypt(to_bytes(password), salt=salt, n=32768, r=8, p=2, maxmem=1 << 26, dklen=64)
    message = _SEED + len(place).to_bytes(4, "big") + place + counter.to_bytes(4, "big")
    seed = hmac.digest(key, message, "sha256")
    patterns = _PATTERNS[kind].split()
    pattern = patterns[seed[0] % len(patterns)]
    choices = (_CHARACTERS[each] for each in pattern)
    return "".join(choice[byte % len(choice)] for choice, byte in zip(choices, seed[1:], strict=False))


FUNCTIONS: Final = (
    Function("sha1sum", _hexadecimal(lambda data: hashlib.sha1(data, usedforsecurity=False)), (STRING,)),
    Function("sha256sum", _hexadecimal(hashlib.sha256), (STRING,)),
    Function("sha512sum", _hexadecimal(hashlib.sha512), (STRING,)),
    Function("adler32sum", lambda text: str(zlib.adler32(to_bytes(text))), (STRING,)),
    Function("b64enc", lambda text: base64.b64encode(to_bytes(text)).decode(), (STRING,)),
    Function("b64dec", _decoded(decode_base64), (STRING,)),
    Function("b32enc", lambda text: base64.b32encode(to_bytes(text)).decode(), (STRING,)),
    Function("b32dec", _decoded(_decode_base32), (STRING,)),
    Function("derivePassword", _derive_password, (UINT32, STRING, STRING, STRING, STRING)),
)
