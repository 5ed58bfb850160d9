"""triggers/email/session.py against a real SMTP server: who is reached, what is encrypted, and who is told a password."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from config.errors import Permanent, Temporary
from tests.fakes.mail_server import HANG, PASSWORD, USER, MailServer
from tests.fakes.values import context
from tests.servers.certificates import Authority, make_authority
from tests.servers.server import free_port
from tests.triggers.email_stage import ELSEWHERE, LOGIN, TLS, fire, make
from triggers.email import session as smtp_session
from triggers.email.session import Server, is_loopback, open_session


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with MailServer() as made:
        yield made


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


class TestConnection:
    @pytest.mark.parametrize(
        ("greeting", "kind", "said"),
        [
            ("554 no service here", Permanent, "554 no service here"),
            ("421 shutting down", Temporary, "421 shutting down"),
            ("SSH-2.0-OpenSSH_9.6", Temporary, "SSH-2.0"),
            ("", Temporary, "connect"),
        ],
    )
    async def test_a_server_that_wants_nobody(
        self, greeting: str, kind: type[Permanent] | type[Temporary], said: str
    ) -> None:
        async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(greeting.encode() + b"\r\n" if greeting else b"")
            writer.close()

        listener = await asyncio.start_server(greet, "127.0.0.1", 0)
        async with listener:
            port = listener.sockets[0].getsockname()[1]
            async with make(port=port) as trigger:
                with pytest.raises(kind, match=said):
                    await fire(trigger)

    async def test_nobody_is_there(self) -> None:
        async with make(port=free_port()) as trigger:
            with pytest.raises(Temporary, match="no connection: Connection refused") as failure:
                await fire(trigger)
        assert failure.value.fix

    @pytest.mark.parametrize("host", ["a..b", "x" * 70 + ".test"])
    async def test_a_host_that_is_none(self, host: str) -> None:
        async with make(host=host) as trigger:
            with pytest.raises(Permanent, match="no name"):
                await fire(trigger)

    async def test_a_server_that_is_silent(self, server: MailServer) -> None:
        server.script["MAIL"].append(HANG)
        place = Server(host="127.0.0.1", port=server.port, patience=0.1)
        with pytest.raises(Temporary, match=r"no answer for 0\.1 s"):
            async with open_session(place, context().secrets) as session:
                await session.deliver("a@b.test", "c@d.test", b"x\r\n")


class TestEncryption:
    async def test_by_starttls_when_offered(self, authority: Authority) -> None:
        async with MailServer(authority) as server:
            async with make(server, ca=authority.ca.read_text(), **TLS) as trigger:
                await fire(trigger)
            assert server.letters[0].encrypted

    async def test_from_the_first_byte(self, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
        async with MailServer(authority, at_once=True, login=True) as server:
            monkeypatch.setattr(smtp_session, "TLS_PORT", server.port)
            async with make(server, ca=authority.ca.read_text(), **TLS, **LOGIN) as trigger:
                await fire(trigger)
            [letter] = server.letters
            assert (letter.encrypted, letter.user) == (True, USER)

    @pytest.mark.parametrize("at_once", [False, True])
    async def test_a_certificate_that_is_not_trusted(
        self, authority: Authority, at_once: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with MailServer(authority, at_once=at_once, login=True) as server:
            if at_once:
                monkeypatch.setattr(smtp_session, "TLS_PORT", server.port)
            async with make(server, **LOGIN) as trigger:
                with pytest.raises(Temporary, match="certificate is not trusted") as failure:
                    await fire(trigger)
            assert "caCertSecret" in failure.value.fix
            assert (server.letters, server.logins) == ([], [])

    async def test_trust_without_proof(self, authority: Authority) -> None:
        async with MailServer(authority) as server:
            async with make(server, host=ELSEWHERE, tls={"insecureSkipVerify": True}) as trigger:
                await fire(trigger)
            assert server.letters[0].encrypted

    async def test_tls_that_is_demanded_and_not_offered(self, server: MailServer) -> None:
        async with make(server, tls={"enabled": True}) as trigger:
            with pytest.raises(Temporary, match="no encryption, which tls demands") as failure:
                await fire(trigger)
        assert failure.value.fix
        assert not server.letters

    async def test_a_port_that_knows_no_tls(self, server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(smtp_session, "TLS_PORT", server.port)
        async with make(server) as trigger:
            with pytest.raises(Temporary, match="no TLS with the server") as failure:
                await fire(trigger)
        assert "465" in failure.value.fix

    async def test_a_certificate_that_cannot_be_read(self, authority: Authority) -> None:
        async with MailServer(authority) as server, make(server, ca="no certificate", **TLS) as trigger:
            with pytest.raises(Permanent, match="certificate"):
                await fire(trigger)


class TestLogin:
    async def test_in_the_clear_to_this_machine_only(self) -> None:
        async with MailServer(login=True, clear=True) as server:
            async with make(server, **LOGIN) as trigger:
                await fire(trigger)
            assert server.letters[0].user == USER
            async with make(server, host=ELSEWHERE, **LOGIN) as trigger:
                with pytest.raises(Temporary, match="not sent in the clear") as failure:
                    await fire(trigger)
            assert failure.value.where == f"{ELSEWHERE}:{server.port}"
            assert (len(server.letters), len(server.logins)) == (1, 1)

    async def test_none_where_none_is_offered(self, server: MailServer) -> None:
        async with make(server, host=ELSEWHERE, **LOGIN) as trigger:
            await fire(trigger)
        assert server.letters[0].user == ""

    async def test_none_without_a_user(self) -> None:
        async with MailServer(login=True, clear=True) as server:
            async with make(server, smtpPassword={"name": "mail", "key": "missing"}) as trigger:
                await fire(trigger)
            assert server.logins == []

    @pytest.mark.parametrize(
        ("without", "used"), [((), "PLAIN"), (("PLAIN",), "LOGIN"), (("PLAIN", "LOGIN"), "CRAM-MD5")]
    )
    async def test_by_the_first_method_that_both_know(self, without: tuple[str, ...], used: str) -> None:
        async with MailServer(login=True, clear=True, without=without) as server:
            async with make(server, **LOGIN) as trigger:
                await fire(trigger)
                assert (server.logins, server.letters[0].user) == ([used], USER)
            async with make(server, password="wrong-one", **LOGIN) as trigger:
                with pytest.raises(Temporary, match="refuses the login: 535") as failure:
                    await fire(trigger)
            assert "smtpPassword" in failure.value.fix
            assert "wrong-one" not in str(failure.value)
            assert server.logins == [used, used]

    async def test_by_no_method_that_we_know(self) -> None:
        async with _scripted({b"EHLO": b"250-x\r\n250 AUTH NTLM GSSAPI"}) as port, make(port=port, **LOGIN) as trigger:
            with pytest.raises(Temporary, match="only logins by") as failure:
                await fire(trigger)
        assert failure.value.fix

    @pytest.mark.parametrize("said", [PASSWORD, b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()])
    @pytest.mark.parametrize("code", [535, 454, 500])
    async def test_a_server_that_repeats_the_password(self, said: str, code: int) -> None:
        answers = {b"EHLO": b"250-x\r\n250 AUTH PLAIN", b"AUTH": f"{code} what is {said}?".encode()}
        async with _scripted(answers) as port, make(port=port, **LOGIN) as trigger:
            with pytest.raises(Temporary, match=rf"refuses the login: {code} what is \*\*\*\?") as failure:
                await fire(trigger)
        assert said not in repr(failure.value)

    async def test_a_server_that_demands_one(self, authority: Authority) -> None:
        ca = authority.ca.read_text()
        async with MailServer(authority, login=True) as server, make(server, ca=ca, **TLS) as trigger:
            with pytest.raises(Permanent, match="530") as failure:
                await fire(trigger)
        assert failure.value.fix == "give username and smtpPassword"

    async def test_a_missing_secret(self, server: MailServer) -> None:
        async with make(server, username=USER, smtpPassword={"name": "mail", "key": "missing"}) as trigger:
            with pytest.raises(Temporary, match="missing"):
                await fire(trigger)

    @pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.8.8", "::1"])
    def test_this_machine(self, host: str) -> None:
        assert is_loopback(host)

    @pytest.mark.parametrize("host", ["", ELSEWHERE, "localhost.evil.test", "10.0.0.1", "::2", "127.0.0.1.evil.test"])
    def test_another(self, host: str) -> None:
        assert not is_loopback(host)


@asynccontextmanager
async def _scripted(answers: dict[bytes, bytes]) -> AsyncIterator[int]:
    """The port of a server that knows these answers by heart, and says 250 to everything else."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        while line := await reader.readline():
            writer.write(answers.get(line[:4], b"250 ok") + b"\r\n")
        writer.close()

    listener = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with listener:
        yield listener.sockets[0].getsockname()[1]
