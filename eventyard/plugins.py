"""What third parties may import; nothing else of this program is promised to stay."""

from bus.event import Event
from config.errors import EventyardError, Permanent, Temporary
from config.model import ConfigMapKeySelector, Model, SecretKeySelector
from config.secret import Secret
from eventsources.base import CatchesUp, CaughtUp, Emit, EventSource, Missed, SourceContext
from triggers.base import Document, Outcome, Rendered, Result, Trigger, TriggerContext, Values

__all__ = [
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
