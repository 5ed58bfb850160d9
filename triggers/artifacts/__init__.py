"""Where the object of a trigger comes from: the `source` of k8s and argoWorkflow triggers, as in Argo Events.

`inline` reads what stands in the manifest itself, purely; `Artifacts` fetches the rest, anew for each firing.
"""

from triggers.artifacts.check import check_artifact
from triggers.artifacts.document import inline, read_object
from triggers.artifacts.fetch import Artifacts
from triggers.artifacts.model import Artifact, describe

__all__ = ["Artifact", "Artifacts", "check_artifact", "describe", "inline", "read_object"]
