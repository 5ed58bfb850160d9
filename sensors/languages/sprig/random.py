"""sprig's functions of chance."""

from __future__ import annotations

import base64
import string
import uuid
from random import Random
from typing import Final

from sensors.languages.go.limits import GoError, check_items
from sensors.languages.go.text import valid
from sensors.languages.go.values import Int
from sensors.languages.gotemplate.functions import INT, STRING, Function

_ALPHABETS: Final = {
    "randAlphaNum": string.ascii_letters + string.digits,
    "randAlpha": string.ascii_letters,
    "randNumeric": string.digits,
    "randAscii": "".join(map(chr, range(32, 127))),
}


def random_functions(random: Random) -> list[Function]:
    """The functions that ask `random`."""

    def characters(alphabet: str, count: int) -> str:
        check_items(count)
        return "".join(random.choices(alphabet, k=max(count, 0)))

    def integer(least: int, most: int) -> Int:
        if most <= least:
            raise GoError("there is no number between these")
        return Int(random.randrange(least, most))

    def shuffle(text: str) -> str:
        check_items(len(text))
        kept = list(valid(text))
        random.shuffle(kept)
        return "".join(kept)

    def some_bytes(count: int) -> str:
        if count < 0:
            raise GoError("there are no fewer than 0 bytes")
        check_items(count)
        return base64.b64encode(random.randbytes(count)).decode()

    return [
        *(
            Function(name, lambda count, alphabet=alphabet: characters(alphabet, count), (INT,))
            for name, alphabet in _ALPHABETS.items()
        ),
        Function("randInt", integer, (INT, INT)),
        Function("randBytes", some_bytes, (INT,)),
        Function("shuffle", shuffle, (STRING,)),
        Function("uuidv4", lambda: str(uuid.UUID(bytes=random.randbytes(16), version=4))),
    ]
