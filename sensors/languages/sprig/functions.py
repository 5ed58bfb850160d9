"""All functions that templates may call, by name: those of text/template and those of sprig 3.3."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from random import Random, SystemRandom
from typing import Final

from sensors.languages.gotemplate.builtins import BUILTINS
from sensors.languages.gotemplate.functions import Function
from sensors.languages.gotemplate.methods import TIME_METHODS
from sensors.languages.sprig import crypto as sprig_crypto
from sensors.languages.sprig import dicts as sprig_dicts
from sensors.languages.sprig import lists as sprig_lists
from sensors.languages.sprig import math as sprig_math
from sensors.languages.sprig import regex as sprig_regex
from sensors.languages.sprig import semver as sprig_semver
from sensors.languages.sprig import strings as sprig_strings
from sensors.languages.sprig import types as sprig_types
from sensors.languages.sprig import url as sprig_url
from sensors.languages.sprig import words as sprig_words
from sensors.languages.sprig.aes import aes_functions
from sensors.languages.sprig.dates import date_functions
from sensors.languages.sprig.random import random_functions

_MODULES: Final = (
    sprig_crypto,
    sprig_dicts,
    sprig_lists,
    sprig_math,
    sprig_regex,
    sprig_semver,
    sprig_strings,
    sprig_types,
    sprig_url,
    sprig_words,
)

METHODS: Final[Mapping[type, Mapping[str, Function]]] = {**TIME_METHODS, **sprig_semver.METHODS}
"""The methods that values have, by class and name."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What templates see of the world: the time, in nanoseconds since 1970, and chance."""

    now: Callable[[], int] = time.time_ns
    random: Random = SystemRandom()


SYSTEM: Final = Surroundings()


@lru_cache(maxsize=8)
def functions_in(surroundings: Surroundings) -> Mapping[str, Function]:
    """All functions by name."""
    every = chain(
        BUILTINS,
        *(module.FUNCTIONS for module in _MODULES),
        date_functions(surroundings.now),
        random_functions(surroundings.random),
        aes_functions(surroundings.random.randbytes),
    )
    return {function.name: function for function in every}
