"""sprig's encryption: AES-256 in CBC mode, with a password padded to a key, and all of it in base64."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Final

from sensors.languages.go.aes import BLOCK, Cipher
from sensors.languages.go.limits import GoError
from sensors.languages.go.text import from_bytes, to_bytes
from sensors.languages.gotemplate.functions import STRING, Function
from sensors.languages.sprig.crypto import decode_base64

_LONGEST: Final = 1 << 14
"""Bytes that are encrypted or decrypted at a time, for Python takes a tenth of a second for them."""


def _cipher(password: str) -> Cipher:
    return Cipher(to_bytes(password)[:32].ljust(32, b"\0"))


def _bounded(data: bytes) -> bytes:
    if len(data) > _LONGEST:
        raise GoError(f"more than {_LONGEST} bytes are encrypted or decrypted")
    return data


def _decrypt(password: str, text: str) -> str:
    if not text:
        return ""
    data = _bounded(decode_base64(text))
    if len(data) < 2 * BLOCK or len(data) % BLOCK:
        raise GoError("the encrypted text is incomplete")
    decrypted = _cipher(password).decrypt(data[BLOCK:], data[:BLOCK])
    if decrypted[-1] > len(decrypted):
        raise GoError("the password is wrong")
    return from_bytes(decrypted[: len(decrypted) - decrypted[-1]])


def aes_functions(random_bytes: Callable[[int], bytes]) -> list[Function]:
    """The functions of encryption, which begins with random bytes."""

    def encrypt(password: str, text: str) -> str:
        if not text:
            return ""
        data = _bounded(to_bytes(text))
        padding = BLOCK - len(data) % BLOCK
        start = random_bytes(BLOCK)
        encrypted = _cipher(password).encrypt(data + bytes((padding,)) * padding, start)
        return base64.b64encode(start + encrypted).decode()

    return [
        Function("encryptAES", encrypt, (STRING, STRING)),
        Function("decryptAES", _decrypt, (STRING, STRING)),
    ]
