"""One server of each kind for the whole run, started by the first test that asks; skips where it is not installed.

A test that kills or reconfigures a server makes its own. Names of topics, streams and subjects are the test's own too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import pytest

from tests.servers.kafka import KafkaServer
from tests.servers.kube import Kube
from tests.servers.mosquitto import Mosquitto
from tests.servers.moto import MotoServer
from tests.servers.nats import NatsServer
from tests.servers.server import Server

S = TypeVar("S", bound=Server)


def running(kind: type[S]) -> Iterator[S]:
    """A started server."""
    if missing := kind.missing():
        pytest.skip(missing)
    with kind() as server:
        yield server


@pytest.fixture(scope="session")
def nats_server() -> Iterator[NatsServer]:
    """With JetStream."""
    yield from running(NatsServer)


@pytest.fixture(scope="session")
def kafka_server() -> Iterator[KafkaServer]:
    """Without security."""
    yield from running(KafkaServer)


@pytest.fixture(scope="session")
def mosquitto() -> Iterator[Mosquitto]:
    """Anonymous."""
    yield from running(Mosquitto)


@pytest.fixture(scope="session")
def moto_server() -> Iterator[MotoServer]:
    """All of AWS."""
    yield from running(MotoServer)


@pytest.fixture(scope="session")
def kube() -> Iterator[Kube]:
    """With the custom resources of `crds/`."""
    for server in running(Kube):
        server.install_crds()
        yield server
