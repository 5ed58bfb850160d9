from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import EventyardError
from config.kubernetes.service_account import HOLDS, ServiceAccount

POD = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}


def mount(folder: Path, **files: str) -> Path:
    for name, text in {"token": "t1\n", "ca.crt": "PEM", "namespace": "apps", **files}.items():
        (folder / name).write_text(text)
    return folder


async def test_the_token_is_read_again_before_it_expires(tmp_path: Path) -> None:
    account = ServiceAccount(POD, mount(tmp_path), clock=lambda: 1000.0)
    login = await account.login()
    assert (login.authorization, login.expires) == ("Bearer t1", 1000.0 + HOLDS)
    assert (login.endpoint.server, login.endpoint.authority) == ("https://10.0.0.1:443", "PEM")
    assert account.namespace == "apps"
    mount(tmp_path, token="t2")
    assert (await account.login()).authorization == "Bearer t2"
    assert "t1" not in repr(login)


def test_an_ipv6_address_is_put_in_brackets(tmp_path: Path) -> None:
    account = ServiceAccount({**POD, "KUBERNETES_SERVICE_HOST": "fd00::1"}, mount(tmp_path))
    assert account.server == "https://[fd00::1]:443"


def test_without_a_namespace_it_is_default(tmp_path: Path) -> None:
    assert ServiceAccount(POD, mount(tmp_path, namespace="")).namespace == "default"


def test_no_pod(tmp_path: Path) -> None:
    with pytest.raises(EventyardError, match="this is not a Pod"):
        ServiceAccount({}, mount(tmp_path))


async def test_a_pod_without_token_or_authority(tmp_path: Path) -> None:
    with pytest.raises(EventyardError, match="token is missing or empty") as caught:
        ServiceAccount(POD, mount(tmp_path, token=" "))
    assert "automountServiceAccountToken" in caught.value.fix
    (tmp_path / "token").write_text("t")
    (tmp_path / "ca.crt").unlink()
    with pytest.raises(EventyardError, match=r"ca\.crt is missing"):
        await ServiceAccount(POD, tmp_path).login()
