"""What can be said of a `source` block before it is used."""

from __future__ import annotations

from collections.abc import Iterator

from config.documents import read_documents
from config.errors import Permanent
from triggers.artifacts.document import inline
from triggers.artifacts.git_paths import check_path, check_reference
from triggers.artifacts.model import ORDER, Artifact, GitArtifact, S3Artifact, S3Bucket, kind_of, source_url


def check_artifact(artifact: Artifact | None, field: str = "source") -> list[tuple[str, str, str]]:
    """Faults and warnings of the block, as `Trigger.check` returns them. Parameters of the Sensor may still fill in
    fields, so what is missing is a warning."""
    return [(f"{field}.{path}".removesuffix("."), what, fix) for path, what, fix in _check(artifact)]


def _check(artifact: Artifact | None) -> Iterator[tuple[str, str, str]]:
    try:
        kind = kind_of(artifact)
    except Permanent as error:
        yield "", f"warning: {error.what}", error.fix
        return
    assert artifact is not None
    given = [name for name in ORDER if getattr(artifact, name) is not None]
    for other in given[1:]:
        yield other, f"warning: has no effect beside {kind}", "remove one of them"
    match kind:
        case "file" if artifact.file is not None and not artifact.file.path:
            yield "file.path", "warning: is missing", "name the file"
        case "url" if artifact.url is not None:
            if artifact.url.path.lower().startswith("https:") and not artifact.url.verify_cert:
                yield "url.verifyCert", "warning: the certificate is not verified", "write verifyCert: true"
            if not artifact.url.path:
                yield "url.path", "warning: is missing", "write an absolute URL"
        case "git" if artifact.git is not None:
            yield from _check_git(artifact.git)
        case "s3" if artifact.s3 is not None:
            yield from _check_s3(artifact.s3)
        case "resource" if not isinstance(artifact.resource, dict):
            yield "resource", "is no object", "write the fields of the object below it"
        case "inline" if artifact.inline is not None:
            yield from _check_inline(artifact, artifact.inline)


def _check_inline(artifact: Artifact, text: str) -> Iterator[tuple[str, str, str]]:
    if not text:
        yield "inline", "warning: is empty", "write the object as YAML"
        return
    try:
        inline(artifact)
    except Permanent as error:
        yield "inline", error.what, error.fix
        return
    if len(read_documents(text.encode("utf-8", "surrogatepass"), "")[0]) > 1:
        yield "inline", "warning: of several documents only the first counts", "give each a trigger of its own"


def _check_git(git: GitArtifact) -> Iterator[tuple[str, str, str]]:
    if not source_url(git):
        yield "git.url", "warning: is missing", "name the repository"
    if not (git.ref or git.tag or git.branch):
        yield "git.branch", "warning: without branch, tag or ref it is the branch master", "write branch: main"
    for name, path in (("filePath", git.file_path), ("cloneDirectory", git.clone_directory)):
        try:
            check_path(path)
        except Permanent as error:
            yield f"git.{name}", error.what, error.fix
    for name, reference in (("ref", git.ref), ("tag", git.tag), ("branch", git.branch)):
        try:
            check_reference(reference)
        except Permanent as error:
            yield f"git.{name}", error.what, error.fix
    if not git.file_path:
        yield "git.filePath", "warning: is missing", "name a file in the repository"
    if git.insecure_ignore_host_key:
        yield "git.insecureIgnoreHostKey", "warning: any server is believed to be the right one", "remove it"


def _check_s3(s3: S3Artifact) -> Iterator[tuple[str, str, str]]:
    bucket = s3.bucket or S3Bucket()
    if not (bucket.name and bucket.key):
        yield "s3.bucket", "warning: name or key is missing", "write {name: BUCKET, key: OBJECT}"
    if (s3.access_key is None) != (s3.secret_key is None):
        missing = "secretKey" if s3.secret_key is None else "accessKey"
        yield f"s3.{missing}", "access key and secret key belong together", "give both"
