"""`spec.resource.<event>`: its fields and what can be wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, Literal

from pydantic import Field

from config.model import Instant, Model
from eventsources.base import TextTest
from eventsources.resource.selectors import BadSelector, requirement

EventType = Literal["ADD", "UPDATE", "DELETE"]

Finding = tuple[str, str, str]

_NAMESPACE: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_PART: Final = re.compile(r"[^\s/%]*")
_SHORT_HOUR: Final = re.compile(r"T(\d):")
_EQUAL: Final = frozenset({"=", "=="})
_ZERO: Final = datetime.min.replace(tzinfo=UTC)
"""What Go holds for no time at all."""


class LabelRequirement(Model):
    """What a label has to be. The server sees to it, so an object that comes to meet it is an ADD, and one that ceases to a
    DELETE."""

    key: str = Field(default="", description="The label.")
    operation: str = Field(
        default="",
        description="=, ==, !=, in, notin (values with commas between them), exists, !, gt or lt; by default =.",
    )
    value: str = Field(default="", description="What it is compared with; nothing for exists and !.")


class FieldRequirement(Model):
    """What a text within the object has to be."""

    key: str = Field(default="", description="A gjson path in the object, such as status.phase.")
    operation: str = Field(default="", description="= or == (the value matches) or != (it does not).")
    value: str = Field(
        default="", description="A regular expression that is found anywhere in the text; ^ and $ stand for its ends."
    )


class ResourceFilter(Model):
    """Which objects are told of; all of it has to hold. `jmespath` is eventyard's own."""

    prefix: str = Field(default="", description="How names of objects begin.")
    labels: list[LabelRequirement] | None = Field(default=None, description="Label selectors.")
    fields: list[FieldRequirement] | None = Field(default=None, description="Conditions on texts within the object.")
    created_by: Instant | None = Field(default=None, description="Objects that were created after this are left out.")
    after_start: bool = Field(
        default=False, description="Objects that are there when the source first starts are not told of as added."
    )
    jmespath: str = Field(default="", description="A JMESPath expression about the whole CloudEvent.")


class ResourceSettings(Model):
    """`spec.resource.<event>`."""

    namespace: str = Field(default="", description="Where the objects are; by default in all namespaces.")
    group: str = Field(default="", description="Their API group, such as apps; none for Pods, ConfigMaps and the like.")
    version: str = Field(default="", description="The version of the group, such as v1.")
    resource: str = Field(default="", description="The plural of their kind in small letters, such as deployments.")
    event_types: list[EventType] | None = Field(default=None, description="What is told of: ADD, UPDATE, DELETE.")
    filter: ResourceFilter | None = Field(default=None, description="Which objects are told of.")
    metadata: dict[str, str] | None = Field(default=None, description="Becomes part of each event's data.")

    @property
    def chosen(self) -> ResourceFilter:
        """The filter; an empty one if there is none."""
        return self.filter or ResourceFilter()

    @property
    def created_by(self) -> datetime | None:
        """The filter's time, if it has one. Raises ValueError for an offset that no place has."""
        text = self.chosen.created_by
        instant = datetime.fromisoformat(_SHORT_HOUR.sub(r"T0\1:", text)) if text else None
        return None if instant == _ZERO else instant

    def tests(self) -> list[TextTest]:
        """The conditions on fields."""
        return [
            TextTest(
                at=("filter", "fields", index), path=each.key, pattern=each.value, matches=each.operation in _EQUAL
            )
            for index, each in enumerate(self.chosen.fields or ())
        ]

    def check(self) -> list[Finding]:
        """Faults and warnings: (field path, what, fix)."""
        return [*self._check_names(), *self._check_filter()]

    def _check_names(self) -> Iterator[Finding]:
        if self.namespace and not _NAMESPACE.fullmatch(self.namespace):
            yield "namespace", f"'{self.namespace}' is no name of a namespace", "leave it out for all namespaces"
        for name in ("group", "version", "resource"):
            value: str = getattr(self, name)
            if not _PART.fullmatch(value):
                fix = (
                    "write apps/v1 as group: apps and version: v1" if name == "version" else "see kubectl api-resources"
                )
                yield name, f"'{value}' is no {name}", fix
        if self.event_types is not None and not self.event_types:
            yield "eventTypes", "warning: is empty, so that nothing is ever told", "name ADD, UPDATE or DELETE"

    def _check_filter(self) -> Iterator[Finding]:
        for index, label in enumerate(self.chosen.labels or ()):
            try:
                requirement(label.key, label.operation, label.value)
            except BadSelector as error:
                yield f"filter.labels.{index}.{error.field}", str(error), error.fix
        for index, field in enumerate(self.chosen.fields or ()):
            if field.operation not in (*_EQUAL, "!="):
                what = f"'{field.operation}' is no operation" if field.operation else "is missing"
                what += ", with which Argo Events drops every event"
                yield f"filter.fields.{index}.operation", what, "write == or !="
        try:
            _ = self.created_by
        except ValueError:
            yield "filter.createdBy", "is no time", "write it like 2026-01-02T15:04:05Z"
