"""triggers/artifacts/model.py and check.py: which source counts, what is shown of it, what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest

from config.block import Marks
from config.checks.parts import ARTIFACT
from config.decode import decode, field_names
from config.errors import Fault, Permanent
from triggers.artifacts import Artifact, check_artifact, describe
from triggers.artifacts.git_paths import check_reference, inner_path, without_login
from triggers.artifacts.model import ORDER, kind_of

ALL: dict[str, dict[str, Any]] = {
    "s3": {
        "endpoint": "minio:9000",
        "bucket": {"name": "b", "key": "k"},
        "region": "r",
        "insecure": True,
        "accessKey": {"name": "s", "key": "a"},
        "secretKey": {"name": "s", "key": "b"},
        "caCertificate": {"name": "s", "key": "c"},
    },
    "inline": "kind: Job",  # type: ignore[dict-item]
    "file": {"path": "/x"},
    "url": {"path": "https://user:pw@host/x", "verifyCert": True},
    "git": {
        "url": "https://tok@host/r",
        "cloneDirectory": "/c",
        "filePath": "f",
        "branch": "b",
        "tag": "t",
        "ref": "refs/x",
        "remote": {"name": "n", "urls": ["https://u:p@other/r"]},
        "creds": {"username": {"name": "s", "key": "u"}, "password": {"name": "s", "key": "p"}},
        "sshKeySecret": {"name": "s", "key": "k"},
        "insecureIgnoreHostKey": True,
        "githubApp": {"privateKey": {"name": "s", "key": "k"}, "appID": 1, "installationID": 2},
    },
    "configmap": {"name": "c", "key": "k"},
    "resource": {"kind": "Job", "spec": {"camelCase": None}},
}


def artifact(**fields: Any) -> Artifact:
    """The artifact of a manifest."""
    return Artifact.model_validate(fields)


def faults(**fields: Any) -> list[tuple[str, str]]:
    """Paths and what is wrong."""
    return [(path, what) for path, what, _ in check_artifact(artifact(**fields))]


def test_every_field_is_read() -> None:
    found: list[Fault] = []
    made = decode(Artifact, ALL, (), Marks("", {}), found)
    assert not found
    assert made is not None
    assert made.model_dump(mode="json", by_alias=True, exclude_defaults=True) == ALL


def test_kinds_are_those_of_argo_events() -> None:
    assert set(field_names(ARTIFACT.model("Artifact"))) == set(ORDER) == set(field_names(Artifact))


def test_the_first_in_order_counts() -> None:
    assert [kind_of(artifact(**{name: ALL[name] for name in ORDER[at:]})) for at in range(len(ORDER))] == list(ORDER)


@pytest.mark.parametrize("nothing", [None, Artifact()])
def test_nothing(nothing: Artifact | None) -> None:
    for ask in (kind_of, describe):
        with pytest.raises(Permanent) as failure:
            ask(nothing)
        assert failure.value.fix
    assert check_artifact(nothing, "k8s.source")[0][0] == "k8s.source"


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("s3", "s3 b/k at minio:9000"),
        ("inline", "inline"),
        ("file", "file /x"),
        ("url", "url https://host/x"),
        ("git", "git https://other/r f"),
        ("configmap", "configmap c key k"),
        ("resource", "resource"),
    ],
)
def test_description(kind: str, shown: str) -> None:
    assert describe(artifact(**{kind: ALL[kind]})) == shown


def test_check_of_what_is_sound() -> None:
    git = {"url": "https://host/r", "filePath": "f", "branch": "main"}
    for sound in (
        {"inline": ALL["inline"]},
        {"file": ALL["file"]},
        {"url": ALL["url"]},
        {"git": git},
        {"s3": ALL["s3"]},
        {"configmap": ALL["configmap"]},
        {"resource": ALL["resource"]},
    ):
        assert faults(**sound) == []


@pytest.mark.parametrize(
    ("fields", "path", "warns"),
    [
        ({"file": {}}, "source.file.path", True),
        ({"url": {}}, "source.url.path", True),
        ({"url": {"path": "https://host/x"}}, "source.url.verifyCert", True),
        ({"git": {"filePath": "f", "branch": "b"}}, "source.git.url", True),
        ({"git": {"url": "u", "filePath": "f"}}, "source.git.branch", True),
        ({"git": {"url": "u", "branch": "b"}}, "source.git.filePath", True),
        ({"git": {"url": "u", "branch": "b", "filePath": "../f"}}, "source.git.filePath", False),
        (
            {"git": {"url": "u", "branch": "b", "filePath": "f", "cloneDirectory": "~/x"}},
            "source.git.cloneDirectory",
            0,
        ),
        ({"git": {"url": "u", "branch": "a b", "filePath": "f"}}, "source.git.branch", False),
        (
            {"git": {"url": "u", "branch": "b", "filePath": "f", "insecureIgnoreHostKey": True}},
            "source.git.insecureIgnoreHostKey",
            True,
        ),
        ({"s3": {"endpoint": "x"}}, "source.s3.bucket", True),
        ({"s3": {**ALL["s3"], "secretKey": None}}, "source.s3.secretKey", False),
        ({"s3": {**ALL["s3"], "accessKey": None}}, "source.s3.accessKey", False),
        ({"resource": [1]}, "source.resource", False),
        ({"inline": "kind: Job", "resource": {"kind": "Job"}}, "source.resource", True),
        ({"inline": ""}, "source.inline", True),
        ({"inline": "[a"}, "source.inline", False),
        ({"inline": "kind: A\n---\nkind: B\n"}, "source.inline", True),
    ],
)
def test_check(fields: dict[str, Any], path: str, warns: bool) -> None:
    [(found, what)] = faults(**fields)
    assert found == path
    assert what.startswith("warning: ") is bool(warns)


def test_texts_for_git() -> None:
    assert inner_path("/a/./b//c") == "a/b/c"
    assert inner_path("a..b/...") == "a..b/..."
    check_reference("refs/heads/feature/x-1.2_y@z")
    assert without_login("from https://a:b@host/x to http://tok@h and git@host:r") == (
        "from https://host/x to http://h and git@host:r"
    )
