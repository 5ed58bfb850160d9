"""triggers/email/adapter.py against a real SMTP server, which a test can spoil."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from config.errors import Permanent, Temporary
from config.model import Model
from config.sensor import TriggerParameter
from tests.contract.trigger import RemoteStage, RemoteTriggerContract, Trouble
from tests.fakes.mail_server import HANG, PASSWORD, RESET, MailServer
from tests.servers.certificates import Authority, make_authority
from tests.triggers.email_stage import LOGIN, PUSH, TLS, fire, make
from triggers.base import Outcome
from triggers.email.adapter import CONNECTIONS, REMEMBERED, Email
from triggers.email.message import message_id

ANSWERS = {
    Trouble.RESETS: RESET,
    Trouble.BROKEN: "451 4.3.0 local error",
    Trouble.BUSY: "421 4.7.0 too many connections",
    Trouble.REFUSES: "550 5.7.1 not from you",
    Trouble.HANGS: HANG,
}


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with MailServer() as made:
        yield made


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


class TestContract(RemoteTriggerContract):
    retry_after = None
    authority: Authority

    @pytest.fixture(autouse=True)
    def _authority(self, authority: Authority) -> None:
        self.authority = authority

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[RemoteStage]:
        async with MailServer(self.authority, login=True) as server:

            def suffer(trouble: Trouble) -> None:
                server.script["MAIL"].append(ANSWERS[trouble])

            async def shut() -> None:
                await server.__aexit__()

            yield RemoteStage(
                trigger=make(server, ca=self.authority.ca.read_text(), **LOGIN, **TLS),
                values=PUSH,
                seen=lambda: [str(letter.mail["Subject"]) for letter in server.letters],
                secrets=[PASSWORD, b64encode(PASSWORD.encode()).decode()],
                suffer=suffer,
                release=server.release,
                arrived=lambda count: server.until(lambda: server.arrived >= count),
                abandoned=lambda: server.until(lambda: not server.connections),
                shut=shut,
            )

    def with_parameter(self, settings: Model, parameter: TriggerParameter) -> Model | None:
        return settings.model_copy(update={"parameters": [parameter]})


class TestMail:
    async def test_each_address_gets_its_own(self, server: MailServer) -> None:
        fields: dict[str, Any] = {"from": "Build Bot <bot@a.test>", "to": ["ada@b.test", "bob@b.test", "ada@b.test"]}
        async with make(server, **fields) as trigger:
            outcome = await fire(trigger, "key-1")
        assert outcome == Outcome(250, "2.0.0 queued as 1; 2.0.0 queued as 2")
        assert [letter.recipients for letter in server.letters] == [("ada@b.test",), ("bob@b.test",)]
        assert {letter.sender for letter in server.letters} == {"bot@a.test"}
        for letter, address in zip(server.letters, ["ada@b.test", "bob@b.test"], strict=True):
            assert letter.mail["To"] == address
            assert letter.mail["From"] == "Build Bot <bot@a.test>"
            assert letter.mail["Message-ID"] == message_id("key-1", address, "a.test")
            assert letter.mail.get_content().rstrip() == "See the log."
            assert not letter.encrypted
        assert server.most == 1

    async def test_a_repetition_is_recognised_by_its_message_id(self, server: MailServer) -> None:
        for key in ("key-1", "key-1", "key-2"):
            async with make(server) as trigger:
                await fire(trigger, key)
        first, again, other = (str(letter.mail["Message-ID"]) for letter in server.letters)
        assert first == again != other

    async def test_a_body_of_any_text(self, server: MailServer) -> None:
        body = ".\r\n.\r\nQUIT\r\nGrüße\n" + "x" * 2000
        async with make(server, body=body) as trigger:
            await fire(trigger)
        assert server.letters[0].mail.get_content().rstrip().splitlines() == body.splitlines()

    async def test_parameters_of_the_block_add_no_headers(self, server: MailServer) -> None:
        source = {"dependencyName": "push"}
        parameters = [
            {"src": {**source, "dataKey": "title"}, "dest": "subject"},
            {"src": {**source, "dataKey": "author"}, "dest": "from"},
        ]
        async with make(server, parameters=parameters) as trigger:
            await fire(trigger)
        [letter] = server.letters
        assert letter.mail["Subject"] == "fixed Bcc: eve@evil.test hi"
        assert letter.mail["Bcc"] is None
        assert (letter.sender, letter.recipients) == ("zoe@c.test", ("ada@b.test",))

    @pytest.mark.parametrize("field", ["from", "to"])
    def test_a_line_break_in_an_address_is_refused(self, field: str) -> None:
        bad = "ada@b.test>\r\nRCPT TO:<eve@evil.test"
        fields: dict[str, Any] = {field: bad if field == "from" else [bad]}
        trigger = make(**fields)
        with pytest.raises(Permanent, match=field) as failure:
            trigger.render(trigger.settings, PUSH)
        assert failure.value.fix

    @pytest.mark.parametrize(
        "fields",
        [
            {"host": ""},
            {"host": "a b"},
            {"host": "a\0b"},
            {"port": 65536},
            {"port": -1},
            {"from": ""},
            {"to": None},
            {"to": [""]},
            {"subject": ""},
            {"body": ""},
        ],
    )
    def test_what_cannot_be_sent_is_permanent(self, fields: dict[str, Any]) -> None:
        trigger = make(**fields)
        with pytest.raises(Permanent) as failure:
            trigger.render(trigger.settings, PUSH)
        assert failure.value.fix

    def test_show_and_view(self) -> None:
        trigger = make(port=0, to=["ada@b.test", "nobody"], **LOGIN)
        request = trigger.render(trigger.settings, PUSH)
        assert request.show() == "mail to ada@b.test, nobody, 'Build failed'  See the log."
        assert request.view() == {
            "host": "127.0.0.1",
            "port": 587,
            "from": "bot@a.test",
            "to": ["ada@b.test", "nobody"],
            "subject": "Build failed",
            "body": "See the log.",
        }
        assert make(port=0).render(make(port=0).settings, PUSH).view()["port"] == 25


class TestRefusals:
    @pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
    @pytest.mark.parametrize(
        ("answer", "kind"),
        [("550 5.7.1 no\x1b[31m thanks", Permanent), ("450 4.2.0 later", Temporary), ("552 5.3.4 too big", Permanent)],
    )
    async def test_the_words_of_the_server(
        self, server: MailServer, command: str, answer: str, kind: type[Permanent] | type[Temporary]
    ) -> None:
        server.script[command].append(answer)
        async with make(server) as trigger:
            with pytest.raises(kind) as failure:
                await fire(trigger)
            assert answer.split("\x1b")[0] in failure.value.what
            assert failure.value.what.isprintable()
            assert failure.value.where == f"127.0.0.1:{server.port}"
            assert bool(failure.value.fix) == (kind is Permanent)
            assert await fire(trigger)

    async def test_one_refused_address_keeps_the_mail_from_no_other(self, server: MailServer) -> None:
        server.script["RCPT"].extend(["550 5.1.1 no such user", "", "550 5.1.1 no such user"])
        async with make(server, to=["x@b.test", "ada@b.test", "y@b.test", "none"]) as trigger:
            with pytest.raises(Permanent) as failure:
                await fire(trigger)
        assert [letter.recipients for letter in server.letters] == [("ada@b.test",)]
        assert failure.value.what == (
            "none: is no e-mail address; x@b.test, y@b.test: the server refuses the recipient: "
            "550 5.1.1 no such user (1 of 4 mails were taken)"
        )

    async def test_a_repetition_leaves_out_who_has_the_mail(self, server: MailServer) -> None:
        server.script["RCPT"].extend(["", "450 4.2.0 greylisted", ""])
        async with make(server, to=["a@b.test", "b@b.test", "c@b.test"]) as trigger:
            with pytest.raises(Temporary, match=r"b@b\.test: .* 450 4\.2\.0 greylisted \(2 of 3 mails were taken\)"):
                await fire(trigger, "key-1")
            assert await fire(trigger, "key-1")
            assert [letter.recipients[0] for letter in server.letters] == ["a@b.test", "c@b.test", "b@b.test"]
            await fire(trigger, "key-1")
        assert len(server.letters) == 6

    async def test_a_connection_that_is_lost_between_two_mails(self, server: MailServer) -> None:
        server.script["MAIL"].extend(["", RESET])
        async with make(server, to=["a@b.test", "b@b.test", "c@b.test"]) as trigger:
            with pytest.raises(Temporary, match=r"b@b\.test: the connection broke.*c@b\.test: was not"):
                await fire(trigger, "key-1")
            assert await fire(trigger, "key-1")
        assert [letter.recipients[0] for letter in server.letters] == ["a@b.test", "b@b.test", "c@b.test"]

    async def test_what_is_remembered_is_bounded(self, server: MailServer) -> None:
        trigger = make(server)
        for number in range(REMEMBERED + 3):
            trigger._remember(f"{number}", {"a@b.test": "ok"})
        assert len(trigger._taken) == REMEMBERED

    async def test_sessions_are_bounded(self, server: MailServer) -> None:
        server.script["MAIL"].extend([HANG] * CONNECTIONS)
        async with make(server) as trigger, asyncio.TaskGroup() as group:
            for number in range(3 * CONNECTIONS):
                group.create_task(fire(trigger, f"{number}"))
            await server.until(lambda: server.arrived == CONNECTIONS)
            server.release()
        assert server.most == CONNECTIONS
        assert len(server.letters) == 3 * CONNECTIONS


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, []),
        (LOGIN, []),
        ({"from": ""}, ["warning: from"]),
        ({"to": []}, ["warning: to"]),
        ({"to": ["ada@b.test", "ada"]}, ["warning: to.1"]),
        ({"from": "ada"}, ["warning: from"]),
        ({"subject": "", "body": ""}, ["warning: subject", "warning: body"]),
        ({"subject": "", "parameters": [{}]}, []),
        ({"username": "ada"}, ["warning: smtpPassword"]),
        ({"smtpPassword": {"name": "a", "key": "b"}}, ["warning: username"]),
        ({"tls": {}}, ["tls"]),
    ],
)
def test_check(fields: dict[str, Any], found: list[str]) -> None:
    results = Email.check(make(**fields).settings)
    assert [f"{'warning: ' if what.startswith('warning: ') else ''}{path}" for path, what, _ in results] == found
    assert all(fix for _, _, fix in results)
