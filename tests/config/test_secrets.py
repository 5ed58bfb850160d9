from __future__ import annotations

import base64
from pathlib import Path

import pytest

from config.errors import EventyardError
from config.load import load_text
from config.manifests import Manifests
from config.model import ConfigMapKeySelector, SecretKeySelector
from config.secret import Secret
from config.secrets import SecretStore, variable_of

TOKEN = SecretKeySelector(name="hook-token", key="token")
COLOUR = ConfigMapKeySelector(name="look", key="colour")


def documents(*texts: str) -> Manifests:
    found = load_text("\n---\n".join(texts))
    assert found.faults == ()
    return found


def secret(value: str, namespace: str = "", field: str = "stringData") -> str:
    where = f", namespace: {namespace}" if namespace else ""
    return f"apiVersion: v1\nkind: Secret\nmetadata: {{name: hook-token{where}}}\n{field}: {{token: {value}}}\n"


def test_documents_come_first(tmp_path: Path) -> None:
    (tmp_path / "hook-token").mkdir()
    (tmp_path / "hook-token" / "token").write_text("file")
    store = SecretStore(
        documents(secret("text")), secrets_dir=tmp_path, environ={variable_of("hook-token", "token"): "e"}
    )
    assert store.secret(TOKEN) == Secret("text")


def test_then_files_which_are_read_anew_each_time(tmp_path: Path) -> None:
    file = tmp_path / "hook-token" / "token"
    file.parent.mkdir()
    file.write_text("one\n\n")
    store = SecretStore(secrets_dir=tmp_path, environ={"EVENTYARD_SECRET_HOOK_TOKEN_TOKEN": "other"})
    assert store.secret(TOKEN).reveal() == "one\n"
    file.write_bytes(b"\xff\xfe")
    assert store.secret(TOKEN).matches("\udcff\udcfe")
    file.unlink()
    assert store.secret(TOKEN).reveal() == "other"


def test_then_the_environment() -> None:
    assert variable_of("hook-token", "client.key") == "EVENTYARD_SECRET_HOOK_TOKEN_CLIENT_KEY"
    store = SecretStore(environ={"EVENTYARD_SECRET_HOOK_TOKEN_TOKEN": "abc\n", "EVENTYARD_SECRET_LOOK_COLOUR": "red"})
    assert store.secret(TOKEN).reveal() == "abc"
    assert store.config_map(COLOUR) == "red"


def test_base64_and_plain_text() -> None:
    encoded = base64.b64encode(b"open sesame\n").decode()
    assert SecretStore(documents(secret(encoded, field="data"))).secret(TOKEN).reveal() == "open sesame"
    both = secret(encoded, field="data") + "stringData: {token: plain}\n"
    assert SecretStore(documents(both)).secret(TOKEN).reveal() == "plain"
    binary = secret(base64.b64encode(b"\x00\xff").decode(), field="data")
    assert SecretStore(documents(binary)).secret(TOKEN).reveal() == "\x00\udcff"


def test_config_maps() -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: look}\ndata: {colour: red}\nbinaryData: {raw: aGk=}\n"
    store = SecretStore(documents(text))
    assert store.config_map(COLOUR) == "red"
    assert store.config_map(ConfigMapKeySelector(name="look", key="raw")) == "hi"


def test_namespaces() -> None:
    store = SecretStore(documents(secret("ops", "ops"), secret("web", "web")))
    assert store.within("ops").secret(TOKEN).reveal() == "ops"
    assert store.within("web").secret(TOKEN).reveal() == "web"
    with pytest.raises(EventyardError):
        store.within("dev").secret(TOKEN)
    alone = SecretStore(documents(secret("ops", "ops")))
    assert alone.secret(TOKEN).reveal() == "ops"
    assert SecretStore(documents(secret("all"))).within("dev").secret(TOKEN).reveal() == "all"


def test_views_see_what_replaces_the_documents() -> None:
    store = SecretStore(documents(secret("one")))
    view = store.within("default")
    store.replace(documents(secret("two")))
    assert view.secret(TOKEN).reveal() == "two"


def test_a_missing_value_is_explained(tmp_path: Path) -> None:
    with pytest.raises(EventyardError) as error:
        SecretStore(secrets_dir=tmp_path).within("ops").secret(TOKEN)
    assert "there is no Secret 'hook-token'" in error.value.what
    assert "namespace 'ops'" in error.value.what
    assert str(tmp_path / "hook-token" / "token") in error.value.what
    assert "EVENTYARD_SECRET_HOOK_TOKEN_TOKEN" in error.value.fix


def test_a_missing_key_is_told_from_a_missing_secret() -> None:
    with pytest.raises(EventyardError) as error:
        SecretStore(documents(secret("hunter2"))).secret(SecretKeySelector(name="hook-token", key="tokn"))
    assert "has no key 'tokn'" in error.value.what
    assert error.value.fix == "did you mean 'token'?"
    assert "hunter2" not in str(error.value) + error.value.fix


@pytest.mark.parametrize("name", ["..", "../x", "a/b", ".", ""])
def test_names_do_not_lead_out_of_the_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (tmp_path / "token").write_text("outside")
    (folder / "token").write_text("outside")
    with pytest.raises(EventyardError):
        SecretStore(secrets_dir=folder).secret(SecretKeySelector(name=name, key="token"))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "hook-token" / "token").mkdir(parents=True)
    with pytest.raises(EventyardError, match="cannot be read"):
        SecretStore(secrets_dir=tmp_path).secret(TOKEN)


def test_secrets_are_never_printed() -> None:
    found = documents(secret("hunter2"))
    store = SecretStore(found)
    assert "hunter2" not in repr(found) + repr(store.secret(TOKEN)) + repr(vars(store))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("kind: Secret\nmetadata: {name: a}\ndata: {k: '%%%'}", "not-base64"),
        ("kind: Secret\nmetadata: {name: a}\ndata: {k: 5}", "wrong-type"),
        ("kind: Secret\nmetadata: {name: a}\nstringData: [1]", "wrong-type"),
        ("kind: ConfigMap\nmetadata: {name: a}\ndata: {k: true}", "wrong-type"),
        ("kind: ConfigMap\nmetadata: {name: a}\nbinaryData: {k: '-'}", "not-base64"),
    ],
)
def test_wrong_documents(text: str, code: str) -> None:
    (fault,) = load_text(f"apiVersion: v1\n{text}\n", "f.yaml").faults
    assert (fault.code, fault.place.line) == (code, 4)


def test_a_document_that_is_given_twice_is_warned_of() -> None:
    found = load_text(secret("a") + "---\n" + secret("b"))
    assert [fault.code for fault in found.faults] == ["duplicate-manifest"]
    assert found.valid
    assert SecretStore(found).secret(TOKEN).reveal() == "b"
