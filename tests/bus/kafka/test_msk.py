"""Tokens for Amazon MSK."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.credentials import Credentials

from bus.kafka.msk import MskTokens
from config.errors import Temporary


async def test_a_token_is_a_presigned_url() -> None:
    tokens = MskTokens("eu-west-1", credentials=lambda: Credentials("AKIDEXAMPLE", "a-secret", "session"))
    token = await tokens.token()
    assert "=" not in token
    url = urlsplit(urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode())
    assert (url.scheme, url.netloc, url.path) == ("https", "kafka.eu-west-1.amazonaws.com", "/")
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert query["Action"] == "kafka-cluster:Connect"
    assert query["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256"
    assert query["X-Amz-Credential"].startswith("AKIDEXAMPLE/")
    assert query["X-Amz-Credential"].endswith("/eu-west-1/kafka-cluster/aws4_request")
    assert query["X-Amz-Expires"] == "900"
    assert query["X-Amz-SignedHeaders"] == "host"
    assert query["X-Amz-Security-Token"] == "session"
    assert len(query["X-Amz-Signature"]) == 64
    assert query["User-Agent"] == "eventyard"
    assert "a-secret" not in url.query


async def test_without_credentials_there_is_none() -> None:
    with pytest.raises(Temporary, match="there are no AWS credentials") as error:
        await MskTokens("eu-west-1", credentials=lambda: None).token()
    assert error.value.fix
