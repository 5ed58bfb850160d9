"""What third parties may import; nothing else of this program is promised to stay."""

from bus.event import Event
from config.errors import EventyardError, Permanent, Temporary
from config.model import ConfigMapKeySelector, Model, SecretKeySelector
from config.secret import Secret
from eventsources.base import Emit, EventSource, SourceContext
from triggers.base import Outcome, Rendered, Trigger, TriggerContext, Values

__all__ = [
    "ConfigMapKeySelector",
    "Emit",
    "Event",
    "EventSource",
    "EventyardError",
    "Model",
    "Outcome",
    "Permanent",
    "Rendered",
    "Secret",
    "SecretKeySelector",
    "SourceContext",
    "Temporary",
    "Trigger",
    "TriggerContext",
    "Values",
]
