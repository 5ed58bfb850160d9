"""Functions that users of Kubernetes know from Kyverno's JMESPath, under the same names and signatures.

Left out are those whose result is not determined by their arguments (`random`), that ask the network
(`is_external_url`), or that are about a cluster's images and certificates (`image_normalize`, `x509_decode`).
Where Kyverno goes on with a wrong value, such as a version that is none, these raise an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import time_ns
from types import MappingProxyType
from typing import Any

from sensors.languages.jmes.extra_data import data_functions
from sensors.languages.jmes.extra_numbers import NUMBERS
from sensors.languages.jmes.extra_patterns import PATTERNS
from sensors.languages.jmes.extra_text import TEXT
from sensors.languages.jmes.extra_time import time_functions
from sensors.languages.jmes.function import Function


def extra_functions(read_yaml: Callable[[str], Any], now: Callable[[], int] = time_ns) -> Mapping[str, Function]:
    """The functions by name, to be given to `compile_expression`.

    `read_yaml` gives the value of a YAML document or raises ValueError; `now` gives the present as nanoseconds since
    1970. Only the functions named `time_now`, `time_now_utc` and `time_since` ask for the present.
    """
    functions = (*PATTERNS, *TEXT, *NUMBERS, *data_functions(read_yaml), *time_functions(now))
    return MappingProxyType({function.name: function for function in functions})
