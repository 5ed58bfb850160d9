"""What is done at GitHub beside receiving: hooks are registered and kept as they should be, and what could not be delivered
is fetched. Nothing that goes wrong here stops the receiving; it is said and tried again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from random import random
from typing import Final, Self
from urllib.parse import urlsplit

import msgspec

from config.errors import EventyardError, Temporary
from eventsources.base import CaughtUp, Emit, Missed, SourceContext
from eventsources.github.api import GitHubClient, RateLimited, decode
from eventsources.github.deliveries import CatchUp, Known, MakeEvent, Tally
from eventsources.github.hooks import HookConfig, WantedHook, find, register, remove, wanted_hook
from eventsources.github.login import make_login
from eventsources.github.settings import APP, GitHubSettings, Place

_log = logging.getLogger("eventyard.eventsources")

PERIOD: Final = 600.0
"""Seconds between two rounds; a hook that somebody deletes is missing for so long."""

PACE: Final = 4.0
"""Seconds for each hook of a round at least: an hour has 5,000 requests, of which half are left to others."""

RETRY_FIRST: Final = 5.0
"""Seconds after which a round with problems is repeated: doubling, up to a period."""

PATIENCE: Final = 10.0
"""Seconds that deleting hooks may take at the end."""


class _Noted(msgspec.Struct):
    """What is kept of one place over restarts: its hook, the digest of the secret that it was given, its deliveries."""

    hook: int = 0
    secret: str = ""
    known: Known | None = None


class _Note(msgspec.Struct):
    """By the whole address of each place in the API, for another server has other hooks."""

    places: dict[str, _Noted] = {}


class Upkeep:
    """An async context manager; `name` is the source's, for the log. `sleep` waits that many seconds, `chance` gives numbers
    in [0, 1)."""

    def __init__(
        self,
        settings: GitHubSettings,
        context: SourceContext,
        make: MakeEvent,
        *,
        name: str,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random,
    ) -> None:
        self._settings, self._context, self._make, self._name = settings, context, make, name
        self._sleep, self._chance = sleep, chance
        self._login = make_login(settings, context)
        self._client = GitHubClient(settings.api, self._login, now=context.now)
        self._places = settings.places
        self._busy = asyncio.Lock()
        self._note: _Note | None = None
        self._said: dict[Place, str] = {}
        self._began = context.now()

    def check(self) -> None:
        """Raises EventyardError if hooks are wanted and the credentials cannot be used as they are."""
        if self._settings.wants_hooks:
            self._login.check()

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._client.__aexit__(*exc)

    async def run(self, emit: Emit) -> None:
        """Go on until cancelled."""
        self._began = self._context.now()
        pause = RETRY_FIRST
        while True:
            try:
                wait = await self._round(emit)
            except Exception as error:  # whatever it is, events must go on arriving
                known = isinstance(error, EventyardError)
                _log.error("%s: %s", self._name, error, exc_info=None if known else error)
                wait = 0.0
            if wait is None:
                wait, pause = max(PERIOD, PACE * len(self._places)), RETRY_FIRST
            else:
                wait, pause = max(wait, pause), min(pause * 2, PERIOD)
            await self._sleep(wait * (1 + self._chance() / 10))

    async def catch_up(self, emit: Emit, since: datetime | None, dry_run: bool) -> CaughtUp:
        """As `CatchesUp` has it."""
        looked = 0
        missed: list[Missed] = []
        problems: list[str] = []
        async with self._busy:
            note = await self._recall()
            for place in self._places:
                tally = Tally()
                try:
                    await self._catch_up_now(place, note, emit, since, tally, dry_run)
                except EventyardError as error:
                    tally.problems.append(_words(error))
                looked += tally.looked
                missed += tally.missed
                problems += [f"{place.name}: {problem}" for problem in tally.problems]
        return CaughtUp(looked=looked, missed=missed, problems=problems)

    async def finish(self) -> None:
        """Delete the hooks if that is wanted at the end."""
        if not self._settings.delete_hook_on_finish or not self._settings.wants_hooks:
            return
        try:
            async with asyncio.timeout(PATIENCE):
                for place in self._places:
                    try:
                        hook = await find(self._client, place, self._url)
                        if hook is not None:
                            await remove(self._client, place.path, hook.id)
                            _log.info("%s: hook %d of %s deleted", self._name, hook.id, place.name)
                    except EventyardError as error:
                        _log.warning("%s: the hook of %s stays: %s", self._name, place.name, _words(error))
        except TimeoutError:
            _log.warning("%s: GitHub takes more than %g s; some hooks stay", self._name, PATIENCE)

    # -- rounds

    async def _round(self, emit: Emit) -> float | None:
        """Look after every place once. Seconds after which it should be done again at the earliest if there were problems,
        None if there were none."""
        async with self._busy:
            note = await self._recall()
            wanted = self._wanted() if self._settings.wants_hooks else None
            again = None
            for place in self._places:
                try:
                    problems = await self._tend(place, note, wanted, emit)
                except RateLimited as limited:
                    self._say(place, _words(limited))
                    return limited.after or 0.0
                except EventyardError as error:
                    problems = [_words(error)]
                self._say(place, "; ".join(problems))
                if problems:
                    again = 0.0
            await self._remove_left(note)
            return again

    async def _tend(self, place: Place, note: _Note, wanted: WantedHook | None, emit: Emit) -> list[str]:
        """See to the hook of a place, then to its deliveries. What went wrong with single ones."""
        noted = note.places.setdefault(self._address(place), _Noted())
        if wanted is not None:
            done = await register(self._client, place, wanted, id=noted.hook, written=noted.secret)
            if done.done:
                _log.info("%s: hook %d of %s %s: %s", self._name, done.id, place.name, done.done, wanted.url)
            elif place not in self._said:
                _log.info("%s: hook %d of %s is as it should be: %s", self._name, done.id, place.name, wanted.url)
            noted.hook, noted.secret = done.id, wanted.digest
        else:
            await self._check_app_hook()
        tally = Tally()
        catch_up = self._catch_up(place, note, noted)
        await self._remember(note)
        try:
            await catch_up.run(emit, None, tally)
        finally:
            self._tell(place, tally)
        return tally.problems

    async def _remove_left(self, note: _Note) -> None:
        """Delete hooks of places that an earlier version of the manifest named, if hooks are to be deleted at the end."""
        api = self._settings.api
        if not self._settings.delete_hook_on_finish:
            return
        for address in note.places.keys() - {self._address(place) for place in self._places}:
            path = address.removeprefix(api)
            left = Place(path, path)
            if address.startswith(api) and (hook := note.places[address].hook):
                try:
                    await remove(self._client, path, hook)
                except EventyardError as error:
                    self._say(left, _words(error))
                    continue
                _log.info("%s: hook %d of %s deleted", self._name, hook, path)
            del note.places[address]
        await self._remember(note)

    async def _check_app_hook(self) -> None:
        """Raises Temporary unless the App's hook delivers to this source."""
        assert self._settings.webhook is not None
        url = decode(await self._client.get("app/hook/config", app=True), HookConfig).url
        if not urlsplit(url).path.endswith(self._settings.webhook.endpoint):
            raise Temporary(
                f"the App's hook delivers to {url or 'nowhere'}, which is not this source; nothing is fetched for it",
                fix=f"let its address end with {self._settings.webhook.endpoint}, or give webhook.url to have hooks registered",
            )

    # -- deliveries

    async def _catch_up_now(
        self, place: Place, note: _Note, emit: Emit, since: datetime | None, tally: Tally, dry_run: bool
    ) -> None:
        noted = note.places.setdefault(self._address(place), _Noted())
        if place == APP:
            await self._check_app_hook()
        elif not noted.hook:
            found = await find(self._client, place, self._url)
            if found is None:
                raise Temporary("it has no hook yet", fix="the log says why none could be registered")
            noted.hook = found.id
        await self._catch_up(place, note, noted).run(emit, since, tally, dry_run=dry_run)

    def _catch_up(self, place: Place, note: _Note, noted: _Noted) -> CatchUp:
        app = place == APP
        if noted.known is None:
            # What failed before this source was there is not its own.
            noted.known = Known(self._began + self._client.ahead)
        return CatchUp(
            client=self._client,
            path="app/hook/deliveries" if app else f"{place.path}/hooks/{noted.hook}/deliveries",
            app=app,
            make=self._make,
            known=noted.known,
            save=lambda: self._remember(note),
            sleep=self._sleep,
            now=self._context.now(),
        )

    def _address(self, place: Place) -> str:
        return self._settings.api + place.path

    @property
    def _url(self) -> str:
        """Where hooks deliver to."""
        assert self._settings.webhook is not None
        return self._settings.webhook.public_url

    def _wanted(self) -> WantedHook:
        selector = self._settings.webhook_secret
        secret = self._context.values.secret(selector).reveal() if selector is not None else ""
        return wanted_hook(self._settings, secret)

    # -- what is kept and what is said

    async def _recall(self) -> _Note:
        if self._note is None:
            noted = await self._context.notes.recall()
            try:
                self._note = msgspec.json.decode(noted, type=_Note) if noted else _Note()
            except msgspec.MsgspecError:
                _log.warning("%s: the note of what GitHub delivered cannot be read; it begins anew", self._name)
                self._note = _Note()
            self._kept = msgspec.json.encode(self._note)
        return self._note

    async def _remember(self, note: _Note) -> None:
        text = msgspec.json.encode(note)
        if text != self._kept:
            await self._context.notes.remember(text)
            self._kept = text

    def _say(self, place: Place, problem: str) -> None:
        """Log what is wrong with a place when it begins, changes or ends."""
        before = self._said.get(place, "")
        if problem and problem != before:
            _log.warning("%s: %s: %s; it is tried again", self._name, place.name, problem)
        elif before and not problem:
            _log.info("%s: %s: all is well again", self._name, place.name)
        self._said[place] = problem

    def _tell(self, place: Place, tally: Tally) -> None:
        """Log what was fetched."""
        for missed in tally.missed:
            if missed.problem:
                what = f"{missed.what} {missed.id}"
                _log.warning("%s: %s: %s was missed and is no event: %s", self._name, place.name, what, missed.problem)
        if tally.missed:
            stored = sum(missed.stored is True for missed in tally.missed)
            _log.info(
                "%s: %s: %d deliveries had failed, %d of them are events now",
                self._name,
                place.name,
                len(tally.missed),
                stored,
            )


def _words(error: EventyardError) -> str:
    return f"{error} ({error.fix})" if error.fix else str(error)
