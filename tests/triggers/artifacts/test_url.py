"""triggers/artifacts/url.py against a server that does as it is told."""

from __future__ import annotations

from base64 import b64encode

import pytest

from config.errors import Permanent, Temporary
from tests.fakes.certificates import server_context
from tests.fakes.sink import RESET, Sink, answer, closed_port
from triggers.artifacts.document import LIMIT
from triggers.artifacts.model import URLArtifact
from triggers.artifacts.url import read_url

JOB = answer(200, b"kind: Job\n")


async def read(url: str, verify: bool = False) -> bytes:
    """What the artifact of a manifest holds."""
    return await read_url(URLArtifact(path=url, verify_cert=verify))


async def test_a_body(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    async with Sink(usual=JOB) as sink:
        assert await read(f"{sink.url}/job.yaml?x=1") == b"kind: Job\n"
        assert [(seen.method, seen.target) for seen in sink.requests] == [("GET", "/job.yaml?x=1")]
        assert sink.requests[0].header("Authorization") is None


async def test_a_login_in_the_url() -> None:
    async with Sink(usual=JOB) as sink:
        await read(f"http://user:pw@{sink.authority}/")
        assert sink.requests[0].header("Authorization") == f"Basic {b64encode(b'user:pw').decode()}"


async def test_redirects_are_followed() -> None:
    async with Sink(usual=JOB) as sink, Sink(usual=answer(302, b"", Location=f"{sink.url}/there")) as first:
        assert await read(f"http://user:pw@{first.authority}/") == b"kind: Job\n"
        assert sink.requests[0].target == "/there"
        assert sink.requests[0].header("Authorization") is None


@pytest.mark.parametrize("place", ["/again", "ftp://host/", "http://[bad/"])
async def test_redirects_that_lead_nowhere(place: str) -> None:
    async with Sink(usual=answer(302, b"", Location=place)) as sink:
        with pytest.raises(Permanent):
            await read(sink.url)
        assert len(sink.requests) <= 11


@pytest.mark.parametrize("status", [201, 204, 304, 401, 403, 404, 410])
async def test_what_will_not_pass(status: int) -> None:
    body = b"" if status in (204, 304) else b"because"
    async with Sink(usual=answer(status, body)) as sink:
        with pytest.raises(Permanent, match=f"answered {status}") as failure:
            await read(f"http://user:swordfish@{sink.authority}/")
        assert "swordfish" not in str(failure.value)


@pytest.mark.parametrize("status", [408, 429, 500, 503])
async def test_what_may_pass(status: int) -> None:
    async with Sink(usual=answer(status, b"", Retry_After="3")) as sink:
        with pytest.raises(Temporary) as failure:
            await read(sink.url)
        assert failure.value.after == 3


@pytest.mark.parametrize("said", [RESET, b"", b"not http\r\n\r\n"])
async def test_no_answer(said: bytes) -> None:
    async with Sink(usual=said) as sink:
        with pytest.raises(Temporary):
            await read(sink.url)


async def test_half_a_body_is_none() -> None:
    async with Sink(usual=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nkind:\r\nnonsense") as sink:
        with pytest.raises(Temporary):
            await read(sink.url)


async def test_nobody_there() -> None:
    with pytest.raises(Temporary, match="cannot be read from 127"):
        await read(f"http://127.0.0.1:{closed_port()}/")


async def test_too_large() -> None:
    async with Sink(usual=answer(200, b"x" * LIMIT)) as sink:
        assert len(await read(sink.url)) == LIMIT
    async with Sink(usual=answer(200, b"x" * (LIMIT + 1))) as sink:
        with pytest.raises(Permanent, match="more than"):
            await read(sink.url)


async def test_a_certificate_is_verified_if_wanted() -> None:
    async with Sink(usual=JOB, tls=server_context()) as sink:
        assert await read(sink.url) == b"kind: Job\n"
        with pytest.raises(Temporary, match="not trusted"):
            await read(sink.url, verify=True)


@pytest.mark.parametrize("url", ["", "host/x", "ftp://host/x", "http://", "http://host:99999/"])
async def test_what_is_no_url(url: str) -> None:
    with pytest.raises(Permanent) as failure:
        await read(url)
    assert failure.value.fix
