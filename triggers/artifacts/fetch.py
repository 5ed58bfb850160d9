"""Fetches artifacts: one way in for all kinds, with the limits that hold for all of them."""

from __future__ import annotations

import asyncio
import importlib
from typing import Any, Final, Self

from config.credentials import Secrets, text_of
from config.errors import Permanent, Temporary
from triggers.artifacts.document import inline, read_object
from triggers.artifacts.file import read_file
from triggers.artifacts.model import Artifact, describe, kind_of
from triggers.artifacts.url import read_url
from triggers.text import printable
from triggers.where import placed

TIMEOUT: Final = 60.0
"""Seconds that fetching may take."""

_S3_EXTRA: Final = "pip install 'eventyard[s3]'"


class Artifacts:
    """Reads the sources of one trigger while it is entered. As in Argo Events each is read anew for every firing."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._s3: Any = None
        # Firings of one trigger would be in each other's way in a folder that they share.
        self._kept_clone = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._s3 is not None:
            await self._s3.__aexit__(*exc)

    async def resource(self, artifact: Artifact | None) -> dict[str, Any]:
        """The object, wherever it comes from; not to be changed. Raises Temporary or Permanent."""
        found = inline(artifact)
        return read_object(await self.fetch(artifact), printable(describe(artifact))) if found is None else found

    async def fetch(self, artifact: Artifact | None) -> bytes:
        """The text of an artifact that is not part of the manifest.

        Raises Temporary for what may pass (a network or server that is away, a Secret or ConfigMap that is missing),
        Permanent for the rest: not there, not allowed, too large.
        """
        where = printable(describe(artifact))
        try:
            async with asyncio.timeout(TIMEOUT):
                return await self._fetch(artifact)
        except TimeoutError:
            raise Temporary(f"could not be fetched within {TIMEOUT:g} s", where=where) from None
        except (Temporary, Permanent) as error:
            raise placed(error, where) from None

    async def _fetch(self, artifact: Artifact | None) -> bytes:
        kind = kind_of(artifact)
        assert artifact is not None
        match kind:
            case "file" if artifact.file is not None:
                return await asyncio.to_thread(read_file, artifact.file.path)
            case "url" if artifact.url is not None:
                return await read_url(artifact.url)
            case "git" if artifact.git is not None:
                from triggers.artifacts.git import read_git

                return await read_git(artifact.git, self._secrets, self._kept_clone)
            case "configmap":
                return text_of(self._secrets, artifact.configmap).encode("utf-8", "surrogateescape")
            case "s3" if artifact.s3 is not None:
                if self._s3 is None:
                    await self._open_s3()
                found: bytes = await self._s3.read(artifact.s3)
                return found
        raise Permanent(f"'{kind}' is part of the manifest and not fetched", fix="use inline()")

    async def _open_s3(self) -> None:
        try:
            # The client's library takes its time to load, in which others go on.
            module = await asyncio.to_thread(importlib.import_module, "triggers.artifacts.s3")
        except ModuleNotFoundError as error:
            raise Permanent(f"s3 needs the Python package '{error.name}'", fix=_S3_EXTRA) from None
        if self._s3 is None:
            self._s3 = module.S3Reader(self._secrets)
