"""bus/nats/client.py and bus/nats/login.py: every way to log in, against real servers, and every way in which it fails."""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from bus.nats.client import Address, check_connection, connect, parse_addresses, prepare
from bus.nats.connection import Connection
from config.errors import EventyardError, Permanent, Temporary
from config.model import NATSAuth, TLSConfig
from tests.fakes.nats import fake_server, greet
from tests.fakes.nats_keys import account_key, credentials, jwt, operator_key, unlimited, user_key
from tests.fakes.values import FakeSecrets
from tests.servers.certificates import Authority, make_authority
from tests.servers.nats import NatsServer

SECRETS = ("s3cr3t-password", "s3cr3t-token")
USER, PASSWORD = {"name": "nats", "key": "user"}, {"name": "nats", "key": "password"}
BASIC = {"basic": {"username": USER, "password": PASSWORD}}
TOKEN = {"token": {"name": "nats", "key": "token"}}
NKEY = {"nkey": {"name": "nats", "key": "seed"}}
CREDENTIAL = {"credential": {"name": "nats", "key": "creds"}}


@contextmanager
def running(config: str) -> Iterator[NatsServer]:
    """A server with this configuration."""
    if missing := NatsServer.missing():
        pytest.skip(missing)
    with NatsServer(config) as server:
        yield server


@asynccontextmanager
async def connected(
    url: str, auth: dict[str, Any] | None = None, tls: dict[str, Any] | None = None, **secrets: str
) -> AsyncIterator[Connection]:
    """A connection that a manifest describes."""
    target = prepare(
        url,
        None if tls is None else TLSConfig.model_validate(tls),
        None if auth is None else NATSAuth.model_validate(auth),
        FakeSecrets(**secrets),
    )
    connection = await connect(target, "test", patience=2.0)
    try:
        await connection.deliver("any", b"x")
        yield connection
    finally:
        await connection.close()


async def refused(url: str, *arguments: Any, **secrets: str) -> Temporary:
    """What is said of a connection that does not come about."""
    given: dict[str, Any] = dict(secrets)
    with pytest.raises(Temporary) as failure:
        async with connected(url, *arguments, **given):
            pass
    for secret in (*SECRETS, *secrets.values()):
        for text in (failure.value.what, failure.value.where, failure.value.fix):
            assert secret not in text
    assert "127.0.0.1" in failure.value.where
    assert failure.value.fix
    return failure.value


class TestAddresses:
    @pytest.mark.parametrize(
        ("url", "addresses"),
        [
            ("nats://a:1", [Address("a", 1)]),
            ("a", [Address("a", 4222)]),
            ("a:1, nats://b ,tls://c:3", [Address("a", 1), Address("b", 4222), Address("c", 3, secure=True)]),
            ("nats://[::1]:5", [Address("::1", 5)]),
            ("nats://u:p%40x@a:1", [Address("a", 1, user="u", password="p@x")]),
            ("nats://token@a:1", [Address("a", 1, user="token")]),
        ],
    )
    def test_read(self, url: str, addresses: list[Address]) -> None:
        assert parse_addresses(url) == addresses

    @pytest.mark.parametrize(
        "url", ["", ",", "nats://", "nats://a:port", "nats://a:99999", "ws://a:80", "http://a", "nats://[::1"]
    )
    def test_none(self, url: str) -> None:
        with pytest.raises(EventyardError):
            parse_addresses(url)
        if url:
            assert [path for path, _, _ in check_connection(url, None, None)] == ["url"]

    def test_a_login_is_not_shown(self) -> None:
        address = parse_addresses(f"nats://me:{SECRETS[0]}@[::1]:5")[0]
        assert address.text == "[::1]:5"
        assert SECRETS[0] not in repr(address)


@pytest.fixture(scope="module")
def basic() -> Iterator[NatsServer]:
    """Where one has to log in as `me`."""
    with running(f'authorization {{ users = [{{user: "me", password: "{SECRETS[0]}"}}] }}') as server:
        yield server


class TestLogin:
    async def test_basic(self, basic: NatsServer) -> None:
        async with connected(basic.url, BASIC, user="me", password=SECRETS[0]):
            pass

    async def test_of_the_url(self, basic: NatsServer) -> None:
        url = basic.url.replace("//", f"//me:{SECRETS[0]}@")
        async with connected(url):
            pass
        async with connected(url, BASIC, user="someone", password="else"):
            pass

    async def test_refused(self, basic: NatsServer) -> None:
        error = await refused(basic.url, BASIC, user="me", password="s3cr3t-wrong")
        assert error.what == "it refuses the login of auth.basic: Authorization Violation"
        assert "auth.basic" in error.fix
        error = await refused(basic.url)
        assert error.what == "it refuses who has no login: Authorization Violation"

    async def test_token(self) -> None:
        with running(f'authorization {{ token: "{SECRETS[1]}" }}') as server:
            async with connected(server.url, TOKEN, token=SECRETS[1]):
                pass
            async with connected(server.url.replace("//", f"//{SECRETS[1]}@")):
                pass
            assert "auth.token" in (await refused(server.url, TOKEN, token="s3cr3t-wrong")).what

    async def test_nkey(self) -> None:
        key, other = user_key(), user_key()
        with running(f"authorization {{ users = [{{nkey: {key.public}}}] }}") as server:
            async with connected(server.url, NKEY, seed=f" {key.seed}\n"):
                pass
            assert "auth.nkey" in (await refused(server.url, NKEY, seed=other.seed)).what
            assert key.seed not in server.said

    async def test_credentials(self) -> None:
        operator, account, user, stranger = operator_key(), account_key(), user_key(), account_key()
        config = f"""
            operator: "{jwt(operator, operator, "operator", system_account=stranger.public)}"
            system_account: {stranger.public}
            resolver: MEMORY
            resolver_preload: {{
              {account.public}: "{jwt(operator, account, "account", **unlimited())}"
              {stranger.public}: "{jwt(operator, stranger, "account", **unlimited())}"
            }}
        """
        with running(config) as server:
            good = credentials(jwt(account, user, "user", subs=-1, data=-1, payload=-1), user)
            async with connected(server.url, CREDENTIAL, creds=good):
                pass
            crlf = good.replace("\n", "\r\n")
            async with connected(server.url, CREDENTIAL, creds=crlf):
                pass
            old = credentials(jwt(account, user, "user", lifetime=-60, subs=-1, data=-1, payload=-1), user)
            assert "auth.credential" in (await refused(server.url, CREDENTIAL, creds=old)).what
            forged = credentials(jwt(user_key(), user, "user", subs=-1, data=-1, payload=-1), user)
            assert "auth.credential" in (await refused(server.url, CREDENTIAL, creds=forged)).what

    async def test_the_first_counts(self, basic: NatsServer) -> None:
        both = {**BASIC, **TOKEN, **NKEY}
        async with connected(basic.url, both, user="me", password=SECRETS[0], token="t", seed="no seed"):
            pass

    @pytest.mark.parametrize(
        ("auth", "secrets"),
        [
            (NKEY, {"seed": "SUnonsense"}),
            (NKEY, {"seed": ""}),
            (CREDENTIAL, {"creds": "nothing of the kind"}),
            (CREDENTIAL, {"creds": credentials("a.b.c", user_key()).replace("SU", "XX")}),
            ({"basic": {"username": USER}}, {"user": "s3cr3t-name"}),
        ],
    )
    async def test_what_is_none(self, auth: dict[str, Any], secrets: dict[str, str]) -> None:
        with pytest.raises(Permanent) as failure:
            prepare("a", None, NATSAuth.model_validate(auth), FakeSecrets(**secrets))
        assert failure.value.fix
        assert not any(secret in str(failure.value) for secret in secrets.values() if secret)

    async def test_without_the_library(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "nkeys", None)
        with pytest.raises(Permanent, match="nkeys") as failure:
            prepare("a", None, NATSAuth.model_validate(NKEY), FakeSecrets(seed=user_key().seed))
        assert "eventyard[nats]" in failure.value.fix

    @pytest.mark.parametrize("auth", [BASIC, TOKEN, NKEY, CREDENTIAL])
    async def test_a_secret_that_is_missing(self, auth: dict[str, Any]) -> None:
        with pytest.raises(Temporary, match="Secret"):
            prepare("a", None, NATSAuth.model_validate(auth), FakeSecrets())

    def test_check(self) -> None:
        assert check_connection("a", None, NATSAuth.model_validate(BASIC)) == []
        paths = [path for path, _, _ in check_connection("a", TLSConfig(), NATSAuth.model_validate({"basic": {}}))]
        assert paths == ["tls", "auth.basic"]
        assert check_connection("", None, NATSAuth())[0][1].startswith("warning: ")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("tls"))


def tls_config(authority: Authority, more: str = "") -> str:
    """A server with the authority's certificate."""
    return f"""tls {{
        cert_file: "{authority.server_cert}", key_file: "{authority.server_key}", ca_file: "{authority.ca}"
        {more}
    }}"""


def pem(path: Path) -> str:
    return path.read_text()


CA = {"caCertSecret": {"name": "nats", "key": "ca"}}
CLIENT = {"clientCertSecret": {"name": "nats", "key": "cert"}, "clientKeySecret": {"name": "nats", "key": "key"}}


class TestTLS:
    async def test_with_an_own_authority(self, authority: Authority) -> None:
        with running(tls_config(authority)) as server:
            async with connected(server.url, None, CA, ca=pem(authority.ca)):
                pass
            async with connected(server.url.replace("nats:", "tls:"), None, CA, ca=pem(authority.ca)):
                pass
            async with connected(server.url, None, {"insecureSkipVerify": True}):
                pass
            # A server that demands TLS gets it without being told in the manifest, by the system's roots.
            for tls in (None, {"enabled": True}):
                error = await refused(server.url, None, tls)
                assert "certificate" in error.what
                assert "tls" in error.fix

    async def test_its_end_is_like_any_other(self, authority: Authority, caplog: pytest.LogCaptureFixture) -> None:
        with running(tls_config(authority)) as server:
            async with connected(server.url, None, CA, ca=pem(authority.ca)) as connection:
                over = asyncio.Event()
                connection.on_lost = over.set
                await asyncio.to_thread(server.stop)
                await over.wait()
        assert not caplog.records

    async def test_with_a_client_certificate(self, authority: Authority) -> None:
        with running(tls_config(authority, "verify: true")) as server:
            files = {"ca": authority.ca, "cert": authority.client_cert, "key": authority.client_key}
            secrets: dict[str, Any] = {name: pem(path) for name, path in files.items()}
            async with connected(server.url, None, {**CA, **CLIENT}, **secrets):
                pass
            error = await refused(server.url, None, CA, ca=pem(authority.ca))
            assert "certificate required" in error.what
            assert "tls" in error.fix

    async def test_for_another_host(self, authority: Authority) -> None:
        with running(tls_config(authority)) as server:
            url = server.url.replace("127.0.0.1", "127.1")
            with pytest.raises(Temporary, match="certificate is not valid for") as failure:
                await connect(
                    prepare(url, TLSConfig.model_validate(CA), None, FakeSecrets(ca=pem(authority.ca))), "test"
                )
            assert "127.1" in failure.value.where

    async def test_nothing_goes_in_the_clear(self) -> None:
        """A server without TLS learns nothing, whatever the manifest demands TLS with."""
        heard: asyncio.Queue[bytes] = asyncio.Queue()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b'INFO {"max_payload":1}\r\n')
            heard.put_nowait(await reader.read())

        async with fake_server(serve) as port:
            for url, tls in ((f"tls://127.0.0.1:{port}", None), (f"nats://127.0.0.1:{port}", {"enabled": True})):
                error = await refused(url, TOKEN, tls, token=SECRETS[1])
                assert "offers none" in error.what
                assert await heard.get() == b""

    async def test_what_was_said_before_it_counts_for_nothing(self, authority: Authority) -> None:
        """Someone in between could say in the clear what only the server behind TLS may."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(authority.server_cert, authority.server_key)
        heard: asyncio.Queue[bytes] = asyncio.Queue()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b'INFO {"tls_required":true}\r\nPONG\r\n')
            await writer.start_tls(context)
            heard.put_nowait(await reader.readline())
            await reader.read()

        async with fake_server(serve) as port:
            target = prepare(f"127.0.0.1:{port}", TLSConfig.model_validate(CA), None, FakeSecrets(ca=pem(authority.ca)))
            with pytest.raises(Temporary, match="did not answer"):
                await connect(target, "test", patience=0.3)
            assert (await heard.get()).startswith(b"CONNECT ")

    async def test_where_it_is_offered_and_not_demanded(self, authority: Authority) -> None:
        with running(tls_config(authority) + "\nallow_non_tls: true") as server:
            async with connected(server.url, None, CA, ca=pem(authority.ca)) as connection:
                assert connection.is_secure
            async with connected(server.url) as connection:
                assert not connection.is_secure


class TestUnreachable:
    async def test_nobody_listens(self) -> None:
        error = await refused("nats://127.0.0.1:1")
        assert error.what == "it cannot be reached: Connection refused"

    async def test_a_name_that_is_none(self) -> None:
        with pytest.raises(Temporary) as failure:
            async with connected("nats://no.such.host.invalid"):
                pass
        assert "no.such.host.invalid" in failure.value.where
        assert "cannot be reached" in failure.value.what

    async def test_silence(self) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()

        async with fake_server(serve) as port:
            target = prepare(f"nats://127.0.0.1:{port}", None, None, FakeSecrets())
            with pytest.raises(Temporary, match="did not answer"):
                await connect(target, "test", patience=0.05)
            with pytest.raises(Temporary, match="no server has accepted"):
                await connect(target, "test", limit=0.05)

    @pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x16\x03\x01\r\n", b"INFO {\r\n"])
    async def test_something_else(self, said: bytes) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(said)
            await reader.read()

        async with fake_server(serve) as port:
            assert "does not speak NATS" in (await refused(f"nats://127.0.0.1:{port}")).what

    async def test_a_server_that_hangs_up(self, caplog: pytest.LogCaptureFixture) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"INFO {}\r\n")
            await reader.readline()
            await reader.readline()

        async with fake_server(serve) as port:
            assert "closed the connection" in (await refused(f"nats://127.0.0.1:{port}")).what
        assert not caplog.records

    async def test_a_server_that_is_full(self) -> None:
        with running("max_connections: 1") as server:
            async with connected(server.url):
                assert "maximum connections exceeded" in (await refused(server.url)).what.lower()

    async def test_the_next_of_the_list_is_tried(self, nats_server: NatsServer) -> None:
        async with connected(f"nats://127.0.0.1:1,{nats_server.url}") as connection:
            assert connection.where == f"NATS 127.0.0.1:{nats_server.port}"
        error = await refused("127.0.0.1:1,127.0.0.1:2")
        assert "127.0.0.1:1: it cannot" in error.what
        assert "127.0.0.1:2: it cannot" in error.what

    async def test_giving_up_leaves_nothing(self) -> None:
        gone = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await greet(reader, writer)
            await reader.read()
            gone.set()

        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            gone.set()

        async with fake_server(silent) as port:
            task = asyncio.ensure_future(connect(prepare(f"127.0.0.1:{port}", None, None, FakeSecrets()), "test"))
            await asyncio.sleep(0.02)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await gone.wait()


def test_contexts_verify() -> None:
    assert prepare("a", TLSConfig(enabled=True), None, FakeSecrets()).tls is not None
    context = prepare("a", TLSConfig(insecure_skip_verify=True), None, FakeSecrets()).tls
    assert context is not None
    assert context.verify_mode is ssl.CERT_NONE
