"""Functions of sprig that templates cannot call here, with the reasons, which are told when a manifest is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_ENVIRONMENT: Final = "the environment of eventyard, and what is secret in it, is not for templates"
_SLOW: Final = "it would hold up all other events; hash the password beforehand"
_KEYS: Final = "keys and certificates are not made while events wait; put them into a Secret"

REFUSED: Final[Mapping[str, str]] = {
    **dict.fromkeys(("env", "expandenv"), _ENVIRONMENT),
    "getHostByName": "templates do not ask the network",
    **dict.fromkeys(("bcrypt", "htpasswd"), _SLOW),
    **dict.fromkeys(
        (
            "genPrivateKey",
            "genCA",
            "genCAWithKey",
            "genSelfSignedCert",
            "genSelfSignedCertWithKey",
            "genSignedCert",
            "genSignedCertWithKey",
            "buildCustomCert",
        ),
        _KEYS,
    ),
}
