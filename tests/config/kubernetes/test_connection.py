from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest

from config.errors import EventyardError, Temporary
from config.kubernetes.connection import LARGEST, Connection
from config.kubernetes.failures import Attempt, TooLarge, Unauthorized, Unavailable, Unreachable
from config.kubernetes.kubeconfig_access import KubeconfigAccess
from config.kubernetes.login import Access, Endpoint, Login
from tests.config.kubernetes.fake_api import Answer, GivenAccess, fake_api, status
from tests.servers.certificates import make_authority
from tests.servers.server import free_port

ATTEMPT = Attempt(verb="get", what="the version", where="here")


async def test_entering_connects_nothing() -> None:
    access = GivenAccess("http://127.0.0.1:1")
    async with Connection(access):
        assert access.logins == 0


async def test_what_is_sent() -> None:
    async with fake_api(Answer(body={"a": 1})) as api, Connection(GivenAccess(api.url, "t")) as connection:
        query = {"labelSelector": "a in (b, c),d!=ä"}
        assert await connection.request(
            ATTEMPT, "PATCH", "/x", query=query, body={"n": None}, content_type="a/b+json"
        ) == {"a": 1}
        method, path, headers = api.asked[0]
        assert (method, path.partition("?")[0]) == ("PATCH", "/x")
        assert headers["Authorization"] == "Bearer t"
        assert headers["Content-Type"] == "a/b+json"
        assert headers["User-Agent"] == "eventyard"


async def test_credentials_are_renewed_once_when_they_are_refused() -> None:
    answers = (Answer(body=status(401), status=401), Answer(body={}))
    async with fake_api(*answers) as api:
        access = GivenAccess(api.url, "old", "new")
        async with Connection(access) as connection:
            await connection.request(ATTEMPT, "GET", "/x")
            await connection.request(ATTEMPT, "GET", "/x")
        assert [headers["Authorization"] for _, _, headers in api.asked] == ["Bearer old", "Bearer new", "Bearer new"]
        assert access.logins == 2


async def test_many_that_are_refused_together_renew_once() -> None:
    async with fake_api(Answer(body={})) as api:
        api.refused = "old"
        access = GivenAccess(api.url, "old", "new")
        async with Connection(access) as connection, asyncio.TaskGroup() as group:
            for _ in range(5):
                group.create_task(connection.request(ATTEMPT, "GET", "/x"))
        assert access.logins == 2


async def test_refused_for_good() -> None:
    async with fake_api(Answer(body=status(401, "Unauthorized", "Unauthorized"), status=401)) as api:
        async with Connection(GivenAccess(api.url, "t")) as connection:
            with pytest.raises(Unauthorized) as caught:
                await connection.request(ATTEMPT, "GET", "/x")
            assert "log in again" in caught.value.fix
        assert len(api.asked) == 2


async def test_credentials_that_expired_are_renewed_before() -> None:
    now = 100.0
    async with fake_api(Answer(body={})) as api:
        access = GivenAccess(api.url, "t1", "t2", expires=101.0)
        async with Connection(access, clock=lambda: now) as connection:
            await connection.request(ATTEMPT, "GET", "/x")
            await connection.request(ATTEMPT, "GET", "/x")
            assert access.logins == 1
            now = 102.0
            await connection.request(ATTEMPT, "GET", "/x")
        assert api.asked[-1][2]["Authorization"] == "Bearer t2"


class Renewing(Access):
    """Each login brings another address, as another certificate would be."""

    where, namespace = "here", "default"

    def __init__(self, *servers: str) -> None:
        self.servers = list(servers)

    async def login(self) -> Login:
        return Login(endpoint=Endpoint(server=self.servers.pop(0)), expires=0.0)


async def test_another_endpoint_is_another_connection() -> None:
    one, two = fake_api(Answer(body={"from": 1})), fake_api(Answer(body={"from": 2}))
    async with one as first, two as second, Connection(Renewing(first.url, second.url)) as connection:
        assert await connection.request(ATTEMPT, "GET", "/x") == {"from": 1}
        assert await connection.request(ATTEMPT, "GET", "/x") == {"from": 2}


async def test_a_server_that_asks_to_wait() -> None:
    answer = Answer(body=status(429, "TooManyRequests", "busy"), status=429, headers={"Retry-After": "7"})
    async with fake_api(answer) as api, Connection(GivenAccess(api.url)) as connection:
        with pytest.raises(Unavailable) as caught:
            await connection.request(ATTEMPT, "GET", "/x")
        assert (caught.value.status, caught.value.after) == (429, 7.0)


async def test_a_page_of_a_proxy_is_no_answer() -> None:
    async with fake_api(Answer(body="<html>log in</html>")) as api, Connection(GivenAccess(api.url)) as connection:
        with pytest.raises(Unavailable, match="no JSON came back from the attempt to get the version") as caught:
            await connection.request(ATTEMPT, "GET", "/x")
        assert "proxy" in caught.value.fix


async def test_a_server_that_is_not_there() -> None:
    async with Connection(GivenAccess(f"http://127.0.0.1:{free_port()}")) as connection:
        with pytest.raises(Unreachable, match="no answer to the attempt to get the version") as caught:
            await connection.request(ATTEMPT, "GET", "/x")
        assert (caught.value.status, caught.value.where) == (0, "here")


async def test_a_server_that_dies_while_it_answers() -> None:
    async with fake_api(Answer(chunks=[b'{"a":'], cut=True)) as api, Connection(GivenAccess(api.url)) as connection:
        with pytest.raises(Unreachable):
            await connection.request(ATTEMPT, "GET", "/x")


async def test_a_server_that_does_not_answer() -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with Connection(GivenAccess(url), timeout=0.2) as connection:
            with pytest.raises(Unreachable, match=r"no answer in 0\.2 s"):
                await connection.request(ATTEMPT, "GET", "/x")


async def test_an_object_that_is_too_large_is_not_sent() -> None:
    access = GivenAccess("http://127.0.0.1:1")
    async with Connection(access) as connection:
        with pytest.raises(TooLarge, match=f"and the server takes {LARGEST}"):
            await connection.request(ATTEMPT, "POST", "/x", body={"x": "y" * LARGEST})
        assert access.logins == 0


async def test_a_certificate_that_is_none(tmp_path: Path) -> None:
    class Broken(GivenAccess):
        async def login(self) -> Login:
            return Login(endpoint=Endpoint(server=self.server, certificate="no PEM", key="hidden"))

    async with Connection(Broken("https://127.0.0.1:1")) as connection:
        with pytest.raises(Temporary, match="a certificate or key cannot be used") as caught:
            await connection.request(ATTEMPT, "GET", "/x")
        assert "hidden" not in str(caught.value)


async def test_what_is_wrong_on_this_machine_can_be_mended() -> None:
    class Careless(GivenAccess):
        async def login(self) -> Login:
            raise EventyardError("the file is gone", where=self.where, fix="bring it back")

    async with Connection(Careless("https://127.0.0.1:1")) as connection:
        with pytest.raises(Temporary, match="the file is gone") as caught:
            await connection.request(ATTEMPT, "GET", "/x")
        assert caught.value.fix == "bring it back"


async def test_a_stream_ends_with_silence() -> None:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(say, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        connection = Connection(GivenAccess(url))
        async with connection, connection.stream(ATTEMPT, "/x", query={}, silence=0.2) as chunks:
            assert [chunk async for chunk in chunks] == [b"ab"]


async def test_a_stream_that_is_cut() -> None:
    async with fake_api(Answer(chunks=[b"ab"], cut=True)) as api, Connection(GivenAccess(api.url)) as connection:
        with pytest.raises(Unreachable):
            async with connection.stream(ATTEMPT, "/x", query={}, silence=5) as chunks:
                async for _ in chunks:
                    pass


async def test_an_authority_that_is_not_the_servers(tmp_path: Path) -> None:
    own, other = make_authority(tmp_path / "own"), make_authority(tmp_path / "other")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(own.server_cert, own.server_key)

    async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(close, "127.0.0.1", 0, ssl=tls) as server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        file = tmp_path / "config"
        file.write_text(
            f"{{clusters: [{{name: c, cluster: {{server: '{url}', certificate-authority: '{other.ca}'}}}}], "
            "contexts: [{name: x, context: {cluster: c}}], current-context: x}"
        )
        async with Connection(KubeconfigAccess([file])) as connection:
            with pytest.raises(Unreachable, match="its certificate is not trusted") as caught:
                await connection.request(ATTEMPT, "GET", "/x")
            assert "certificate-authority" in caught.value.fix
