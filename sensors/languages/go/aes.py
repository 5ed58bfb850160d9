"""AES with keys of 256 bits in chained blocks (FIPS 197, SP 800-38A): what `encryptAES` of sprig writes, `decryptAES` reads.

It is here for manifests that have it; in Python it is slow, and how long it takes may tell of the key.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

BLOCK: Final = 16
"""Bytes of a block."""

_ROUNDS: Final = 14


def _times(one: int, other: int) -> int:
    """The product of two bytes in the field of AES."""
    product = 0
    while other:
        if other & 1:
            product ^= one
        one = one << 1 ^ (0x11B if one & 0x80 else 0)
        other >>= 1
    return product


def _make_box() -> bytes:
    """The substitution of bytes: the inverse in the field, and a turn of its bits."""
    inverses = [0] * 256
    power, inverse = 1, 1
    for _ in range(255):
        # 3 generates all, and 0xF6 is its inverse.
        inverses[power] = inverse
        power, inverse = _times(power, 3), _times(inverse, 0xF6)
    box = bytearray()
    for byte in inverses:
        turned = byte
        for shift in range(1, 5):
            turned ^= (byte << shift | byte >> (8 - shift)) & 0xFF
        box.append(turned ^ 0x63)
    return bytes(box)


class Cipher:
    """AES with one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        box = _make_box()
        self._box = box
        self._unbox = bytes(box.index(byte) for byte in range(256))
        self._products = {
            factor: bytes(_times(byte, factor) for byte in range(256)) for factor in (2, 3, 9, 11, 13, 14)
        }
        self._keys = self._expand(key)

    def _expand(self, key: bytes) -> Sequence[bytes]:
        """A key for each round."""
        words = [key[at : at + 4] for at in range(0, 32, 4)]
        constant = 1
        while len(words) < 4 * (_ROUNDS + 1):
            word = words[-1]
            if len(words) % 8 == 0:
                word = (word[1:] + word[:1]).translate(self._box)
                word = bytes((word[0] ^ constant,)) + word[1:]
                constant = _times(constant, 2)
            elif len(words) % 8 == 4:
                word = word.translate(self._box)
            words.append(_xor(word, words[-8]))
        return [b"".join(words[at : at + 4]) for at in range(0, len(words), 4)]

    def encrypt(self, data: bytes, start: bytes) -> bytes:
        """Whole blocks, each mixed with the one before it, the first with `start`."""
        blocks = [start]
        for at in range(0, len(data), BLOCK):
            blocks.append(self._encrypt(_xor(data[at : at + BLOCK], blocks[-1])))
        return b"".join(blocks[1:])

    def decrypt(self, data: bytes, start: bytes) -> bytes:
        before = start
        blocks: list[bytes] = []
        for at in range(0, len(data), BLOCK):
            block = data[at : at + BLOCK]
            blocks.append(_xor(self._decrypt(block), before))
            before = block
        return b"".join(blocks)

    def _encrypt(self, block: bytes) -> bytes:
        state = _xor(block, self._keys[0])
        for number in range(1, _ROUNDS + 1):
            state = state.translate(self._box)
            state = bytes(state[(at + 4 * (at % 4)) % BLOCK] for at in range(BLOCK))
            if number < _ROUNDS:
                state = self._mixed(state, (2, 3, 1, 1))
            state = _xor(state, self._keys[number])
        return state

    def _decrypt(self, block: bytes) -> bytes:
        state = _xor(block, self._keys[_ROUNDS])
        for number in range(_ROUNDS - 1, -1, -1):
            state = bytes(state[(at - 4 * (at % 4)) % BLOCK] for at in range(BLOCK))
            state = _xor(state.translate(self._unbox), self._keys[number])
            if number:
                state = self._mixed(state, (14, 11, 13, 9))
        return state

    def _mixed(self, state: bytes, factors: Sequence[int]) -> bytes:
        """Each column multiplied with a matrix whose rows are turns of `factors`."""
        mixed = bytearray()
        for column in range(0, BLOCK, 4):
            for row in range(4):
                byte = 0
                for at in range(4):
                    factor = factors[(at - row) % 4]
                    value = state[column + at]
                    byte ^= value if factor == 1 else self._products[factor][value]
                mixed.append(byte)
        return bytes(mixed)


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
