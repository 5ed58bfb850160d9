from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

import eventyard.registry
from config.errors import EventyardError
from eventyard.build import SOURCES, TRIGGERS
from eventyard.registry import Plugin, Registry, Unavailable, missing_packages

OFFERS = [
    EntryPoint("log", "triggers.log:Log", TRIGGERS),
    EntryPoint("away", "tests.eventyard.no_such_module:Away", TRIGGERS),
    EntryPoint("tick", "acme_tick:Tick", SOURCES),
]


def test_a_class_is_loaded_when_it_is_asked_for() -> None:
    registry = Registry(OFFERS)
    assert registry.load(TRIGGERS, "log").kind == "log"
    assert registry.names(SOURCES) == ["tick"]
    assert registry.has(SOURCES, "tick")
    assert not registry.has(TRIGGERS, "tick")
    assert [(plugin.name, plugin.module) for plugin in registry.plugins()] == [
        ("tick", "acme_tick"),
        ("away", "tests.eventyard.no_such_module"),
        ("log", "triggers.log"),
    ]


def test_what_argo_events_has_and_this_version_has_not() -> None:
    with pytest.raises(Unavailable, match="'pulsar' is known, not available in this version"):
        Registry(OFFERS).load(SOURCES, "pulsar")


def test_a_name_that_nobody_knows() -> None:
    with pytest.raises(EventyardError, match="unknown type 'ticks'") as caught:
        Registry(OFFERS).load(SOURCES, "ticks")
    assert caught.value.fix == "did you mean 'tick'?"


def test_a_library_that_is_missing() -> None:
    with pytest.raises(EventyardError, match="needs the Python package") as caught:
        Registry(OFFERS).load(TRIGGERS, "away")
    assert caught.value.fix == "pip install 'eventyard[away]'"


def test_two_offers_of_one_name() -> None:
    with pytest.raises(EventyardError, match="two plug-ins offer 'log'"):
        Registry([*OFFERS, EntryPoint("log", "other:Log", TRIGGERS)]).plugins()


def test_what_an_extra_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [
        "aiohttp>=3",
        'no-such-package>=1.0; extra == "kafka"',
        "pytest[x]>=8 ; python_version > \"3\" and extra == 'kafka'",
        'other-package; extra == "nats"',
        'third-package; extra == "argocd"',
    ]
    monkeypatch.setattr(eventyard.registry, "requires", lambda name: wanted)
    assert missing_packages(Plugin(TRIGGERS, "kafka", "a:B", "acme")) == ["no-such-package"]
    assert missing_packages(Plugin(TRIGGERS, "argoCD", "a:B", "acme")) == ["third-package"]
    assert missing_packages(Plugin(TRIGGERS, "log", "a:B", "acme")) == []
    monkeypatch.undo()
    assert missing_packages(Plugin(TRIGGERS, "log", "a:B", "no-such-distribution")) == []
    assert missing_packages(Plugin(TRIGGERS, "log", "a:B", "")) == []
