"""The parts of a manifest that describe pods and Services of a cluster; here they are only read and kept."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from config.model import Int32, Int64, Model

Object = dict[str, Any]


class ObjectLabels(Model):
    """Labels and annotations for what a controller creates."""

    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None


class Reference(Model):
    """The name of an object in the same namespace."""

    name: str = ""


class EnvironmentVariable(Model):
    """A variable of a container."""

    name: str = ""
    value: str = ""
    value_from: Object | None = None


class Mount(Model):
    """Where a volume is mounted."""

    name: str = ""
    read_only: bool = False
    recursive_read_only: str | None = None
    mount_path: str = ""
    sub_path: str = ""
    mount_propagation: str | None = None
    sub_path_expr: str = ""


class Toleration(Model):
    """A taint that a pod bears."""

    key: str = ""
    operator: str = ""
    value: str = ""
    effect: str = ""
    toleration_seconds: Int64 | None = None


class ResourceNeeds(Model):
    """How much of a node a container may use."""

    limits: dict[str, int | float | str] | None = None
    requests: dict[str, int | float | str] | None = None
    claims: list[Object] | None = None


class SecurityContext(Model):
    """As whom processes run. The rest of its fields are Kubernetes' own."""

    model_config = ConfigDict(extra="allow")

    run_as_user: Int64 | None = None
    run_as_group: Int64 | None = None
    run_as_non_root: bool | None = None
    fs_group: Int64 | None = None


class Container(Model):
    """What may be said of the one container."""

    resources: ResourceNeeds | None = None
    image_pull_policy: str = ""
    security_context: SecurityContext | None = None
    volume_mounts: list[Mount] | None = None
    env: list[EnvironmentVariable] | None = None
    env_from: list[Object] | None = None


class BusContainer(Model):
    """What may be said of a container of a bus."""

    resources: ResourceNeeds | None = None
    image_pull_policy: str = ""
    security_context: SecurityContext | None = None


class PodTemplate(Model):
    """`spec.template` of an EventSource or a Sensor."""

    metadata: ObjectLabels | None = None
    service_account_name: str = ""
    container: Container | None = None
    volumes: list[Object] | None = None
    security_context: SecurityContext | None = None
    node_selector: dict[str, str] | None = None
    tolerations: list[Toleration] | None = None
    image_pull_secrets: list[Reference] | None = None
    priority_class_name: str = ""
    priority: Int32 | None = None
    affinity: Object | None = None


class ServicePort(Model):
    """One port of a Service."""

    name: str = ""
    protocol: str = ""
    app_protocol: str | None = None
    port: Int32 = 0
    target_port: Int32 | str | None = None
    node_port: Int32 = 0


class Service(Model):
    """`spec.service` of an EventSource: the Service that a cluster puts before its pods."""

    metadata: ObjectLabels | None = None
    ports: list[ServicePort] | None = None
    cluster_ip: str = Field(default="", alias="clusterIP")
