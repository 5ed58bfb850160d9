"""`--parameter-file` of the `argo` command: parameters in a YAML or JSON mapping, in a file or behind a URL."""

from __future__ import annotations

from triggers.argo_workflow.object import value_text
from triggers.artifacts import Artifact, Artifacts, read_object
from triggers.artifacts.model import FileArtifact, URLArtifact


async def read_parameters(artifacts: Artifacts, where: str) -> tuple[tuple[str, str], ...]:
    """Names and values. Raises Temporary, or Permanent if there is no such file or no mapping in it."""
    if where.startswith(("http://", "https://")):
        artifact = Artifact(url=URLArtifact(path=where, verify_cert=True))
    else:
        artifact = Artifact(file=FileArtifact(path=where))
    found = read_object(await artifacts.fetch(artifact), where)
    return tuple((str(name), value_text(value)) for name, value in found.items())
