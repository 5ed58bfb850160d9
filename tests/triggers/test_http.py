"""triggers/http.py against a server that is well, unwell or gone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from config.errors import Permanent, Temporary
from config.model import Model
from config.sensor import StatusPolicy, TriggerParameter, TriggerPolicy
from tests.contract.trigger import RETRY_AFTER, RemoteStage, RemoteTriggerContract, Trouble
from tests.fakes.certificates import pem, server_context
from tests.fakes.sink import HANG, RESET, Seen, Sink, answer, closed_port
from tests.fakes.values import FakeValues, context, event
from triggers.base import Outcome
from triggers.client import ANSWER_LIMIT
from triggers.http import HTTP, HTTPSettings, Request

PUSH = FakeValues(push=event({"ref": "main", "n": 7, "lines": "a\nb", "who": "Grüße"}))
KEY = "a" * 32

TROUBLES: Mapping[Trouble, bytes] = {
    Trouble.RESETS: RESET,
    Trouble.BROKEN: answer(500, b"out of order"),
    Trouble.BUSY: answer(429, b"", Retry_After=str(int(RETRY_AFTER))),
    Trouble.REFUSES: answer(404, b"no such hook"),
    Trouble.HANGS: HANG,
}


def src(key: str = "", **more: Any) -> dict[str, Any]:
    """A parameter's source in the event `push`."""
    return {"dependencyName": "push", "dataKey": key, **more}


def make(
    url: str, policy: TriggerPolicy | None = None, secrets: Mapping[str, str] | None = None, /, **fields: Any
) -> HTTP:
    """The trigger of a manifest's `http` block."""
    settings = HTTPSettings.model_validate({"url": url, **fields})
    return HTTP(settings, context(policy, **(secrets or {})))


def render(trigger: HTTP, values: FakeValues = PUSH) -> Request:
    """What it would send."""
    return trigger.render(trigger.settings, values)


async def fire(trigger: HTTP, values: FakeValues = PUSH) -> Outcome:
    """Enter, fire once, leave."""
    async with trigger:
        return await trigger.fire(render(trigger, values), KEY)


async def sent(sink: Sink, path: str = "/run", secrets: Mapping[str, str] | None = None, /, **fields: Any) -> Seen:
    """What arrives."""
    await fire(make(sink.url + path, None, secrets, **fields))
    return sink.requests[-1]


def allow(*statuses: int) -> TriggerPolicy:
    """A policy."""
    return TriggerPolicy(status=StatusPolicy(allow=list(statuses)))


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with Sink() as server:
        yield server


class TestContract(RemoteTriggerContract):
    @asynccontextmanager
    async def stage(self) -> AsyncIterator[RemoteStage]:
        async with Sink() as sink:
            secrets = {"token": "tok-5f3a", "user": "alice-77", "password": "pw-9c1e"}
            trigger = make(
                sink.url.replace("//", "//someone:swordfish@") + "/hook",
                None,
                secrets,
                headers={"Content-Type": "application/json", "Authorization": "Bearer plain-but-private"},
                payload=[{"src": src("ref"), "dest": "ref"}],
                secureHeaders=[
                    {"name": "X-Token", "valueFrom": {"secretKeyRef": {"name": "s", "key": "token"}}},
                ],
                basicAuth={"username": {"name": "s", "key": "user"}, "password": {"name": "s", "key": "password"}},
            )

            def suffer(trouble: Trouble) -> None:
                sink.script.append(TROUBLES[trouble])

            async def shut() -> None:
                await sink.__aexit__(None, None, None)

            yield RemoteStage(
                trigger=trigger,
                values=PUSH,
                seen=lambda: [f"{seen.method} {seen.target} {seen.body!r}" for seen in sink.requests],
                keys=lambda: [seen.header("Idempotency-Key") or "" for seen in sink.requests],
                secrets=[*secrets.values(), "YWxpY2UtNzc6", "someone", "swordfish", "plain-but-private"],
                suffer=suffer,
                release=sink.release,
                arrived=lambda count: sink.until(lambda sink: len(sink.requests) >= count),
                abandoned=lambda: sink.until(lambda sink: sink.open == 0),
                shut=shut,
            )

    def with_parameter(self, settings: Model, parameter: TriggerParameter) -> Model | None:
        return settings.model_copy(update={"payload": [parameter]})


class TestRequest:
    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
    async def test_methods_with_a_body_say_that_there_is_none(self, sink: Sink, method: str) -> None:
        seen = await sent(sink, method=method)
        assert {name for name, _ in seen.headers} == {"Host", "User-Agent", "Idempotency-Key", "Content-Length"}
        assert seen.header("Content-Length") == "0"
        assert (seen.method, seen.target, seen.body) == (method, "/run", b"")

    @pytest.mark.parametrize("method", ["GET", "DELETE", "HEAD", "post", "Custom"])
    async def test_others_do_not(self, sink: Sink, method: str) -> None:
        seen = await sent(sink, method=method)
        assert {name for name, _ in seen.headers} == {"Host", "User-Agent", "Idempotency-Key"}
        assert seen.method == method

    @pytest.mark.parametrize("method", ["", "GET", "DELETE", "HEAD", "PUT"])
    async def test_a_payload_is_sent_with_any_method_and_no_type_of_ours(self, sink: Sink, method: str) -> None:
        seen = await sent(sink, method=method, payload=[{"src": src("ref"), "dest": "ref"}])
        assert seen.method == (method or "POST")
        assert seen.body == b'{"ref":"main"}'
        assert seen.header("Content-Length") == "14"
        assert seen.header("Content-Type") is None

    async def test_headers_as_written(self, sink: Sink) -> None:
        seen = await sent(
            sink, headers={"content-TYPE": "text/plain", "X-Empty": "", "X-Blank": "  é ", "Accept": "a/b"}
        )
        assert ("content-TYPE", "text/plain") in seen.headers
        assert ("X-Empty", "") in seen.headers
        assert ("X-Blank", "é") in seen.headers
        assert ("Accept", "a/b") in seen.headers

    async def test_names_that_differ_in_case_are_both_sent(self, sink: Sink) -> None:
        seen = await sent(sink, headers={"x-a": "2", "X-A": "1"})
        assert [value for name, value in seen.headers if name.lower() == "x-a"] == ["1", "2"]

    async def test_what_the_connection_decides_cannot_be_set(self, sink: Sink) -> None:
        seen = await sent(
            sink, headers={"Host": "x", "content-length": "99", "Transfer-Encoding": "chunked", "Trailer": "x"}
        )
        assert {name for name, _ in seen.headers} == {"Host", "User-Agent", "Idempotency-Key", "Content-Length"}
        assert seen.header("Host") == sink.authority

    async def test_host(self, sink: Sink) -> None:
        assert (await sent(sink, host="hooks.example:99", headers={"Host": "x"})).header("Host") == "hooks.example:99"

    async def test_the_manifest_may_set_what_is_otherwise_ours(self, sink: Sink) -> None:
        seen = await sent(sink, headers={"idempotency-key": "mine", "User-Agent": "forge"})
        assert [value for name, value in seen.headers if name.lower() == "idempotency-key"] == ["mine"]
        assert seen.header("User-Agent") == "forge"

    async def test_expecting_a_word_before_the_body(self, sink: Sink) -> None:
        seen = await sent(sink, headers={"Expect": "100-continue"}, payload=[{"src": src("ref"), "dest": ""}])
        assert seen.body == b"main"

    async def test_the_key_of_the_firing(self, sink: Sink) -> None:
        assert (await sent(sink)).header("Idempotency-Key") == KEY

    async def test_dynamic_headers(self, sink: Sink) -> None:
        seen = await sent(
            sink,
            headers={"X-Ref": "static", "X-Kept": "1"},
            dynamicHeaders=[
                {"src": src("ref"), "dest": "X-Ref"},
                {"src": src("n"), "dest": "x-n"},
                {"src": {"dependencyName": "absent"}, "dest": "X-Absent"},
                {"src": src("ref"), "dest": "Host"},
            ],
        )
        assert seen.header("X-Ref") == "main"
        assert ("x-n", "7") in seen.headers
        assert seen.header("X-Absent") is None
        assert seen.header("X-Kept") == "1"
        assert seen.header("Host") == sink.authority

    async def test_secure_headers_come_after_the_others(self, sink: Sink) -> None:
        seen = await sent(
            sink,
            "/run",
            {"k": "sec", "c": "from a map"},
            headers={"X-S": "static"},
            secureHeaders=[
                {"name": "X-S", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
                {"name": "X-C", "valueFrom": {"configMapKeyRef": {"name": "s", "key": "c"}}},
            ],
        )
        assert seen.header("X-S") == "sec"
        assert seen.header("X-C") == "from a map"

    @pytest.mark.parametrize(
        ("auth", "header"),
        [
            ({}, "Basic Og=="),
            ({"username": {"name": "s", "key": "u"}}, "Basic dXNlcjo="),
            ({"password": {"name": "s", "key": "p"}}, "Basic OnBhOnNz"),
            ({"username": {"name": "s", "key": "u"}, "password": {"name": "s", "key": "p"}}, "Basic dXNlcjpwYTpzcw=="),
        ],
    )
    async def test_basic_auth_comes_last(self, sink: Sink, auth: dict[str, Any], header: str) -> None:
        seen = await sent(
            sink,
            "/run",
            {"u": "user", "p": "pa:ss"},
            basicAuth=auth,
            headers={"Authorization": "a", "authorization": "b"},
        )
        assert [value for name, value in seen.headers if name == "Authorization"] == [header, "b"]

    async def test_a_login_in_the_url(self, sink: Sink) -> None:
        trigger = make(f"http://us%65r:pass@{sink.authority}/")
        await fire(trigger)
        assert sink.requests[-1].header("Authorization") == "Basic dXNlcjpwYXNz"
        await fire(make(f"http://user:pass@{sink.authority}/", headers={"Authorization": "Bearer x"}))
        assert sink.requests[-1].header("Authorization") == "Bearer x"

    async def test_parameters_of_the_block(self, sink: Sink) -> None:
        seen = await sent(
            sink,
            method="PUT",
            headers={"X-A": "1"},
            payload=[{"src": src("n"), "dest": "n"}],
            parameters=[
                {"src": src("ref"), "dest": "headers.X-Ref"},
                {"src": {"dependencyName": "push", "value": f"{sink.url}/else"}, "dest": "url"},
                {"src": {"dependencyName": "push", "value": "PATCH"}, "dest": "method"},
            ],
        )
        assert (seen.method, seen.target, seen.body) == ("PATCH", "/else", b'{"n":7}')
        assert (seen.header("X-Ref"), seen.header("X-A")) == ("main", "1")

    async def test_settings_of_one_firing(self, sink: Sink) -> None:
        trigger = make(f"{sink.url}/usual")
        other = HTTPSettings(url=f"{sink.url}/other")
        async with trigger:
            for settings in (trigger.settings, other, trigger.settings):
                await trigger.fire(trigger.render(settings, PUSH), KEY)
        assert [seen.target for seen in sink.requests] == ["/usual", "/other", "/usual"]


class TestRendering:
    @pytest.mark.parametrize(
        "fields",
        [
            {"method": "B AD"},
            {"headers": {"X-Bad": "a\nb"}},
            {"headers": {"X Bad": "a"}},
            {"headers": {"": "a"}},
            {"host": "a\r\nX: y"},
            {"dynamicHeaders": [{"src": {"dependencyName": "push", "dataKey": "lines"}, "dest": "X-M"}]},
            {"dynamicHeaders": [{"src": {"dependencyName": "push", "dataKey": "ref"}, "dest": ""}]},
            {"url": ""},
            {"url": "ftp://host/"},
            {"parameters": [{"src": {"dependencyName": "push", "dataKey": "n", "useRawData": True}, "dest": "url"}]},
        ],
    )
    def test_what_cannot_be_sent_is_permanent(self, fields: dict[str, Any]) -> None:
        trigger = make(
            fields.get("url", "http://host/"), **{key: value for key, value in fields.items() if key != "url"}
        )
        with pytest.raises(Permanent) as failure:
            render(trigger)
        assert failure.value.fix

    async def test_a_secret_that_cannot_be_sent_is_not_shown(self) -> None:
        header = {"name": "X-S", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
        with pytest.raises(Permanent) as failure:
            await fire(make("http://host/", None, {"k": "swordfish\r\n"}, secureHeaders=[header]))
        assert "X-S" in str(failure.value)
        assert "swordfish" not in str(failure.value)

    async def test_a_secret_that_is_missing_may_come(self) -> None:
        header = {"name": "X-S", "valueFrom": {"secretKeyRef": {"name": "s", "key": "zz"}}}
        with pytest.raises(Temporary, match="no key 'zz'"):
            await fire(make("http://host/", secureHeaders=[header]))

    def test_show(self) -> None:
        trigger = make("http://user:pass@127.0.0.1:12000/deploys", payload=[{"src": src("ref"), "dest": "commit"}])
        assert render(trigger).show() == 'POST http://127.0.0.1:12000/deploys  {"commit":"main"}'
        assert render(trigger).show(20) == "POST http://127.0.0.…"

    def test_view(self) -> None:
        trigger = make(
            "http://user:pass@host/x",
            headers={"X-A": "1", "X-Api-Key": "k", "cookie": "c"},
            secureHeaders=[{"name": "X-S", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
            payload=[{"src": src("who"), "dest": "who"}],
        )
        assert render(trigger).view() == {
            "method": "POST",
            "url": "http://host/x",
            "headers": {"X-A": "1", "X-Api-Key": "***", "cookie": "***", "X-S": "***", "Authorization": "***"},
            "body": '{"who":"Grüße"}',
        }


class TestAnswer:
    @pytest.mark.parametrize("status", [200, 201, 204, 299, 304, 302])
    async def test_two_and_three_hundred_are_a_success(self, sink: Sink, status: int) -> None:
        sink.script.append(answer(status, b"" if status in (204, 304) else b"done"))
        outcome = await fire(make(sink.url))
        assert outcome == Outcome(status, "" if status in (204, 304) else "done")

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 422])
    async def test_what_will_not_pass(self, sink: Sink, status: int) -> None:
        sink.script.append(answer(status, b"because"))
        with pytest.raises(Permanent) as failure:
            await fire(make(sink.url))
        assert str(failure.value) == f"{sink.authority}: answered {status}: because"
        assert (failure.value.status, failure.value.answer) == (status, "because")  # type: ignore[attr-defined]

    @pytest.mark.parametrize("status", [408, 429, 500, 501, 502, 503, 504, 599])
    async def test_what_may_pass(self, sink: Sink, status: int) -> None:
        sink.script.append(answer(status, b"line one\r\nline two", Retry_After="3"))
        with pytest.raises(Temporary) as failure:
            await fire(make(sink.url))
        assert str(failure.value) == f"{sink.authority}: answered {status}: line one line two"
        assert failure.value.after == 3.0

    @pytest.mark.parametrize(
        ("policy", "status", "expected"),
        [
            (allow(200, 201), 201, None),
            (allow(200), 201, Permanent),
            (allow(), 200, Permanent),
            (allow(500), 500, None),
            (allow(200), 500, Temporary),
            (allow(200), 404, Permanent),
            (allow(404), 404, None),
            (TriggerPolicy(status=StatusPolicy()), 202, None),
            (TriggerPolicy(), 404, Permanent),
        ],
    )
    async def test_policy(
        self, sink: Sink, policy: TriggerPolicy, status: int, expected: type[Exception] | None
    ) -> None:
        sink.script.append(answer(status))
        if expected is None:
            assert (await fire(make(sink.url, policy))).status == status
        else:
            with pytest.raises(expected):
                await fire(make(sink.url, policy))

    async def test_the_beginning_of_a_long_answer_is_kept_and_its_connection_closed(self, sink: Sink) -> None:
        sink.usual = answer(200, b"x" * (ANSWER_LIMIT * 4))
        trigger = make(sink.url)
        async with trigger:
            for _ in range(2):
                assert (await trigger.fire(render(trigger), KEY)).answer == "x" * 1024
        assert sink.accepted == 2

    async def test_a_middling_answer_keeps_its_connection(self, sink: Sink) -> None:
        sink.usual = answer(200, b"x" * (ANSWER_LIMIT // 2))
        trigger = make(sink.url)
        async with trigger:
            for _ in range(3):
                assert (await trigger.fire(render(trigger), KEY)).answer == "x" * 1024
        assert sink.accepted == 1

    async def test_the_status_counts_even_if_the_rest_never_comes(self, sink: Sink) -> None:
        whole = answer(200, b"begun and never ended")
        sink.script.append(whole[:-5])
        sink.script.append(b"")
        trigger = make(sink.url, timeout=1)
        assert await fire(trigger) == Outcome(200, "begun and never ")

    async def test_an_answer_that_is_no_http(self, sink: Sink) -> None:
        sink.usual = b"SSH-2.0-OpenSSH_9.2\r\n\r\n"
        with pytest.raises(Temporary, match="not HTTP"):
            await fire(make(sink.url))

    async def test_a_connection_closed_without_an_answer(self, sink: Sink) -> None:
        sink.usual = b""
        with pytest.raises(Temporary, match="closed before an answer"):
            await fire(make(sink.url))

    async def test_too_slow(self, sink: Sink) -> None:
        sink.usual = HANG
        with pytest.raises(Temporary, match="no answer within 1 s"):
            await fire(make(sink.url, timeout=1))

    async def test_nobody_listens(self) -> None:
        with pytest.raises(Temporary, match="cannot connect: "):
            await fire(make(f"http://127.0.0.1:{closed_port()}/"))

    async def test_no_such_host(self) -> None:
        with pytest.raises(Temporary, match="host name cannot be resolved"):
            await fire(make("http://host.invalid/"))

    async def test_connections_are_used_again_and_cookies_are_not(self, sink: Sink) -> None:
        sink.usual = answer(200, Set_Cookie="a=b")
        trigger = make(sink.url)
        async with trigger:
            for _ in range(5):
                await trigger.fire(render(trigger), KEY)
        assert sink.accepted == 1
        assert all(seen.header("Cookie") is None for seen in sink.requests)


class TestRedirects:
    async def test_a_post_becomes_a_get(self, sink: Sink) -> None:
        sink.script.append(answer(302, Location="/next"))
        outcome = await fire(make(f"{sink.url}/run", headers={"Content-Type": "a/b", "X-K": "1"}, payload=[]))
        assert outcome.status == 200
        assert [(seen.method, seen.target) for seen in sink.requests] == [("POST", "/run"), ("GET", "/next")]
        assert {name for name, _ in sink.requests[1].headers} == {
            "Host",
            "User-Agent",
            "Idempotency-Key",
            "X-K",
            "Referer",
        }
        assert sink.requests[1].header("Referer") == f"{sink.url}/run"

    async def test_307_keeps_method_and_body(self, sink: Sink) -> None:
        sink.script.append(answer(307, Location=f"{sink.url}/next"))
        await fire(make(f"{sink.url}/run", method="PUT", payload=[{"src": src("ref"), "dest": ""}]))
        assert [(seen.method, seen.body) for seen in sink.requests] == [("PUT", b"main")] * 2

    async def test_without_a_place_it_is_an_answer(self, sink: Sink) -> None:
        sink.script.append(answer(302))
        assert (await fire(make(sink.url))).status == 302
        assert len(sink.requests) == 1

    async def test_not_for_ever(self, sink: Sink) -> None:
        sink.usual = answer(302, Location="/again")
        with pytest.raises(Permanent, match="10 requests that redirected"):
            await fire(make(sink.url))
        assert len(sink.requests) == 10

    async def test_to_a_place_that_is_none(self, sink: Sink) -> None:
        sink.usual = answer(302, Location="ftp://host/")
        with pytest.raises(Permanent, match="redirects to a place that is none"):
            await fire(make(sink.url))

    async def test_the_time_limit_is_for_all_of_it(self, sink: Sink) -> None:
        sink.script.extend([answer(302, Location="/slow"), HANG])
        with pytest.raises(Temporary, match="no answer within 1 s"):
            await fire(make(sink.url, timeout=1))


class TestTLS:
    CA = {"caCertSecret": {"name": "s", "key": "ca"}}
    CLIENT = {"clientCertSecret": {"name": "s", "key": "cert"}, "clientKeySecret": {"name": "s", "key": "key"}}
    PEMS = {"ca": pem("ca.pem"), "cert": pem("client.pem"), "key": pem("client.key")}

    async def test_unknown_authority(self) -> None:
        async with Sink(tls=server_context()) as sink:
            for tls in (None, {"enabled": True}):
                with pytest.raises(Temporary, match="certificate is not trusted") as failure:
                    await fire(make(sink.url, tls=tls))
                assert "tls" in failure.value.fix

    async def test_own_authority(self) -> None:
        async with Sink(tls=server_context()) as sink:
            assert (await fire(make(sink.url, None, self.PEMS, tls=self.CA))).status == 200

    async def test_client_certificate(self) -> None:
        async with Sink(tls=server_context(demand_client=True)) as sink:
            with pytest.raises(Temporary):
                await fire(make(sink.url, None, self.PEMS, tls=self.CA))
            assert (await fire(make(sink.url, None, self.PEMS, tls={**self.CA, **self.CLIENT}))).status == 200

    async def test_unverified(self) -> None:
        async with Sink(tls=server_context()) as sink:
            tls = {"insecureSkipVerify": True, "caCertSecret": {"name": "s", "key": "not read"}}
            assert (await fire(make(sink.url, tls=tls))).status == 200

    async def test_a_certificate_that_is_missing_may_come(self) -> None:
        with pytest.raises(Temporary, match="no key 'ca'"):
            await fire(make("https://host/", tls=self.CA))

    async def test_a_block_that_says_nothing(self) -> None:
        with pytest.raises(Permanent, match="neither certificates nor 'enabled'"):
            await fire(make("https://host/", tls={}))

    @pytest.mark.parametrize(
        "pems", [{**PEMS, "ca": "none"}, {**PEMS, "cert": "none"}, {**PEMS, "key": pem("server.key")}]
    )
    async def test_certificates_that_are_none(self, pems: dict[str, str]) -> None:
        with pytest.raises(Permanent, match="cannot be used"):
            await fire(make("https://host/", None, pems, tls={**self.CA, **self.CLIENT}))


class TestCheck:
    def test_nothing_to_say(self) -> None:
        assert HTTP.check(HTTPSettings(url="http://host/", method="GET")) == []

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"url": ""}, "url"),
            ({"method": "HEAD"}, "method"),
            ({"method": "post"}, "method"),
            ({"headers": {"X A": "1"}}, "headers"),
            ({"headers": {"X-A": "1\n"}}, "headers"),
            ({"dynamicHeaders": [{"src": src("ref")}]}, "dynamicHeaders.0.dest"),
            ({"secureHeaders": [{"valueFrom": {"secretKeyRef": {"key": "k"}}}]}, "secureHeaders.0.name"),
            ({"secureHeaders": [{"name": "X-A"}]}, "secureHeaders.0.valueFrom"),
            ({"tls": {}}, "tls"),
            ({"tls": {"clientCertSecret": {"key": "k"}}}, "tls"),
        ],
    )
    def test_faults(self, fields: dict[str, Any], path: str) -> None:
        settings = HTTPSettings.model_validate({"url": "http://host/", "method": "GET", **fields})
        (found,) = HTTP.check(settings)
        assert found[0] == path
        assert not found[1].startswith("warning: ")
        assert found[2]

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"url": "u", "method": "GET"}, "url"),
            ({}, ""),
            ({"payload": [{"src": src("ref"), "dest": "x"}]}, "headers"),
        ],
    )
    def test_warnings(self, fields: dict[str, Any], path: str) -> None:
        (found,) = HTTP.check(HTTPSettings.model_validate({"url": "http://host/", **fields}))
        assert found[0] == path
        assert found[1].startswith("warning: ")
