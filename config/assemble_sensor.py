"""Objects -> Sensors: dependencies and triggers are decoded one by one, so that a wrong one does not hide the next."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import Field

from config.backoff import Backoff, doubts
from config.block import Block, FieldPath
from config.decode import field_names, field_of
from config.envelope import Envelope
from config.findings import Findings
from config.model import Model
from config.sensor import (
    Await,
    ConditionsReset,
    Dependency,
    Flow,
    RateLimit,
    SensorManifest,
    SensorSpec,
    TriggerManifest,
    TriggerParameter,
    TriggerPolicy,
)


class TriggerFields(Model):
    """What is generic about a trigger, beside its template and its dlqTrigger."""

    parameters: list[TriggerParameter] = []
    policy: TriggerPolicy | None = None
    retry_strategy: Backoff | None = None
    rate_limit: RateLimit | None = None
    at_least_once: bool | None = None
    flow: Flow = Flow()
    await_: Await | None = Field(default=None, alias="await")


class TemplateFields(Model):
    """What is generic about a trigger template, beside its bodies."""

    name: str = ""
    conditions: str = ""
    conditions_reset: list[ConditionsReset] = []


_LISTS: Final = ("dependencies", "triggers")
_NESTED: Final = ("template", "dlqTrigger")


def assemble_sensor(
    value: Mapping[str, Any], root: FieldPath, findings: Findings, types: Collection[str]
) -> SensorManifest:
    """A Sensor whose triggers have bodies of those types, the first of which fires."""
    envelope = Envelope(value, root, findings)
    path = (*root, "spec")
    dependency_list, trigger_list = (field_of(envelope.spec, name) for name in _LISTS)
    rest = {key: inner for key, inner in envelope.spec.items() if key.casefold() not in _LISTS}
    spec = envelope.decode(SensorSpec, rest, path, others=_LISTS)
    dependencies = [
        envelope.decode(Dependency, item, at)
        for at, item in envelope.items(dependency_list[1], (*path, dependency_list[0]))
    ]
    triggers = _Triggers(envelope, types)
    return SensorManifest(
        metadata=envelope.metadata,
        spec=spec.model_copy(update={"dependencies": dependencies}),
        triggers=tuple(
            triggers.assemble(item, at) for at, item in envelope.items(trigger_list[1], (*path, trigger_list[0]))
        ),
        marks=findings.marks,
        path=root,
    )


@dataclass(frozen=True, slots=True)
class _Triggers:
    """Assembles the triggers of one Sensor."""

    envelope: Envelope
    types: Collection[str]

    def assemble(self, item: Any, path: FieldPath) -> TriggerManifest:
        raw = self.envelope.mapping(item, path)
        rest = {key: inner for key, inner in raw.items() if key.casefold() not in ("template", "dlqtrigger")}
        fields = self.envelope.decode(TriggerFields, rest, path, others=_NESTED)
        self._doubts(raw, ("retryStrategy",), path)
        self._doubts(raw, ("policy", "k8s", "backoff"), path)
        key, inner = field_of(raw, "template")
        template = self._template(inner, (*path, key))
        head = self.envelope.decode(TemplateFields, template, (*path, key), others=template)
        dlq_key, dlq = field_of(raw, "dlqTrigger")
        return TriggerManifest(
            name=head.name,
            conditions=head.conditions,
            conditions_reset=tuple(head.conditions_reset),
            body=self._body(template, head.name, (*path, key)),
            template=template,
            parameters=tuple(fields.parameters),
            policy=fields.policy,
            retry_strategy=fields.retry_strategy,
            rate_limit=fields.rate_limit,
            at_least_once=fields.at_least_once,
            dlq_trigger=None if dlq is None else self.assemble(dlq, (*path, dlq_key)),
            flow=fields.flow,
            awaits=fields.await_,
            path=path,
        )

    def _doubts(self, value: Mapping[str, Any], names: Sequence[str], path: FieldPath) -> None:
        """Warnings about a Backoff that only its spelling gives away."""
        for name in names:
            written, inner = field_of(value, name)
            path = (*path, written)
            if not isinstance(inner, dict):
                return
            value = inner
        for doubt in doubts(value):
            self.envelope.findings.warn((*path, doubt.path), doubt.what, doubt.fix, doubt.code)

    def _template(self, value: Any, path: FieldPath) -> Mapping[str, Any]:
        """The template with its keys as Argo Events spells them: trigger-level parameters refer to them."""
        known = [*self.types, *field_names(TemplateFields)]
        folded = {one.casefold(): one for one in known}
        template: dict[str, Any] = {}
        for key, inner in self.envelope.mapping(value, path).items():
            name = folded.get(key.casefold())
            if name is None:
                self.envelope.unknown((*path, key), known)
            elif inner is not None:
                template[name] = inner
        return template

    def _body(self, template: Mapping[str, Any], name: str, path: FieldPath) -> Block | None:
        kind = next((kind for kind in self.types if kind in template), None)
        if kind is None:
            return None
        at = (*path, kind)
        value = self.envelope.mapping(template[kind], at)
        return Block(type=kind, name=name, value=value, path=at, marks=self.envelope.marks)
