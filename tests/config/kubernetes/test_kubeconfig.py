from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from config.errors import EventyardError
from config.kubernetes.kubeconfig import kubeconfig_files, read_context

CLUSTERS = [{"name": "c", "cluster": {"server": "https://c.example.test", "certificate-authority": "ca.pem"}}]
USERS = [{"name": "u", "user": {"token": "hidden", "client-key": "/abs/key", "tokenFile": "sub/token"}}]
CONTEXTS = [
    {"name": "prod", "context": {"cluster": "c", "user": "u", "namespace": "apps"}},
    {"name": "plain", "context": {"cluster": "c"}},
]


def write(path: Path, **sections: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(sections))
    return path


def whole(path: Path, **changed: Any) -> Path:
    sections = {"clusters": CLUSTERS, "users": USERS, "contexts": CONTEXTS, "current-context": "prod"}
    return write(path, **{**sections, **{name.replace("_", "-"): value for name, value in changed.items()}})


def test_the_current_context_with_absolute_paths(tmp_path: Path) -> None:
    context = read_context([whole(tmp_path / "kube" / "config")])
    assert (context.name, context.namespace) == ("prod", "apps")
    assert context.where == f"context 'prod' of {tmp_path / 'kube' / 'config'}"
    assert context.cluster["certificate-authority"] == str(tmp_path / "kube" / "ca.pem")
    assert context.user["client-key"] == "/abs/key"
    assert context.user["tokenFile"] == str(tmp_path / "kube" / "sub" / "token")
    assert "hidden" not in repr(context)


def test_another_context_without_user_and_namespace(tmp_path: Path) -> None:
    context = read_context([whole(tmp_path / "config")], "plain")
    assert (context.namespace, context.user) == ("default", {})


def test_of_several_files_the_first_that_says_something_rules(tmp_path: Path) -> None:
    first = write(
        tmp_path / "a" / "first", contexts=[{"name": "prod", "context": {"cluster": "c", "namespace": "first"}}]
    )
    second = whole(tmp_path / "b" / "second")
    third = whole(tmp_path / "third", current_context="plain")
    context = read_context([tmp_path / "absent", first, second, third])
    assert (context.name, context.namespace, context.file) == ("prod", "first", first)
    # A path is relative to the file that has it.
    assert context.cluster["certificate-authority"] == str(tmp_path / "b" / "ca.pem")


@pytest.mark.parametrize(
    ("command", "found"), [("aws", "aws"), ("./bin/login", "bin/login"), ("/bin/login", "/bin/login")]
)
def test_a_program_is_on_the_path_or_beside_the_file(tmp_path: Path, command: str, found: str) -> None:
    file = whole(tmp_path / "config", users=[{"name": "u", "user": {"exec": {"command": command}}}])
    expected = found if command == "aws" else str(tmp_path / found)
    assert read_context([file]).user["exec"]["command"] == expected


@pytest.mark.parametrize(
    ("changed", "context", "what", "fix"),
    [
        ({}, "prd", "no context 'prd'", "did you mean 'prod'?"),
        ({}, "xyz", "no context 'xyz'", "there are: plain, prod"),
        ({"current_context": ""}, "", "no current context", "choose one of: plain, prod"),
        ({"current_context": "", "contexts": None}, "", "no current context", "add a context"),
        ({"clusters": []}, "", "names the cluster 'c', which is not there", "add it to 'clusters'"),
        ({"users": [{"name": "v"}]}, "", "names the user 'u', which is not there", "add it to 'users'"),
        ({"clusters": [{"name": "c", "cluster": None}]}, "", "has no server", "add its URL"),
        ({"contexts": [{"context": {}}]}, "", "'contexts' is no list of names", ""),
        ({"contexts": "prod"}, "", "this is no kubeconfig", "kubectl config view"),
    ],
)
def test_what_is_wrong_is_said_with_the_file(
    tmp_path: Path, changed: dict[str, Any], context: str, what: str, fix: str
) -> None:
    file = whole(tmp_path / "config", **changed)
    with pytest.raises(EventyardError) as caught:
        read_context([file], context)
    assert what in caught.value.what
    assert fix in caught.value.fix
    assert str(file) in caught.value.where


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(EventyardError, match=f"no kubeconfig at {tmp_path}/a, {tmp_path}/b"):
        read_context([tmp_path / "a", tmp_path / "b"])


@pytest.mark.parametrize("text", ["token: [hidden", "- hidden", "hidden", "\x00"])
def test_what_is_no_kubeconfig_is_not_repeated(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config"
    file.write_text(text)
    with pytest.raises(EventyardError) as caught:
        read_context([file])
    assert "hidden" not in str(caught.value)
    assert caught.value.where == str(file)


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("")
    assert read_context([tmp_path / "empty", whole(tmp_path / "config")]).name == "prod"


def test_a_folder_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(EventyardError, match="cannot be read: Is a directory"):
        read_context([tmp_path])


def test_where_files_are_looked_for(tmp_path: Path) -> None:
    assert kubeconfig_files({}, tmp_path) == [tmp_path / ".kube" / "config"]
    assert kubeconfig_files({"KUBECONFIG": ""}, tmp_path) == [tmp_path / ".kube" / "config"]
    assert kubeconfig_files({"KUBECONFIG": "/a::/b"}, tmp_path) == [Path("/a"), Path("/b")]
