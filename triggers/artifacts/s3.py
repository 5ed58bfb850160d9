"""An artifact that is an object of a bucket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from config.credentials import Secrets
from config.errors import Permanent
from triggers.artifacts.document import LIMIT
from triggers.artifacts.model import Artifact, S3Artifact, S3Bucket, describe
from triggers.aws.clients import Clients, Service
from triggers.aws.failures import FAILURES, failure_of
from triggers.aws.login import Login

_FIXES: Final[Mapping[str, str]] = {
    "AccessDenied": "allow s3:GetObject on this object to these credentials",
    "NoSuchBucket": "check bucket.name",
    "NoSuchKey": "check bucket.key",
    "404": "check bucket",
}


class S3Reader(Clients):
    """Reads objects with clients that are kept until it is left."""

    def __init__(self, secrets: Secrets) -> None:
        super().__init__(secrets)

    async def read(self, artifact: S3Artifact) -> bytes:
        """The whole object. Raises Permanent or Temporary."""
        bucket = artifact.bucket or S3Bucket()
        if not (bucket.name and bucket.key):
            raise Permanent("the bucket's name or the object's key is missing", fix="give s3.bucket: {name: , key: }")
        try:
            async with self.use(service_of(artifact)) as client:
                answer = await client.get_object(Bucket=bucket.name, Key=bucket.key)
                async with answer["Body"] as body:
                    return await _read(body)
        except FAILURES as error:
            raise failure_of(error, describe(Artifact(s3=artifact)), _FIXES) from None


def service_of(artifact: S3Artifact) -> Service:
    """Where the store is. AWS is told by its name, for there the region decides about the address."""
    endpoint = artifact.endpoint
    if endpoint and "://" not in endpoint:
        endpoint = f"{'http' if artifact.insecure else 'https'}://{endpoint}"
    host = endpoint.partition("://")[2].partition("/")[0].partition(":")[0].lower()
    if host.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        endpoint = ""
    return Service(
        name="s3",
        region=artifact.region,
        endpoint=endpoint,
        bucket_in_path=bool(endpoint),
        authority=artifact.ca_certificate if endpoint else None,
        login=Login(artifact.access_key, artifact.secret_key),
    )


async def _read(body: Any) -> bytes:
    read = bytearray()
    while chunk := await body.read(LIMIT + 1 - len(read)):
        read += chunk
        if len(read) > LIMIT:
            raise Permanent(f"has more than {LIMIT} bytes", fix="is this the right object?")
    return bytes(read)
