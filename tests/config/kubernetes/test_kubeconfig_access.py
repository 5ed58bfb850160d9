from __future__ import annotations

import base64
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from config.errors import EventyardError, Temporary
from config.kubernetes.kubeconfig_access import HOLDS, KubeconfigAccess
from config.kubernetes.login import Login
from tests.config.kubernetes.test_kubeconfig import whole

EXEC = "client.authentication.k8s.io/v1"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


async def login(folder: Path, user: Mapping[str, Any], **cluster: Any) -> Login:
    clusters = [{"name": "c", "cluster": {"server": "https://c.example.test/", **cluster}}]
    file = whole(folder / "config", users=[{"name": "u", "user": user}], clusters=clusters)
    return await KubeconfigAccess([file], clock=lambda: 1000.0).login()


def program(status: Mapping[str, Any]) -> dict[str, Any]:
    answer = json.dumps({"apiVersion": EXEC, "kind": "ExecCredential", "status": status})
    return {"exec": {"apiVersion": EXEC, "command": sys.executable, "args": ["-c", f"print({answer!r})"]}}


def id_token(payload: Mapping[str, Any]) -> str:
    return f"e30.{base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip('=')}.sig"


async def test_a_token(tmp_path: Path) -> None:
    found = await login(tmp_path, {"token": "hidden\n"})
    assert found.authorization == "Bearer hidden"
    assert found.expires == float("inf")
    assert "hidden" not in repr(found)


async def test_a_file_with_a_token_that_others_replace(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t\n")
    found = await login(tmp_path, {"tokenFile": "token"})
    assert (found.authorization, found.expires) == ("Bearer t", 1000.0 + HOLDS)


async def test_user_and_password(tmp_path: Path) -> None:
    assert (await login(tmp_path, {"username": "me", "password": "pw"})).authorization == f"Basic {encoded('me:pw')}"


async def test_nobody(tmp_path: Path) -> None:
    assert (await login(tmp_path, {"as": "x"})).authorization == ""


async def test_certificates_in_files_and_inline(tmp_path: Path) -> None:
    for name in ("cert", "key", "ca"):
        (tmp_path / name).write_text(f"file {name}")
    files = {"client-certificate": "cert", "client-key": "key"}
    endpoint = (await login(tmp_path, files, **{"certificate-authority": "ca"})).endpoint
    assert (endpoint.certificate, endpoint.key, endpoint.authority) == ("file cert", "file key", "file ca")
    # Inline data has precedence.
    inline = {**files, "client-certificate-data": encoded("C"), "client-key-data": encoded("K")}
    found = await login(tmp_path, inline, **{"certificate-authority-data": encoded("A")})
    assert (found.endpoint.certificate, found.endpoint.key, found.endpoint.authority) == ("C", "K", "A")
    assert "'K'" not in repr(found)


async def test_the_cluster(tmp_path: Path) -> None:
    cluster = {"insecure-skip-tls-verify": True, "tls-server-name": "api.internal", "proxy-url": "http://proxy:8080"}
    endpoint = (await login(tmp_path, {}, **cluster)).endpoint
    assert endpoint.server == "https://c.example.test"
    assert (endpoint.verify, endpoint.server_name, endpoint.proxy) == (False, "api.internal", "http://proxy:8080")


async def test_a_program_gives_a_token(tmp_path: Path) -> None:
    found = await login(tmp_path, program({"token": "t", "expirationTimestamp": "1970-01-01T01:00:00Z"}))
    assert (found.authorization, found.expires) == ("Bearer t", 3570.0)


async def test_a_program_gives_a_certificate(tmp_path: Path) -> None:
    found = await login(tmp_path, program({"clientCertificateData": "C", "clientKeyData": "K"}))
    assert (found.authorization, found.endpoint.certificate, found.endpoint.key) == ("", "C", "K")


async def test_an_identity_provider(tmp_path: Path) -> None:
    token = id_token({"exp": 4102444800})
    found = await login(tmp_path, {"auth-provider": {"name": "oidc", "config": {"id-token": token}}})
    assert (found.authorization, found.expires) == (f"Bearer {token}", 1000.0 + HOLDS)


async def test_an_identity_provider_that_would_have_to_be_asked_in_person(tmp_path: Path) -> None:
    stale = {"auth-provider": {"name": "oidc", "config": {"id-token": id_token({"exp": 1})}}}
    with pytest.raises(Temporary, match="the identity provider gave no token") as caught:
        await login(tmp_path, stale)
    assert "log in again" in caught.value.fix


@pytest.mark.parametrize(
    ("user", "what"),
    [
        ({"client-certificate-data": encoded("C")}, "belong together"),
        ({"client-certificate-data": "no base64!"}, "'client-certificate-data' is no base64"),
        ({"client-certificate": "absent", "client-key": "absent"}, "absent cannot be read: No such file"),
        ({"tokenFile": "absent"}, "absent cannot be read: No such file"),
    ],
)
async def test_what_is_wrong_names_the_context(tmp_path: Path, user: dict[str, Any], what: str) -> None:
    with pytest.raises(EventyardError, match=what) as caught:
        await login(tmp_path, user)
    assert caught.value.where == f"context 'prod' of {tmp_path / 'config'}"


async def test_the_context_stays_and_its_user_is_read_again(tmp_path: Path) -> None:
    await login(tmp_path, {"token": "old"})
    access = KubeconfigAccess([tmp_path / "config"])
    assert access.namespace == "apps"
    await login(tmp_path, {"token": "new"}, server="https://d.example.test")
    text = (tmp_path / "config").read_text()
    (tmp_path / "config").write_text(text.replace("current-context: prod", "current-context: plain"))
    found = await access.login()
    assert (found.authorization, found.endpoint.server) == ("Bearer new", "https://d.example.test")
