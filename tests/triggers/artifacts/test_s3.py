"""triggers/artifacts/s3.py against moto."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from aiobotocore.session import AioSession

from config.errors import Permanent, Temporary
from tests.fakes.certificates import pem, server_context
from tests.fakes.sink import RESET, Sink, answer, closed_port
from tests.fakes.values import FakeSecrets
from tests.servers.moto import MotoServer
from tests.triggers.aws_settings import nowhere as nowhere
from triggers.artifacts import Artifact, Artifacts
from triggers.artifacts.document import LIMIT
from triggers.artifacts.model import S3Artifact
from triggers.artifacts.s3 import service_of

pytestmark = pytest.mark.usefixtures("nowhere")

SECRETS = {"access": "AKIA7F3A", "secret": "swordfish"}
KEYS = {"accessKey": {"name": "s", "key": "access"}, "secretKey": {"name": "s", "key": "secret"}}
OBJECTS: Mapping[str, bytes] = {"jobs/job one.yaml": b"kind: Job\n", "large": b"x" * (LIMIT + 1), "full": b"x" * LIMIT}


@pytest.fixture
async def bucket(moto_server: MotoServer) -> AsyncIterator[str]:
    """A bucket with OBJECTS in it."""
    name = f"jobs-{uuid.uuid4().hex}"
    async with AioSession().create_client(
        "s3",
        region_name="us-east-1",
        endpoint_url=moto_server.url,
        aws_access_key_id="a",
        aws_secret_access_key="b",
    ) as client:
        await client.create_bucket(Bucket=name)
        for key, body in OBJECTS.items():
            await client.put_object(Bucket=name, Key=key, Body=body)
    yield name


@pytest.fixture
async def artifacts() -> AsyncIterator[Artifacts]:
    async with Artifacts(FakeSecrets(**SECRETS, ca=pem("ca.pem"))) as found:
        yield found


def artifact(endpoint: str, name: str, key: str = "jobs/job one.yaml", **fields: Any) -> Artifact:
    """The artifact of a manifest."""
    block = {"endpoint": endpoint, "bucket": {"name": name, "key": key}, "insecure": True, **KEYS, **fields}
    return Artifact.model_validate({"s3": block})


class TestMoto:
    @pytest.mark.parametrize("fields", [{}, {"region": "us-east-1"}, {"region": "eu-central-1"}])
    async def test_an_object(
        self, artifacts: Artifacts, moto_server: MotoServer, bucket: str, fields: dict[str, Any]
    ) -> None:
        where = f"{moto_server.host}:{moto_server.port}"
        for endpoint in (where, f"http://{where}"):
            assert await artifacts.resource(artifact(endpoint, bucket, **fields)) == {"kind": "Job"}

    async def test_by_who_this_machine_is(
        self, artifacts: Artifacts, moto_server: MotoServer, bucket: str, nowhere: pytest.MonkeyPatch
    ) -> None:
        source = artifact(f"{moto_server.host}:{moto_server.port}", bucket, accessKey=None, secretKey=None)
        with pytest.raises(Temporary, match="no AWS credentials"):
            await artifacts.resource(source)
        nowhere.setenv("AWS_ACCESS_KEY_ID", "a")
        nowhere.setenv("AWS_SECRET_ACCESS_KEY", "b")
        assert await artifacts.resource(source) == {"kind": "Job"}

    async def test_the_endpoint_of_the_environment(
        self, artifacts: Artifacts, moto_server: MotoServer, bucket: str, nowhere: pytest.MonkeyPatch
    ) -> None:
        nowhere.setenv("AWS_ENDPOINT_URL", moto_server.url)
        assert await artifacts.resource(artifact("", bucket, region="us-east-1")) == {"kind": "Job"}

    async def test_what_is_not_there(self, artifacts: Artifacts, moto_server: MotoServer, bucket: str) -> None:
        endpoint = f"{moto_server.host}:{moto_server.port}"
        for name, key, code in ((bucket, "absent", "NoSuchKey"), (f"no-{bucket}", "k", "NoSuchBucket")):
            with pytest.raises(Permanent, match=code) as failure:
                await artifacts.fetch(artifact(endpoint, name, key))
            assert failure.value.where == f"s3 {name}/{key} at {endpoint}"
            assert failure.value.fix.startswith("check bucket")

    async def test_size(self, artifacts: Artifacts, moto_server: MotoServer, bucket: str) -> None:
        endpoint = f"{moto_server.host}:{moto_server.port}"
        assert len(await artifacts.fetch(artifact(endpoint, bucket, "full"))) == LIMIT
        with pytest.raises(Permanent, match="more than"):
            await artifacts.fetch(artifact(endpoint, bucket, "large"))


class TestStandIn:
    @pytest.mark.parametrize(
        ("said", "kind"),
        [
            (answer(403, b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>"), Permanent),
            (answer(403, b"<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>"), Permanent),
            (answer(503, b"<Error><Code>SlowDown</Code><Message>later</Message></Error>"), Temporary),
            (answer(500, b"oops"), Temporary),
            (RESET, Temporary),
            (b"", Temporary),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nkind:\r\nnonsense", Temporary),
        ],
    )
    async def test_trouble(self, artifacts: Artifacts, said: bytes, kind: type[Exception]) -> None:
        async with Sink(usual=said) as sink:
            with pytest.raises(kind) as failure:
                await artifacts.fetch(artifact(sink.authority, "jobs"))
            # The HTTP library itself asks again if a connection breaks before the answer.
            assert len(sink.requests) == (2 if said in (RESET, b"") else 1)
            assert sink.authority in str(failure.value)
            assert "swordfish" not in str(failure.value)

    async def test_nobody_there(self, artifacts: Artifacts) -> None:
        with pytest.raises(Temporary):
            await artifacts.fetch(artifact(f"127.0.0.1:{closed_port()}", "jobs"))

    async def test_an_authority_of_its_own(self, artifacts: Artifacts) -> None:
        async with Sink(usual=answer(200, b"kind: Job"), tls=server_context()) as sink:
            ca = {"name": "s", "key": "ca"}
            assert await artifacts.resource(artifact(sink.authority, "jobs", insecure=False, caCertificate=ca)) == {
                "kind": "Job"
            }
            with pytest.raises(Temporary, match="not trusted"):
                await artifacts.resource(artifact(sink.authority, "jobs", insecure=False))

    async def test_connections_end_with_the_trigger(self) -> None:
        async with Sink(usual=answer(200, b"kind: Job")) as sink:
            async with Artifacts(FakeSecrets(**SECRETS)) as artifacts:
                for _ in range(3):
                    await artifacts.fetch(artifact(sink.authority, "jobs"))
                assert sink.accepted == 1
            await sink.until(lambda sink: sink.open == 0)

    async def test_fields_that_are_missing(self, artifacts: Artifacts) -> None:
        for bucket in (None, {"name": "b"}, {"key": "k"}):
            with pytest.raises(Permanent, match="is missing"):
                await artifacts.fetch(artifact("127.0.0.1:1", "", bucket=bucket))


@pytest.mark.parametrize(
    ("endpoint", "insecure", "url"),
    [
        ("", False, ""),
        ("s3.amazonaws.com", False, ""),
        ("s3.eu-west-1.amazonaws.com:443", False, ""),
        ("https://s3.cn-north-1.amazonaws.com.cn/", False, ""),
        ("minio:9000", False, "https://minio:9000"),
        ("minio:9000", True, "http://minio:9000"),
        ("https://minio/", True, "https://minio/"),
        ("notamazonaws.com", False, "https://notamazonaws.com"),
    ],
)
def test_endpoints(endpoint: str, insecure: bool, url: str) -> None:
    service = service_of(S3Artifact(endpoint=endpoint, insecure=insecure))
    assert service.endpoint == url
    assert service.bucket_in_path is bool(url)
