"""The `source` block: its fields are those of Argo Events, and so is which of them counts if several are given."""

from __future__ import annotations

from typing import Any, Final, Literal, get_args

from pydantic import Field

from config.errors import Permanent
from config.model import BasicAuth, ConfigMapKeySelector, Int64, Model, SecretKeySelector
from triggers.artifacts.git_paths import without_login

Kind = Literal["s3", "inline", "file", "url", "git", "configmap", "resource"]

ORDER: Final[tuple[Kind, ...]] = get_args(Kind)
"""The first of these that is given counts."""

NOTHING: Final = f"give one of {', '.join(ORDER)}"


class FileArtifact(Model):
    """A file of this machine."""

    path: str = Field(default="", description="Where it lies, as seen by eventyard.")


class URLArtifact(Model):
    """What a web server answers."""

    path: str = Field(default="", description="Absolute http or https URL; it has to answer 200.")
    verify_cert: bool = Field(default=False, description="Whether the certificate of the server is verified.")


class GitRemote(Model):
    """Another place of a repository."""

    name: str = Field(default="", description="Has no effect.")
    urls: list[str] | None = Field(default=None, description="The first of them is used in place of `url`.")


class GitHubApp(Model):
    """A GitHub App that may read the repository."""

    private_key: SecretKeySelector | None = Field(default=None, description="Its key, as PEM text.")
    app_id: Int64 = Field(default=0, alias="appID")
    installation_id: Int64 = Field(default=0, alias="installationID")


class GitArtifact(Model):
    """A file of a Git repository. Of `ref`, `tag` and `branch` the first given counts; without any it is `master`."""

    url: str = Field(default="", description="As git takes it.")
    clone_directory: str = Field(
        default="", description="A folder to keep what was fetched in; a temporary one if empty."
    )
    file_path: str = Field(default="", description="Within the repository.")
    branch: str = Field(default="", description="Its name.")
    tag: str = Field(default="", description="Its name.")
    ref: str = Field(default="", description="A whole reference, such as `refs/pull/1/head`, or the id of a commit.")
    remote: GitRemote | None = Field(default=None, description="Fetch from there.")
    creds: BasicAuth | None = Field(default=None, description="User name and password for http and https.")
    github_app: GitHubApp | None = Field(default=None, description="In place of `creds`.")
    ssh_key_secret: SecretKeySelector | None = Field(default=None, description="A private key for ssh.")
    insecure_ignore_host_key: bool = Field(default=False, description="Believe any ssh server.")


class S3Bucket(Model):
    """An object of a bucket."""

    name: str = Field(default="", description="Of the bucket.")
    key: str = Field(default="", description="Of the object.")


class S3Artifact(Model):
    """An object of a store that speaks S3. Without keys the credentials of this machine are used."""

    endpoint: str = Field(default="", description="`host:port`, or a URL; AWS's own if empty.")
    bucket: S3Bucket | None = Field(default=None, description="Which object.")
    region: str = Field(default="", description="Such as eu-west-1.")
    insecure: bool = Field(default=False, description="Use http, not https.")
    access_key: SecretKeySelector | None = Field(default=None, description="Belongs to secretKey.")
    secret_key: SecretKeySelector | None = Field(default=None, description="Belongs to accessKey.")
    ca_certificate: SecretKeySelector | None = Field(default=None, description="Authority of its certificate, as PEM.")


class Artifact(Model):
    """Where the object comes from."""

    s3: S3Artifact | None = Field(default=None, description="An object of a bucket.")
    inline: str | None = Field(default=None, description="YAML or JSON text.")
    file: FileArtifact | None = Field(default=None, description="A file of this machine.")
    url: URLArtifact | None = Field(default=None, description="What a web server answers.")
    git: GitArtifact | None = Field(default=None, description="A file of a Git repository.")
    configmap: ConfigMapKeySelector | None = Field(default=None, alias="configmap", description="A key of a ConfigMap.")
    resource: Any = Field(default=None, description="The object itself.")


def kind_of(artifact: Artifact | None) -> Kind:
    """The kind that counts. Raises Permanent if none is given."""
    for kind in ORDER:
        if artifact is not None and getattr(artifact, kind) is not None:
            return kind
    raise Permanent("the source names nothing to read the object from", fix=NOTHING)


def describe(artifact: Artifact | None) -> str:
    """Where the object comes from, for a person to read, on one line and without logins: `git https://host/repo file`."""
    kind = kind_of(artifact)
    assert artifact is not None
    match kind:
        case "file" if artifact.file is not None:
            return f"file {artifact.file.path}"
        case "url" if artifact.url is not None:
            return f"url {without_login(artifact.url.path)}"
        case "git" if artifact.git is not None:
            return f"git {without_login(source_url(artifact.git))} {artifact.git.file_path}"
        case "s3" if artifact.s3 is not None:
            bucket = artifact.s3.bucket or S3Bucket()
            return f"s3 {bucket.name}/{bucket.key}" + (f" at {artifact.s3.endpoint}" if artifact.s3.endpoint else "")
        case "configmap" if artifact.configmap is not None:
            return f"configmap {artifact.configmap.name} key {artifact.configmap.key}"
    return kind


def source_url(git: GitArtifact) -> str:
    """Where a repository is fetched from."""
    return git.remote.urls[0] if git.remote is not None and git.remote.urls else git.url
