from __future__ import annotations

from eventyard import plugins


def test_what_third_parties_may_import() -> None:
    assert plugins.__all__ == [
        "CatchesUp",
        "CaughtUp",
        "ConfigMapKeySelector",
        "Document",
        "Emit",
        "Event",
        "EventSource",
        "EventyardError",
        "Missed",
        "Model",
        "Outcome",
        "Permanent",
        "Rendered",
        "Result",
        "Secret",
        "SecretKeySelector",
        "SourceContext",
        "Temporary",
        "Trigger",
        "TriggerContext",
        "Values",
    ]


def test_all_of_it_is_there() -> None:
    for name in plugins.__all__:
        assert getattr(plugins, name).__doc__, f"{name} is promised and has to be described"
