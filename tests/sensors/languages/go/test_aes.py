"""AES-256, with the examples of the standards."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.languages.go.aes import BLOCK, Cipher


def test_fips_197() -> None:
    key = bytes(range(32))
    block = bytes.fromhex("00112233445566778899aabbccddeeff")
    encrypted = Cipher(key).encrypt(block, bytes(BLOCK))
    assert encrypted.hex() == "8ea2b7ca516745bfeafc49904b496089"
    assert Cipher(key).decrypt(encrypted, bytes(BLOCK)) == block


def test_sp_800_38a() -> None:
    key = bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
    start = bytes.fromhex("000102030405060708090a0b0c0d0e0f")
    data = bytes.fromhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51")
    encrypted = Cipher(key).encrypt(data, start)
    assert encrypted.hex() == "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"


@settings(max_examples=20)
@given(st.binary(min_size=32, max_size=32), st.binary(min_size=BLOCK, max_size=BLOCK), st.integers(0, 3), st.data())
def test_what_is_encrypted_can_be_decrypted(key: bytes, start: bytes, blocks: int, data: st.DataObject) -> None:
    plain = data.draw(st.binary(min_size=blocks * BLOCK, max_size=blocks * BLOCK))
    cipher = Cipher(key)
    assert cipher.decrypt(cipher.encrypt(plain, start), start) == plain
