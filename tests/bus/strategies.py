"""Events for property tests."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from bus.event import Event

# What the specification allows in a String: no control characters, no surrogates.
words = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)
awkward = st.sampled_from(['"', "%", "100% ", "a b", "%41", '"quoted"', "Euro € \U0001f600", "\\", "é", "/a?b#c"])
texts = words | awkward
times = st.datetimes().map(lambda moment: moment.isoformat().partition("+")[0] + "Z") | st.sampled_from(
    ["2026-11-23T21:52:21.629033944Z", "2026-11-23T21:52:21+01:30", "2026-11-23T21:52:21.1-05:00"]
)
extension_names = st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True).filter(
    lambda name: (
        name not in {"id", "source", "type", "subject", "time", "data", "specversion", "dataschema", "schemaurl"}
    )
)
json_strings = st.text(st.characters(exclude_categories=["Cs"]))
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | json_strings,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(json_strings, inner, max_size=4),
    max_leaves=10,
)
json_texts = st.builds(
    lambda value, indent: json.dumps(value, indent=indent).encode(), json_values, st.sampled_from([None, 1])
)


@st.composite
def events(draw: st.DrawFn, *, extensions: bool = True) -> Event:
    """Any event."""
    optional: dict[str, Any] = draw(
        st.fixed_dictionaries({}, optional={"subject": texts, "time": times, "dataschema": texts})
    )
    if extensions:
        optional["extensions"] = draw(st.dictionaries(extension_names, texts, max_size=3))
    content_type, data = draw(
        st.tuples(st.just("application/json"), st.none() | json_texts)
        | st.tuples(st.sampled_from(["application/octet-stream", "text/plain; charset=utf-8"]), st.none() | st.binary())
    )
    return Event(
        id=draw(texts), source=draw(texts), type=draw(texts), datacontenttype=content_type, data=data, **optional
    )
