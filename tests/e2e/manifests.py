"""Manifests as tests write them: each part in a file of its own, so that one can be changed alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

API = "argoproj.io/v1alpha1"


def write(folder: Path, name: str, *documents: dict[str, Any]) -> Path:
    """Put documents into a file of the folder of manifests, in one step as an editor does."""
    path = folder / "manifests" / f"{name}.yaml"
    path.parent.mkdir(exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text("\n---\n".join(json.dumps(each, indent=1) for each in documents))
    new.rename(path)
    return path


def webhooks(events: Mapping[str, Mapping[str, Any]], name: str = "hooks") -> dict[str, Any]:
    """An EventSource of webhooks."""
    return {
        "apiVersion": API,
        "kind": "EventSource",
        "metadata": {"name": name},
        "spec": {"webhook": {event: {"method": "POST", **settings} for event, settings in events.items()}},
    }


def sensor(
    name: str, *triggers: dict[str, Any], listen: dict[str, str] | None = None, jmespath: str = ""
) -> dict[str, Any]:
    """A Sensor; `listen` says for each dependency which event of `hooks` it waits for, `jmespath` filters them all."""
    filters = {"filters": {"jmespath": [jmespath]}} if jmespath else {}
    return {
        "apiVersion": API,
        "kind": "Sensor",
        "metadata": {"name": name},
        "spec": {
            "dependencies": [
                {"name": dependency, "eventSourceName": "hooks", "eventName": event, **filters}
                for dependency, event in (listen or {"event": "in"}).items()
            ],
            "triggers": list(triggers),
        },
    }


def post(
    url: str, name: str = "post", *, conditions: str = "", http: dict[str, Any] | None = None, **settings: Any
) -> dict[str, Any]:
    """A trigger that posts the id of the event of the dependency `event`."""
    call = {
        "url": url,
        "method": "POST",
        "headers": {"Content-Type": "application/json"},
        "payload": [{"src": {"dependencyName": "event", "dataKey": "body.id"}, "dest": "id"}],
        **(http or {}),
    }
    return {"template": {"name": name, "http": call, **({"conditions": conditions} if conditions else {})}, **settings}


def secret(name: str, **values: str) -> dict[str, Any]:
    """A Secret as a document beside the manifests."""
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": values}
