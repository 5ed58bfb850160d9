"""Where eventyard refuses what Argo Events' validators accept: manifests that could never do what they say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

STRICTER: Final[Mapping[str, str]] = {
    "no-source": "an EventSource without a source of a known type ends as soon as it starts",
    "no-action": "a trigger without an action of a known type fails at every firing",
    "unknown-event": "the EventSource is there and will never send that event",
    "unknown-dependency": "with an unknown name in its conditions a trigger never subscribes",
    "duplicate-manifest": "two manifests with one name: it would be chance which of them runs",
    "endpoint-taken": "two events have one route here, where all share a process; a cluster has pods for each EventSource",
    "port-tls": "one port here cannot have two certificates, nor be both with and without TLS; see endpoint-taken",
    "rate-limit-zero": "Argo Events divides by zero and ends",
    "bad-template": "a template that cannot be parsed, without a key or default to fall back on, fails every firing",
    "bad-stream-config": "a streamConfig that is not YAML keeps everyone from connecting",
    "not-base64": "a cluster refuses such a Secret",
    "bad-duration": "with a duration that cannot be read Argo Events never attempts the action",
    "bad-amount": "with a factor or jitter that is no number Argo Events never attempts the action",
    "helm-template": "a cluster refuses an object whose name is a template",
    "no-name": "a cluster refuses an object without a name",
}
"""By the code of the fault: why the manifest could never work."""
