"""Secrets and ConfigMap values as text, at the moment a request needs them."""

from __future__ import annotations

from typing import Protocol

from config.errors import EventyardError, Permanent, Temporary
from config.model import ConfigMapKeySelector, SecretKeySelector
from config.secret import Secret


class Secrets(Protocol):
    """Looks up Secrets and ConfigMaps at the moment of use."""

    def secret(self, selector: SecretKeySelector, /) -> Secret: ...

    def config_map(self, selector: ConfigMapKeySelector, /) -> str: ...


def text_of(secrets: Secrets, selector: SecretKeySelector | ConfigMapKeySelector | None) -> str:
    """The value a selector names, empty without one.

    Raises Temporary if it is not there: nothing was sent yet, and whoever adds it need not fire anything again.
    """
    if selector is None:
        return ""
    try:
        if isinstance(selector, SecretKeySelector):
            return secrets.secret(selector).reveal()
        return secrets.config_map(selector)
    except (Temporary, Permanent):
        raise
    except EventyardError as error:
        raise Temporary(error.what, where=error.where, fix=error.fix) from None
