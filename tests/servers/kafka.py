"""Kafka: one broker that is its own controller (KRaft). Its jars come through Maven, once, into the cache."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.servers.cache import cache, locked
from tests.servers.certificates import Authority, make_authority
from tests.servers.server import NotInstallable, Server, free_port, program

FOLDER = Path(__file__).parent / "kafka"

CLUSTER = "ZXZlbnR5YXJkLXRlc3RzMQ"
"""Its id: 16 bytes in base64."""


class KafkaServer(Server):
    """Listens without any security at `url` (HOST:PORT), in addition at `sasl_url` and `ssl_url` if asked for.

    `sasl`: SASL_PLAINTEXT with SCRAM-SHA-256, SCRAM-SHA-512 and PLAIN for `USER` and `PASSWORD`. `ssl`: TLS with the
    certificates in `authority`; a client may show one. `config` is more lines of a properties file, such as
    `auto.create.topics.enable=false`. A start takes 3 to 7 s, one after a kill 4 s more.
    """

    name = "kafka"

    USER: ClassVar[str] = "ada"
    PASSWORD: ClassVar[str] = "ada-secret"

    def __init__(self, sasl: bool = False, ssl: bool = False, config: str = "") -> None:
        super().__init__()
        self.config = config
        self.controller_port = free_port()
        self.sasl_port = free_port() if sasl else None
        self.ssl_port = free_port() if ssl else None
        self.authority: Authority | None = make_authority(self.folder / "tls") if ssl else None

    @property
    def sasl_url(self) -> str:
        """Where clients connect with SASL_PLAINTEXT."""
        assert self.sasl_port, "made without sasl=True"
        return f"{self.host}:{self.sasl_port}"

    @property
    def ssl_url(self) -> str:
        """Where clients connect with SSL."""
        assert self.ssl_port, "made without ssl=True"
        return f"{self.host}:{self.ssl_port}"

    async def create_topic(self, name: str, partitions: int = 1) -> None:
        """Create a topic and wait until all its partitions have a leader. Raises what aiokafka raises."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.url)
        await admin.start()
        try:
            answer = await admin.create_topics([NewTopic(name, num_partitions=partitions, replication_factor=1)])
            for topic, code, *why in answer.topic_errors:
                assert code == 0, f"topic {topic}: error {code} {why}"
            async with asyncio.timeout(30):
                while not await self._led(admin, name, partitions):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        finally:
            await admin.close()

    @staticmethod
    async def _led(admin: AIOKafkaAdminClient, name: str, partitions: int) -> bool:
        (topic,) = await admin.describe_topics([name])
        return len([each for each in topic["partitions"] if each["leader"] >= 0]) == partitions

    @classmethod
    def missing(cls) -> str:
        """Empty, or how to get Kafka."""
        if not program("java"):
            return "java is not installed: apt-get install openjdk-17-jre-headless, then make servers"
        return "" if _home().is_dir() else "kafka is not installed: make servers"

    @classmethod
    def install(cls) -> None:
        """Fetch the jars, about 60 MB, and format a storage folder that instances copy: that costs a JVM's start."""
        if not (program("java") and program("mvn")):
            raise NotInstallable("kafka needs Java 17 and Maven: apt-get install openjdk-17-jre-headless maven")
        with locked("kafka"):
            if _home().is_dir():
                return
            work = cache() / "kafka-new"
            shutil.rmtree(work, ignore_errors=True)
            made = work / "made"
            made.mkdir(parents=True)
            _run(
                program("mvn"),
                *("-q", "-B", "-ntp", "-f", str(FOLDER / "pom.xml"), f"-Dmaven.repo.local={work / 'repository'}"),
                *("dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={made / 'libs'}"),
            )
            properties = work / "server.properties"
            properties.write_text(_properties(made / "formatted", ["PLAINTEXT://127.0.0.1:9092"], 9093))
            scram = [f"{each}=[name={cls.USER},password={cls.PASSWORD}]" for each in ("SCRAM-SHA-256", "SCRAM-SHA-512")]
            _run(
                *(program("java"), "-Xmx128m", "-cp", str(made / "libs" / "*"), "kafka.tools.StorageTool"),
                *("format", "-t", CLUSTER, "-c", str(properties), "--add-scram", scram[0], "--add-scram", scram[1]),
            )
            made.rename(_home())
            shutil.rmtree(work)

    def command(self) -> Sequence[str]:
        """The properties file is written anew: other values may have been set meanwhile."""
        listeners = [f"PLAINTEXT://{self.url}"]
        more: list[str] = []
        if self.sasl_port:
            listeners.append(f"SASL_PLAINTEXT://{self.sasl_url}")
            more += self._sasl()
        if self.ssl_port:
            listeners.append(f"SSL://{self.ssl_url}")
            more += self._ssl()
        path = self.folder / "server.properties"
        path.write_text("\n".join([_properties(self.data(), listeners, self.controller_port), *more, self.config, ""]))
        return broker(path)

    def data(self) -> Path:
        """The folder of the log, formatted."""
        data = self.folder / "data"
        if not data.exists():
            shutil.copytree(_home() / "formatted", data)
        return data

    def _sasl(self) -> list[str]:
        modules = "org.apache.kafka.common.security"
        listener = "listener.name.sasl_plaintext"
        scram = f"{modules}.scram.ScramLoginModule required;"
        return [
            f"{listener}.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
            f"{listener}.scram-sha-256.sasl.jaas.config={scram}",
            f"{listener}.scram-sha-512.sasl.jaas.config={scram}",
            f"{listener}.plain.sasl.jaas.config={modules}.plain.PlainLoginModule required"
            f' user_{self.USER}="{self.PASSWORD}";',
        ]

    def _ssl(self) -> list[str]:
        assert self.authority is not None
        both = self.folder / "tls" / "broker.pem"
        both.write_bytes(self.authority.server_key.read_bytes() + self.authority.server_cert.read_bytes())
        return [
            "ssl.client.auth=requested",
            "ssl.keystore.type=PEM",
            f"ssl.keystore.location={both}",
            "ssl.truststore.type=PEM",
            f"ssl.truststore.location={self.authority.ca}",
        ]

    def ready(self) -> bool:
        """Its port accepts before it can answer."""
        return "Kafka Server started" in self.said


def broker(properties: Path) -> list[str]:
    """The broker's class itself: the scripts of a distribution would stand between it and us."""
    return [
        *(program("java"), "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"),
        *("-cp", str(_home() / "libs" / "*"), "kafka.Kafka", str(properties)),
    ]


def _home() -> Path:
    """Where the jars and the formatted folder are; another place if what they are made from changes."""
    made_from = (FOLDER / "pom.xml").read_bytes() + (FOLDER / "broker.properties").read_bytes()
    made_from += f"{CLUSTER} {KafkaServer.USER} {KafkaServer.PASSWORD}".encode()
    return cache() / f"kafka-{hashlib.sha256(made_from).hexdigest()[:12]}"


def _properties(data: Path, listeners: Sequence[str], controller_port: int) -> str:
    names = [each.partition(":")[0] for each in listeners]
    return (FOLDER / "broker.properties").read_text() + "\n".join(
        [
            f"log.dirs={data}",
            f"listeners={','.join(listeners)},CONTROLLER://127.0.0.1:{controller_port}",
            f"advertised.listeners={','.join(listeners)}",
            f"listener.security.protocol.map=CONTROLLER:PLAINTEXT,{','.join(f'{name}:{name}' for name in names)}",
            f"controller.quorum.voters=1@127.0.0.1:{controller_port}",
        ]
    )


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotInstallable(f"kafka: {command[0]} failed:\n{(done.stdout + done.stderr).strip()[-4000:]}")
