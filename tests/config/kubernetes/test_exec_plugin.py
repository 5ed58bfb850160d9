from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import pytest

from config.errors import EventyardError, Temporary
from config.kubernetes import exec_plugin
from config.kubernetes.exec_plugin import run_plugin

VERSION = "client.authentication.k8s.io/v1"
WHERE = "context 'x' of y"


def plugin(source: str, **more: Any) -> dict[str, Any]:
    return {"apiVersion": VERSION, "command": sys.executable, "args": ["-c", source], **more}


def printing(status: Any, version: str = VERSION) -> str:
    answer = {"apiVersion": version, "kind": "ExecCredential", "status": status}
    return f"print({json.dumps(json.dumps(answer))})"


async def test_a_token_with_its_end() -> None:
    status = {"token": "hidden", "expirationTimestamp": "2026-11-25T01:00:00Z"}
    credential = await run_plugin(plugin(printing(status)), {}, WHERE)
    assert credential.token == "hidden"
    assert 1795568400 - 60 <= credential.expires < 1795568400
    assert "hidden" not in repr(credential)


async def test_a_certificate() -> None:
    status = {"clientCertificateData": "C", "clientKeyData": "K"}
    credential = await run_plugin(plugin(printing(status)), {}, WHERE)
    assert (credential.certificate, credential.key, credential.token) == ("C", "K", "")
    assert credential.expires == float("inf")


async def test_what_it_is_told() -> None:
    source = "import os, json; s = {'token': os.environ['KUBERNETES_EXEC_INFO'] + os.environ['MINE']}; "
    source += f"print(json.dumps({{'apiVersion': '{VERSION}', 'status': s}}))"
    given = plugin(source, env=[{"name": "MINE", "value": "!"}], provideClusterInfo=True)
    told = (await run_plugin(given, {"server": "https://c", "certificate-authority": "/x"}, WHERE)).token
    assert json.loads(told.removesuffix("!")) == {
        "apiVersion": VERSION,
        "kind": "ExecCredential",
        "spec": {"interactive": False, "cluster": {"server": "https://c"}},
    }


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("import sys; sys.exit('log in\\nfirst')", "ended with 1: log in first"),
        ("print('no JSON')", "did not print an ExecCredential"),
        ("print('[]')", "did not print an ExecCredential"),
        (printing(None), "did not print an ExecCredential"),
        (printing({"token": "t", "expirationTimestamp": "soon"}), "did not print an ExecCredential"),
        (printing({}), "neither a token nor a certificate"),
        (printing({"clientCertificateData": "C"}), "neither a token nor a certificate"),
        (printing({"token": "t"}, "client.authentication.k8s.io/v1beta1"), "the kubeconfig says"),
    ],
)
async def test_what_is_of_no_use_may_pass(source: str, what: str) -> None:
    with pytest.raises(Temporary, match=what) as caught:
        await run_plugin(plugin(source), {}, WHERE)
    assert caught.value.where == WHERE


async def test_a_program_that_is_not_there() -> None:
    given = {"command": "/absent/login", "apiVersion": VERSION, "installHint": "brew install login\n"}
    with pytest.raises(EventyardError, match="does not run: No such file") as caught:
        await run_plugin(given, {}, WHERE)
    assert not isinstance(caught.value, Temporary)
    assert caught.value.fix == "brew install login"


async def test_one_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    # That no process is left is seen after each test.
    monkeypatch.setattr(exec_plugin, "PATIENCE", 0.5)
    with pytest.raises(Temporary, match=r"did not end in 0\.5 s"):
        await run_plugin(plugin("import time; time.sleep(60)"), {}, WHERE)


async def test_one_that_runs_ends_with_who_asked() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await run_plugin(plugin("import time; time.sleep(60)"), {}, WHERE)
