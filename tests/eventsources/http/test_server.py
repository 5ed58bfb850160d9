"""The shared listeners, over real sockets."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from config.errors import EventyardError
from config.model import SecretKeySelector
from eventsources.http.request import Answer, Limits, Request, TooLarge
from eventsources.http.route import Route, WebhookContext
from eventsources.http.server import HttpListeners
from tests.eventsources.raw_http import Connection, ask, connect, request
from tests.eventsources.surroundings import FixedValues

LIMIT = 1000
SOON = 10.0


async def echo(received: Request) -> Answer:
    """Answers with the body."""
    try:
        return Answer(200, (await received.read(LIMIT)).decode("utf-8", "surrogateescape"))
    except TooLarge:
        return Answer(400, "too large", last=True)


@dataclass
class Held:
    """A handler that reads the body and then waits."""

    entered: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event = field(default_factory=asyncio.Event)
    limit: int = 1 << 20

    async def __call__(self, received: Request) -> Answer:
        await received.read(self.limit)
        self.entered.set()
        await self.release.wait()
        return Answer(200, "held")


def route(
    path: str = "/a", handle: Callable[[Request], Awaitable[Answer]] = echo, *, owner: str = "ns/s/e", **fields: Any
) -> Route:
    context = WebhookContext(endpoint=path, port=fields.pop("port", "0"), **fields)
    return Route(owner=owner, context=context, values=FixedValues(), handle=handle)


@asynccontextmanager
async def served(*routes: Route, limits: Limits | None = None, grace: float = SOON) -> AsyncIterator[HttpListeners]:
    http = HttpListeners(limits=limits, grace=grace)
    async with AsyncExitStack() as stack:
        for each in routes:
            await stack.enter_async_context(http.mount(each))
        yield http


async def post(http: HttpListeners, target: str = "/a", body: bytes = b"x", **more: Any) -> tuple[int, str]:
    reply = await ask(http.port("0"), request("POST", target, (), body, **more))
    return reply.status, reply.body


class TestRouting:
    """As the mux of Argo Events does it."""

    @pytest.mark.parametrize(
        ("endpoint", "target", "status"),
        [
            ("/a", "/a", 200),
            ("/a", "/a?q=1", 200),
            ("/a", "/%61", 200),
            ("/a", "http://other.test/a?q", 200),
            ("/a", "/a/", 404),
            ("/a", "/A", 404),
            ("/a", "/a/b", 404),
            ("/a", "/a%2F", 404),
            ("/a/", "/a/", 200),
            ("/a/", "/a", 404),
            ("/", "/", 200),
            ("/ä", "/%C3%A4", 200),
            ("/a b", "/a%20b", 200),
            ("/a%20b", "/a%20b", 404),
            ("/a?x=1", "/a?x=1", 404),
            ("/a", "/%zz", 400),
            ("/v/{id}", "/v/1", 200),
            ("/v/{id}", "/v/1/2", 404),
            ("/v/{id}", "/v/", 404),
            ("/v/{id:[0-9]+}/x", "/v/12/x", 200),
            ("/v/{id:[0-9]+}/x", "/v/ab/x", 404),
            ("/v/{rest:.*}", "/v/a/b", 200),
            ("/v.{x}", "/vv1", 404),
            ("a", "/a", 404),
            ("/{a", "/x", 404),
            ("/{a}{a}", "/xx", 404),
            ("/{:x}", "/x", 404),
            ("/{a:}", "/x", 404),
            ("/{a:(x)}", "/x", 404),
            ("/{a:[}", "/x", 404),
            ("/a}", "/a}", 404),
        ],
    )
    async def test_paths(self, endpoint: str, target: str, status: int) -> None:
        async with served(route(endpoint)) as http:
            assert (await post(http, target))[0] == status

    @pytest.mark.parametrize(
        ("target", "location"),
        [
            ("//a", "/a"),
            ("/b/../a", "/a"),
            ("/./a?q=1&r", "/a?q=1&r"),
            ("/a//?", "/a/?"),
            ("//a%20%3F*", "/a%20%3F%2A"),
            ("//%E2%82", "/%E2%82"),
        ],
    )
    async def test_an_unclean_path_is_redirected(self, target: str, location: str) -> None:
        async with served(route()) as http:
            reply = await ask(http.port("0"), request("POST", target, (), b""))
        assert (reply.status, reply.headers["location"], reply.body) == (301, location, "")
        assert "content-type" not in reply.headers

    async def test_not_found_says_so(self) -> None:
        async with served(route()) as http:
            assert await post(http, "/b") == (404, "404 page not found\n")

    async def test_exact_paths_go_before_patterns(self) -> None:
        async def other(received: Request) -> Answer:
            return Answer(200, "pattern")

        async with served(route("/{x}", other, owner="ns/s/pattern"), route("/a")) as http:
            assert await post(http, "/a", b"exact") == (200, "exact")
            assert await post(http, "/b") == (200, "pattern")

    async def test_health_is_served_unless_it_is_taken(self) -> None:
        async with served(route()) as http:
            assert await post(http, "/health") == (200, "OK")
            async with http.mount(route("/health", owner="ns/s/health")):
                assert await post(http, "/health", b"mine") == (200, "mine")
            assert await post(http, "/health") == (200, "OK")

    async def test_head_has_no_body(self) -> None:
        async with served(route()) as http, connect(http.port("0")) as connection:
            await connection.send(request("HEAD", "/health", close=False))
            assert (await connection.reply(bodiless=True)).headers["content-length"] == "2"
            await connection.send(request("GET", "/health"))
            assert (await connection.reply()).body == "OK"


class TestMounting:
    """Who serves what, and when the port is open."""

    async def test_the_port_is_open_while_something_is_mounted(self) -> None:
        http = HttpListeners()
        async with http.mount(route()):
            port = http.port("0")
            async with http.mount(route("/b", owner="ns/s/b")):
                assert http.port("0") == port
        with pytest.raises(ConnectionRefusedError):
            await ask(port, request("GET", "/a"))
        with pytest.raises(KeyError):
            http.port("0")

    async def test_a_path_belongs_to_one_owner(self) -> None:
        async with served(route()) as http:
            with pytest.raises(EventyardError, match="/a on port 0 is taken by ns/s/e"):
                await http.mount(route(owner="ns/other/e")).__aenter__()
            assert await post(http) == (200, "x")

    async def test_a_port_that_is_taken_is_said(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            http = HttpListeners()
            with pytest.raises(EventyardError, match=f"cannot listen on 127.0.0.1:{port}: ") as caught:
                await http.mount(route(port=str(port))).__aenter__()
            assert caught.value.fix

    @pytest.mark.parametrize("port", ["", "abc", "-1", "65536", "1.5", "٣"])
    async def test_a_port_must_be_one(self, port: str) -> None:
        with pytest.raises(EventyardError, match="port"):
            await HttpListeners().mount(route(port=port)).__aenter__()

    async def test_a_successor_that_leaves_gives_the_path_back(self) -> None:
        async def newer(received: Request) -> Answer:
            return Answer(200, "newer")

        async with served(route()) as http:
            async with http.mount(route(handle=newer)):
                assert await post(http) == (200, "newer")
            assert await post(http) == (200, "x")

    async def test_requests_of_the_old_one_end_while_the_new_one_serves(self) -> None:
        held = Held()
        async with served(route("/other", owner="ns/s/other")) as http, AsyncExitStack() as stack:
            old = http.mount(route(handle=held))
            await old.__aenter__()
            async with asyncio.TaskGroup() as group:
                first = group.create_task(post(http))
                await held.entered.wait()
                await stack.enter_async_context(http.mount(route()))
                leaving = group.create_task(old.__aexit__(None, None, None))
                assert await post(http, body=b"new") == (200, "new")
                assert not leaving.done()
                held.release.set()
                assert await first == (200, "held")

    async def test_a_route_that_leaves_takes_no_more(self) -> None:
        held = Held()
        async with served(route("/other", owner="ns/s/other")) as http:
            mount = http.mount(route(handle=held))
            await mount.__aenter__()
            async with asyncio.TaskGroup() as group:
                first = group.create_task(post(http))
                await held.entered.wait()
                leaving = group.create_task(mount.__aexit__(None, None, None))
                await asyncio.sleep(0)
                reply = await ask(http.port("0"), request("POST", "/a", (), b"late", close=False))
                assert (reply.status, reply.headers["connection"]) == (503, "close")
                assert int(reply.headers["retry-after"]) > 0
                held.release.set()
                assert await first == (200, "held")
                await leaving
            assert (await post(http))[0] == 404

    @pytest.mark.parametrize("others", [(), (route("/other", owner="ns/s/other"),)], ids=["alone", "with others"])
    async def test_leaving_does_not_wait_for_ever(
        self, others: tuple[Route, ...], caplog: pytest.LogCaptureFixture
    ) -> None:
        held = Held()
        async with served(*others, grace=0.05) as http, asyncio.TaskGroup() as group:
            async with http.mount(route(handle=held)):
                first = group.create_task(post(http))
                await held.entered.wait()
            assert (await first)[0] == 503
        assert "did not end within" in caplog.text

    async def test_leaving_while_cancelled_still_unmounts(self) -> None:
        held = Held()
        http = HttpListeners(grace=SOON)
        entered = asyncio.Event()

        async def serve() -> None:
            async with http.mount(route(handle=held)):
                entered.set()
                await asyncio.Event().wait()

        async with asyncio.TaskGroup() as group:
            task = group.create_task(serve())
            await entered.wait()
            first = group.create_task(post(http))
            await held.entered.wait()
            task.cancel()
            await asyncio.sleep(0.01)
            task.cancel()
            assert (await first)[0] == 503
        async with http.mount(route()):
            assert await post(http) == (200, "x")


class TestBodies:
    """Sizes, encodings and the time they take."""

    @pytest.mark.parametrize("size", [0, 1, LIMIT - 1, LIMIT, LIMIT + 1, 200_000, 3_000_000])
    async def test_the_limit(self, size: int) -> None:
        async with served(route()) as http:
            status, body = await post(http, body=b"x" * size)
            assert (status, body) == ((200, "x" * size) if size <= LIMIT else (400, "too large"))
            assert http.body_bytes == 0

    @pytest.mark.parametrize(
        "pieces", [(b"",), (b"a",), (b"ab", b"c" * 500, b"d"), (b"a" * 600, b"b" * 600), (b"x",) * 2000]
    )
    async def test_chunked(self, pieces: tuple[bytes, ...]) -> None:
        async with served(route()) as http, connect(http.port("0")) as connection:
            await connection.send(b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            for piece in filter(None, pieces):
                await connection.send(b"%x\r\n%s\r\n" % (len(piece), piece))
            await connection.send(b"0\r\n\r\n")
            reply = await connection.reply()
        whole = b"".join(pieces).decode()
        assert (reply.status, reply.body) == ((200, whole) if len(whole) <= LIMIT else (400, "too large"))

    async def test_a_broken_chunk_is_refused(self) -> None:
        async with served(route()) as http, connect(http.port("0")) as connection:
            await connection.send(
                b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n"
            )
            assert (await connection.reply()).status == 400
            assert await connection.closed()

    async def test_a_sender_that_goes_away_is_no_error(self, caplog: pytest.LogCaptureFixture) -> None:
        async with served(route()) as http:
            async with connect(http.port("0")) as connection:
                await connection.send(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
            assert await post(http) == (200, "x")
        assert not caplog.records

    async def test_a_body_in_many_pieces(self) -> None:
        async with served(route()) as http, connect(http.port("0")) as connection:
            data = request("POST", "/a", (), b"abcdefgh")
            for index in range(len(data)):
                await connection.send(data[index : index + 1])
                await asyncio.sleep(0)
            assert (await connection.reply()).body == "abcdefgh"

    async def test_a_body_that_trickles_is_given_up(self) -> None:
        async with (
            served(route(), limits=Limits(body=0.05, body_rate=1000)) as http,
            connect(http.port("0")) as connection,
        ):
            await connection.send(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
            reply = await connection.reply()
            assert (reply.status, reply.headers["connection"]) == (408, "close")
            assert http.body_bytes == 0

    async def test_a_head_that_trickles_is_given_up(self) -> None:
        async with served(route(), limits=Limits(idle=0.05)) as http, connect(http.port("0")) as connection:
            await connection.send(b"POST /a HTTP/1.1\r\nHost: x\r\n")
            assert await connection.closed()

    async def test_a_connection_that_says_nothing_more_is_closed(self) -> None:
        async with served(route(), limits=Limits(idle=0.05)) as http, connect(http.port("0")) as connection:
            await connection.send(request("POST", "/a", (), b"x", close=False))
            assert (await connection.reply()).status == 200
            assert await connection.closed()

    async def test_one_that_takes_no_answers_is_cut_off(self) -> None:
        answer = Answer(200, "y" * 60_000)

        async def long(received: Request) -> Answer:
            return answer

        async with served(route(handle=long), limits=Limits(body=0.1)) as http, connect(http.port("0")) as connection:
            async with asyncio.timeout(SOON):
                with pytest.raises(ConnectionError):
                    while True:
                        await connection.send(request("POST", "/a", (), b"", close=False) * 50)
                        await asyncio.sleep(0)

    async def test_continue_is_said_to_who_waits_for_it(self) -> None:
        async with served(route()) as http, connect(http.port("0")) as connection:
            await connection.send(b"POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
            assert await connection.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            await connection.send(b"abc")
            assert (await connection.reply()).body == "abc"

    async def test_too_large_is_said_before_the_body_is_sent(self) -> None:
        async with served(route()) as http, connect(http.port("0")) as connection:
            await connection.send(
                b"POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9999\r\n\r\n"
            )
            assert (await connection.reply()).status == 400

    async def test_other_expectations_fail(self) -> None:
        async with served(route()) as http:
            reply = await ask(http.port("0"), request("POST", "/a", [("Expect", "miracles")], b""))
            assert reply.status == 417


class TestOverload:
    """Bounds on what is held at once."""

    async def test_bodies_have_a_common_bound(self) -> None:
        held = Held()
        limits = Limits(body_bytes=10_000)
        async with served(route("/held", held, owner="ns/s/held"), route(), limits=limits) as http:
            async with asyncio.TaskGroup() as group:
                first = group.create_task(post(http, "/held", b"x" * 9_500))
                await held.entered.wait()
                assert http.body_bytes == 9_500
                reply = await ask(http.port("0"), request("POST", "/a", (), b"x" * 501, close=False))
                assert (reply.status, reply.headers["connection"]) == (503, "close")
                assert int(reply.headers["retry-after"]) > 0
                assert (await post(http, body=b"x" * 500))[0] == 200
                held.release.set()
                assert (await first)[0] == 200
            assert http.body_bytes == 0

    async def test_one_body_alone_may_be_larger_than_the_bound(self) -> None:
        async with served(route(), limits=Limits(body_bytes=10)) as http:
            assert (await post(http, body=b"x" * 500))[0] == 200

    async def test_connections_have_a_bound(self) -> None:
        async with served(route(), limits=Limits(connections=3)) as http, AsyncExitStack() as stack:
            kept = [await stack.enter_async_context(connect(http.port("0"))) for _ in range(3)]
            for connection in kept:
                await connection.send(request("GET", "/health", close=False))
                assert (await connection.reply()).status == 200
            async with connect(http.port("0")) as refused:
                reply = await refused.reply()
                assert (reply.status, reply.headers["connection"]) == (503, "close")
                assert await refused.closed()
            await kept[0].send(request("GET", "/health"))
            assert await kept[0].reply()
            assert await kept[0].closed()
            assert (await post(http))[0] == 200

    async def test_many_connections_cost_little_each(self) -> None:
        soft = psutil.Process().rlimit(psutil.RLIMIT_NOFILE)[0]
        count = max(min(2000, (soft - 200) // 2), 100)
        async with served(route()) as http, AsyncExitStack() as stack:
            before = psutil.Process().memory_info().rss
            connections: list[Connection] = []
            for _ in range(count):
                connections.append(await stack.enter_async_context(connect(http.port("0"))))
                await connections[-1].send(b"POST /a HTTP/1.1\r\nHost: x\r\n")
            grown = psutil.Process().memory_info().rss - before
            assert http.connections == count
            # Client and server together, as both are here.
            assert grown / count < 120_000
            for connection in connections:
                await connection.send(b"Content-Length: 1\r\nConnection: close\r\n\r\nx")
            for connection in connections:
                assert (await connection.reply()).status == 200

    async def test_pipelined_requests_are_answered_in_order(self) -> None:
        async with served(route()) as http, connect(http.port("0")) as connection:
            bodies = [str(number).encode() for number in range(500)]
            await connection.send(b"".join(request("POST", "/a", (), body, close=False) for body in bodies))
            assert [(await connection.reply()).body.encode() for _ in bodies] == bodies


class TestProtocol:
    """What is no HTTP, old HTTP, and bugs of handlers."""

    @pytest.mark.parametrize(
        "data",
        [
            b"garbage\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
            b"POST /a HTTP/1.1\r\nContent-Length: abc\r\n\r\n",
            b"POST /a HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
            b"POST /a HTTP/1.1\r\nA: s3cr3t\x00\r\n\r\n",
            b"POST /a HTTP/1.1\r\nA: " + b"s3cr3t" * 5000 + b"\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        ],
    )
    async def test_what_is_no_http_is_400_and_not_logged(self, data: bytes, caplog: pytest.LogCaptureFixture) -> None:
        async with served(route()) as http, connect(http.port("0")) as connection:
            await connection.send(data)
            assert (await connection.reply()).status == 400
            assert await connection.closed()
        assert not caplog.records

    async def test_http_1_0(self) -> None:
        async with served(route()) as http, connect(http.port("0")) as connection:
            await connection.send(b"POST /a HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx")
            assert (await connection.reply()).headers["connection"] == "keep-alive"
            await connection.send(b"POST /a HTTP/1.0\r\nContent-Length: 1\r\n\r\ny")
            assert (await connection.reply()).body == "y"
            assert await connection.closed()

    async def test_a_bug_is_500_and_the_next_request_is_served(self, caplog: pytest.LogCaptureFixture) -> None:
        async def broken(received: Request) -> Answer:
            raise RuntimeError("a bug")

        async with served(route(handle=broken)) as http:
            assert await post(http) == (500, "internal error")
            assert (await post(http, "/health"))[0] == 200
        assert "ns/s/e: a request failed" in caplog.text


class TestDraining:
    """Shutting down in steps."""

    async def test_what_is_in_progress_ends_and_nothing_else_begins(self) -> None:
        held = Held()
        async with served(route(handle=held), route("/b", owner="ns/s/b")) as http:
            port = http.port("0")
            async with connect(port) as kept, connect(port) as idle, asyncio.TaskGroup() as group:
                for connection in (kept, idle):
                    await connection.send(request("POST", "/b", (), b"x", close=False))
                    assert (await connection.reply()).status == 200
                first = group.create_task(post(http))
                await held.entered.wait()
                draining = group.create_task(http.drain(SOON))
                await asyncio.sleep(0)
                with pytest.raises(ConnectionRefusedError):
                    await ask(port, request("GET", "/b"))
                await kept.send(request("POST", "/b", (), b"x", close=False))
                reply = await kept.reply()
                assert (reply.status, reply.headers["connection"]) == (503, "close")
                assert not draining.done()
                held.release.set()
                assert await first == (200, "held")
                await draining
                assert await idle.closed()
            await http.drain(0)

    async def test_the_grace_has_an_end(self) -> None:
        held = Held()
        async with served(route(handle=held), grace=0.05) as http, connect(http.port("0")) as connection:
            await connection.send(request("POST", "/a", (), b"x"))
            await held.entered.wait()
            async with asyncio.timeout(SOON):
                await http.drain(0.05)
            assert (await connection.reply()).status == 503
            assert await connection.closed()


@pytest.fixture(scope="module")
def certificates() -> Iterator[list[dict[str, str]]]:
    """Two self-signed certificates with their keys, as the values of Secrets."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    command = ["openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    found: list[dict[str, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(2):
            key, certificate = Path(folder, f"{number}.key"), Path(folder, f"{number}.crt")
            subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
            found.append({"tls/crt": certificate.read_text(), "tls/key": key.read_text()})
    yield found


SECURE: dict[str, Any] = {
    "server_cert_secret": SecretKeySelector(name="tls", key="crt"),
    "server_key_secret": SecretKeySelector(name="tls", key="key"),
}


async def shown(port: int) -> str:
    """Answers a request over TLS, and returns the certificate that was shown."""
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting)
    writer.write(request("POST", "/a", (), b"x"))
    assert (await reader.read()).endswith(b"\r\n\r\nx")
    secured: ssl.SSLObject = writer.get_extra_info("ssl_object")
    certificate = secured.getpeercert(binary_form=True)
    writer.close()
    assert certificate is not None
    return ssl.DER_cert_to_PEM_cert(certificate)


class TestTls:
    """Certificates from Secrets."""

    async def test_a_port_is_served_over_tls_and_its_certificate_renewed(
        self, certificates: list[dict[str, str]]
    ) -> None:
        first, second = certificates
        async with served(replace(route(**SECURE), values=FixedValues(first))) as http:
            port = http.port("0")
            assert await shown(port) == first["tls/crt"]
            async with http.mount(replace(route(**SECURE), values=FixedValues(second))):
                assert http.port("0") == port
                assert await shown(port) == second["tls/crt"]
            async with connect(port) as plain:
                await plain.send(request("POST", "/a", (), b"x"))
                assert await plain.closed()

    async def test_certificates_that_are_none_are_refused(self) -> None:
        secure = replace(route(**SECURE), values=FixedValues({"tls/crt": "s3cr3t", "tls/key": "s3cr3t"}))
        with pytest.raises(EventyardError, match="certificate") as caught:
            await HttpListeners().mount(secure).__aenter__()
        assert "s3cr3t" not in str(caught.value)

    async def test_a_port_is_secure_or_it_is_not(self) -> None:
        async with served(route()) as http:
            secure = replace(route("/b", **SECURE), values=FixedValues())
            with pytest.raises(EventyardError, match="open without TLS"):
                await http.mount(secure).__aenter__()
            assert await post(http) == (200, "x")

    async def test_one_secret_alone_is_no_tls(self) -> None:
        async with served(route(server_cert_secret=SECURE["server_cert_secret"])) as http:
            assert await post(http) == (200, "x")
