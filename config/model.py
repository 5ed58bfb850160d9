"""The base of every manifest model, and the building blocks that several adapters share (selectors, TLS, credentials)."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

Int32 = Annotated[int, Field(ge=-(1 << 31), lt=1 << 31)]
Int64 = Annotated[int, Field(ge=-(1 << 63), lt=1 << 63)]
UInt64 = Annotated[int, Field(ge=0, lt=1 << 64)]

_RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\dT([01]?\d|2[0-3]):[0-5]\d:[0-5]\d([.,]\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


def _instant(text: str) -> str:
    found = _RFC_3339.fullmatch(text)
    try:
        valid = bool(found) and bool(date.fromisoformat(text[:10]))
    except ValueError:
        valid = False
    if not valid:
        raise PydanticCustomError("instant", "is no time; {fix}", {"fix": "write it like 2026-01-02T15:04:05Z"})
    return text


Instant = Annotated[str, AfterValidator(_instant)]
"""A point in time as RFC 3339 text."""


class Model(BaseModel):
    """A frozen piece of a manifest. Python names are snake_case, manifest names camelCase.

    Unknown keys are ignored here, as Argo Events does; `config.decode` reports them as warnings with their place.
    """

    model_config = ConfigDict(
        frozen=True,
        # Of the many models of a process few are used, so each is built when it is first.
        defer_build=True,
        extra="ignore",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        hide_input_in_errors=True,
        regex_engine="rust-regex",
    )


class SecretKeySelector(Model):
    """A key of a Secret; resolved by `config.secrets`, never stored in the manifest."""

    name: str = ""
    key: str = ""
    optional: bool | None = None


class ConfigMapKeySelector(Model):
    """A key of a ConfigMap."""

    name: str = ""
    key: str = ""
    optional: bool | None = None


class ValueFromSource(Model):
    """Where a value comes from: a Secret or a ConfigMap."""

    secret_key_ref: SecretKeySelector | None = None
    config_map_key_ref: ConfigMapKeySelector | None = None


class SecureHeader(Model):
    """A header whose value lies in a Secret or ConfigMap."""

    name: str = ""
    value_from: ValueFromSource | None = None


class BasicAuth(Model):
    """User name and password, both from Secrets."""

    username: SecretKeySelector | None = None
    password: SecretKeySelector | None = None


class TLSConfig(Model):
    """`insecureSkipVerify` wins over the certificates; `enabled` alone means the system's roots."""

    ca_cert_secret: SecretKeySelector | None = None
    client_cert_secret: SecretKeySelector | None = None
    client_key_secret: SecretKeySelector | None = None
    insecure_skip_verify: bool = False
    enabled: bool = False


MECHANISMS: Final = ("PLAIN", "OAUTHBEARER", "SCRAM-SHA-256", "SCRAM-SHA-512", "GSSAPI")


class SASLConfig(Model):
    """Kafka's login; an absent mechanism is PLAIN. The mechanisms are those of `MECHANISMS`."""

    mechanism: str = ""
    user_secret: SecretKeySelector | None = None
    password_secret: SecretKeySelector | None = None


class NATSAuth(Model):
    """The first of these that is present is used, in this order."""

    basic: BasicAuth | None = None
    token: SecretKeySelector | None = None
    nkey: SecretKeySelector | None = None
    credential: SecretKeySelector | None = None


class Metadata(Model):
    """The part of Kubernetes' ObjectMeta that means something here."""

    name: str = ""
    generate_name: str = ""
    namespace: str = ""
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
