"""Registering hooks at GitHub: the one with our address is found and changed if it differs, made if there is none, never
made twice.

https://docs.github.com/en/rest/repos/webhooks, https://docs.github.com/en/rest/orgs/webhooks
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field
from hashlib import pbkdf2_hmac
from typing import Any, Final

import msgspec

from eventsources.github.api import GitHubClient, Refusal, decode
from eventsources.github.settings import GitHubSettings, Place

ALL: Final = "*"
ROUNDS: Final = 100_000
"""Of hashing, so that guessing a secret from its digest is slow."""

_FORM: Final = "form"


class HookConfig(msgspec.Struct, frozen=True):
    """Where a hook delivers to and how. GitHub shows a secret as asterisks, and the number as it likes."""

    url: str = ""
    content_type: str = _FORM
    insecure_ssl: str | int = "0"
    secret: str = ""


class Hook(msgspec.Struct, frozen=True):
    """A hook as GitHub has it."""

    id: int
    active: bool = False
    events: list[str] = []
    config: HookConfig = HookConfig()


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedHook:
    """A hook as a manifest wants it."""

    url: str
    events: tuple[str, ...]
    active: bool
    content_type: str
    insecure: bool
    secret: str = field(repr=False)
    digest: str = field(repr=False)
    """Tells whether the secret was changed since; made so that it does not tell the secret."""

    def differences(self, hook: Hook, written: str) -> list[str]:
        """What of a hook is not as it should be. `written` is the digest of the secret that it was last given, as GitHub
        does not show it."""
        config = hook.config
        found = {
            "url": config.url == self.url,
            "events": _as_set(hook.events) == _as_set(self.events),
            "active": hook.active == self.active,
            "contentType": config.content_type == (self.content_type or _FORM),
            "insecure": (str(config.insecure_ssl) == "1") == self.insecure,
            "webhookSecret": bool(config.secret) == bool(self.secret) and written == self.digest,
        }
        return [name for name, same in found.items() if not same]

    def body(self) -> dict[str, Any]:
        """What GitHub is told. A config that is given replaces the whole of it."""
        config = {"url": self.url, "insecure_ssl": "1" if self.insecure else "0"}
        if self.content_type:
            config["content_type"] = self.content_type
        if self.secret:
            config["secret"] = self.secret
        return {"active": self.active, "events": list(self.events), "config": config}


@dataclass(frozen=True, slots=True)
class Registered:
    """A hook that is as it should be: its id, and what had to be done for it in a few words, "" if nothing."""

    id: int
    done: str = ""


def wanted_hook(settings: GitHubSettings, secret: str) -> WantedHook:
    """The hook that each of the places is to have."""
    assert settings.webhook is not None
    url = settings.webhook.public_url
    return WantedHook(
        url=url,
        events=tuple(dict.fromkeys(settings.events or ())),
        active=settings.active,
        content_type=settings.content_type,
        insecure=settings.insecure,
        secret=secret,
        digest=pbkdf2_hmac("sha256", secret.encode(), url.encode(), ROUNDS).hex() if secret else "",
    )


async def register(
    client: GitHubClient, place: Place, wanted: WantedHook, *, id: int = 0, written: str = ""
) -> Registered:
    """See to it that a place has the hook. `id` is the one that it had before, whose address may have been another;
    `written` the digest of its secret. Raises Temporary."""
    hook = await find(client, place, wanted.url, id)
    if hook is None:
        try:
            answer = await client.send("POST", f"{place.path}/hooks", {"name": "web", **wanted.body()})
        except Refusal as refusal:
            # Somebody else, another instance of us for one, was quicker. Only if it is really there is all well.
            hook = await find(client, place, wanted.url, id) if refusal.status == 422 else None
            if hook is None:
                raise
        else:
            return Registered(decode(answer, Hook).id, "registered")
    different = wanted.differences(hook, written)
    if not different:
        return Registered(hook.id)
    await client.send("PATCH", f"{place.path}/hooks/{hook.id}", wanted.body())
    return Registered(hook.id, f"changed ({', '.join(different)})")


async def find(client: GitHubClient, place: Place, url: str, id: int = 0) -> Hook | None:
    """The hook with this address, else the one with this id. Raises Temporary."""
    known = None
    async with aclosing(client.pages(f"{place.path}/hooks")) as pages:
        async for page in pages:
            for hook in decode(page, list[Hook]):
                if hook.config.url == url:
                    return hook
                if hook.id == id:
                    known = hook
    return known


async def remove(client: GitHubClient, place_path: str, id: int) -> None:
    """Delete a hook; one that is not there any more is as good as deleted. Raises Temporary."""
    try:
        await client.send("DELETE", f"{place_path}/hooks/{id}")
    except Refusal as refusal:
        if refusal.status != 404:
            raise


def _as_set(events: list[str] | tuple[str, ...]) -> frozenset[str]:
    return frozenset((ALL,)) if ALL in events else frozenset(events)
