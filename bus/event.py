"""The event: an immutable CloudEvents 1.0 value that parses its data at most once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, TypeVar

import msgspec
import orjson

_NO_EXTENSIONS: Final[Mapping[str, str]] = MappingProxyType({})
_UNSET: Final = object()
T = TypeVar("T")


ORIGIN: Final = "originsource"
"""The extension with the source of a CloudEvent that was filed under an EventSource."""


def random_id() -> str:
    """32 lower-case hex characters, as Argo Events writes them."""
    return uuid.uuid4().hex


def now_text(now: Callable[[], datetime] | None = None) -> str:
    """The present time as RFC 3339 in UTC with a `Z`, trailing zeros of the fraction trimmed."""
    moment = datetime.now(UTC) if now is None else now().astimezone(UTC)
    text = moment.isoformat()[:-6]
    return (text.rstrip("0") if moment.microsecond else text) + "Z"


def _parse(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        text = data.decode("utf-8", "replace")
        if "\ufffd" not in text:
            raise
        return orjson.loads(text)


class Event(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One CloudEvent.

    id, source and type are never empty. `subject` is the event name (the key under the source's type), `time` RFC 3339
    text, `data` the payload's bytes (None = no data at all), `extensions` the CloudEvents extension attributes as text.
    Two events are the same event if `source`, `subject` and `id` are equal.
    """

    id: str
    source: str
    type: str
    subject: str = ""
    time: str = ""
    datacontenttype: str = "application/json"
    dataschema: str = ""
    data: bytes | None = None
    extensions: Mapping[str, str] = _NO_EXTENSIONS
    _parsed: Any = _UNSET
    _written: bool = False
    _document: Any = _UNSET
    _views: dict[Callable[[Event], Any], Any] | None = None

    @classmethod
    def new(
        cls,
        *,
        source: str,
        subject: str,
        type: str,
        data: bytes | None,
        id: str = "",
        time: str = "",
        datacontenttype: str = "application/json",
        dataschema: str = "",
        extensions: Mapping[str, str] = _NO_EXTENSIONS,
        parsed: Any = _UNSET,
    ) -> Event:
        """An event made here and now; `parsed` hands over what `data` was written from, so nobody parses it again."""
        return cls(
            id=id or random_id(),
            source=source,
            subject=subject,
            type=type,
            data=data,
            time=time or now_text(),
            datacontenttype=datacontenttype,
            dataschema=dataschema,
            extensions=extensions,
            _parsed=parsed,
            _written=parsed is not _UNSET,
        )

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes an event the same event: source, subject, id, and the source it had elsewhere (an id is unique only
        together with its source)."""
        return (self.source, self.subject, self.id, self.origin)

    @property
    def origin(self) -> str:
        """The source that an event had before it was filed under an EventSource; empty for most."""
        return self.extensions.get(ORIGIN, "") if self.extensions else ""

    @property
    def size(self) -> int:
        """Bytes of data."""
        return len(self.data) if self.data is not None else 0

    def json(self) -> Any:
        """The data parsed as JSON, shared by all readers, who must not change it.

        Raises ValueError if the data is absent or not JSON. Numbers beyond 64 bits become floats; bytes that are not UTF-8
        become U+FFFD.
        """
        if self._parsed is _UNSET:
            if self.data is None:
                raise ValueError("the event has no data")
            msgspec.structs.force_setattr(self, "_parsed", _parse(self.data))
        return self._parsed

    def with_data(self, data: bytes, parsed: Any = _UNSET) -> Event:
        """The same event with other data, which is JSON; `parsed` hands over what it was written from."""
        return msgspec.structs.replace(
            self,
            data=data,
            datacontenttype="application/json",
            _parsed=parsed,
            _written=parsed is not _UNSET,
            _document=_UNSET,
            _views=None,
        )

    @property
    def is_written(self) -> bool:
        """Whether the data was written from its parse, so that the one says all that the other does."""
        return self._written

    def view(self, make: Callable[[Event], T]) -> T:
        """What `make` makes of this event, made once and shared by all readers, who must not change it."""
        if self._views is None:
            msgspec.structs.force_setattr(self, "_views", {})
        views: Any = self._views
        if make not in views:
            views[make] = make(self)
        return views[make]  # type: ignore[no-any-return]

    def context(self) -> dict[str, str]:
        """The context attributes by their CloudEvents names, absent ones left out, without extensions."""
        attributes = {"id": self.id, "source": self.source, "specversion": "1.0", "type": self.type}
        for name in ("datacontenttype", "subject", "time", "dataschema"):
            if value := getattr(self, name):
                attributes[name] = value
        return attributes

    def document(self) -> dict[str, Any]:
        """The whole CloudEvent as JSON-like values, `data` parsed if it is JSON, else text, else absent.

        This is what JMESPath sees; shared by all readers, who must not change it.
        """
        if self._document is _UNSET:
            document: dict[str, Any] = {**self.extensions, **self.context()}
            if self.data is not None:
                try:
                    document["data"] = self.json()
                except ValueError:
                    document["data"] = self.data.decode("utf-8", "replace")
            msgspec.structs.force_setattr(self, "_document", document)
        return self._document  # type: ignore[no-any-return]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Event):
            return NotImplemented
        return (
            self.context() == other.context()
            and self.data == other.data
            and dict(self.extensions) == dict(other.extensions)
        )

    def __hash__(self) -> int:
        return hash(self.key)
