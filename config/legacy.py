"""What fields of older versions of Argo Events became; manifests in the wild still carry them.

Argo Events ignores them, so what they once said is silently lost: whoever reads the warning learns where it went.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from config.block import FieldPath

_CONDITIONS: Final = "write the trigger's template.conditions instead, for example: a && (b || c)"
_NO_GATEWAYS: Final = "there are no Gateways any more: dependencies name eventSourceName and eventName"
_OBJECT: Final = "remove it: apiVersion and kind of the object say what it is"
_BESIDE: Final = "it belongs to the trigger, beside template"
_INSIDE: Final = "it belongs into template"
_FLAT: Final = "write its fields right under template, and those of the container under template.container"
_POD: Final = "it belongs into spec.template"
_OWN_NAMESPACE: Final = "remove it: Secrets and ConfigMaps are read from the manifest's own namespace"
_ARTIFACT: Final = "write the object into template.k8s.source.resource"

_BECAME: Final[Mapping[str, str]] = {
    "spec.circuit": _CONDITIONS,
    "spec.dependencyGroups": _CONDITIONS,
    "template.switch": _CONDITIONS,
    "spec.signals": "they are dependencies now, which name eventSourceName and eventName",
    "spec.subscription": _NO_GATEWAYS,
    "spec.eventProtocol": _NO_GATEWAYS,
    "spec.eventSourceRef": _NO_GATEWAYS,
    "spec.subscribers": _NO_GATEWAYS,
    "spec.processorPort": _NO_GATEWAYS,
    "spec.port": _NO_GATEWAYS,
    "dependencies.gatewayName": "it is eventSourceName now",
    "dependencies.jsonBody": "it belongs to the event of the EventSource",
    "spec.type": "remove it: the key under spec, such as webhook, is the type",
    "spec.serviceAccountName": _POD,
    "spec.container": _POD,
    "spec.template.spec": _FLAT,
    "k8s.group": _OBJECT,
    "k8s.version": _OBJECT,
    "k8s.resource": _OBJECT,
    "k8s.namespace": "write it into the object's metadata",
    "argoWorkflow.group": _OBJECT,
    "argoWorkflow.version": _OBJECT,
    "argoWorkflow.resource": _OBJECT,
    "triggers.templateParameters": "it is parameters now",
    "triggers.resourceParameters": "it is template.k8s.parameters now",
    "triggers.resource": _ARTIFACT,
    "triggers.message": "use a trigger such as template.nats, or send it with template.http",
    "src.operation": "it belongs beside src and dest",
    "http.serverURL": "it is url now",
    "http.retryStrategy": _BESIDE,
    "calendar.userPayload": "it is metadata now, a mapping",
    "triggers.name": _INSIDE,
    "triggers.conditions": _INSIDE,
    "triggers.conditionsReset": _INSIDE,
    **{
        f"{trigger}.template.{field}": _BESIDE
        for trigger in ("triggers", "dlqTrigger")
        for field in ("retryStrategy", "policy", "atLeastOnce", "parameters", "rateLimit", "dlqTrigger", "flow")
    },
    **{f"triggers.{body}": _INSIDE for body in ("k8s", "argoWorkflow", "http", "slack", "log", "awsLambda")},
    "template.openFaas": "OpenFaaS has no trigger of its own any more: call it with http",
    "nats.native.clusterID": "remove it: it is made from the bus's name; for a server of your own use nats.exotic",
    **{
        f"{kind}.namespace": _OWN_NAMESPACE
        for kind in (
            "github",
            "gitlab",
            "sns",
            "sqs",
            "minio",
            "slack",
            "pubSub",
            "stripe",
            "source.configmap",
            "source.git",
        )
    },
}
"""By the end of a field's path, list indices and names of events left out."""

_SOURCES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("cron", "timer", "schedule", "interval", "calendars"), "calendar"),
    **dict.fromkeys(("githubs", "githubWebhook"), "github"),
    **dict.fromkeys(("http", "webhooks", "hooks"), "webhook"),
    **dict.fromkeys(("s3", "bucket", "minios"), "minio"),
    **dict.fromkeys(("rabbitmq", "rabbit", "amqps"), "amqp"),
    **dict.fromkeys(("k8s", "kubernetes", "resources"), "resource"),
    **dict.fromkeys(("gcpPubSub", "gcpPubsub", "pubsubs"), "pubSub"),
    **dict.fromkeys(("awsSqs", "awsSQS"), "sqs"),
    **dict.fromkeys(("awsSns", "awsSNS"), "sns"),
    **dict.fromkeys(("azureEventHub", "azureEventHubs", "eventHub"), "azureEventsHub"),
}
_KINDS: Final[Mapping[str, str]] = {
    "Gateway": "an EventSource does by itself now what a Gateway did: remove it",
    "SensorTemplate": "write a Sensor",
}


def became(path: FieldPath) -> str:
    """What to do about the field at the end of that path, or nothing."""
    names = [step for step in path if isinstance(step, str)]
    # The name of an event may stand between its type and its fields.
    ends = (".".join(steps[-length:]) for steps in (names, names[:2] + names[3:]) for length in (3, 2))
    return next((_BECAME[end] for end in ends if end in _BECAME), "")


def source_became(name: str) -> str:
    """The present name of a type of source, or nothing."""
    folded = {old.casefold(): new for old, new in _SOURCES.items()}
    new = folded.get(name.casefold())
    return f"did you mean '{new}'?" if new else ""


def kind_became(kind: str) -> str:
    """What to do about a kind of older versions, or nothing."""
    return _KINDS.get(kind, "")
