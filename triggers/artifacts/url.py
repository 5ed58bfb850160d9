"""An artifact that a web server answers with. As in Argo Events no proxy is used and only 200 is a success."""

from __future__ import annotations

from typing import Final

import aiohttp

from config.errors import Permanent, Temporary
from triggers.artifacts.document import LIMIT
from triggers.artifacts.model import URLArtifact
from triggers.status import failure
from triggers.target import parse_target

_SHOWN: Final = 512
_FOUND: Final = 200


async def read_url(artifact: URLArtifact) -> bytes:
    """The body of the answer, whole. Raises Permanent or Temporary."""
    target = parse_target(artifact.path)
    headers = {"Authorization": target.login} if target.login else {}
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=10)
    try:
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=timeout) as session,
            session.get(target.url, headers=headers, ssl=artifact.verify_cert) as answer,
        ):
            body = await _read(answer)
    except aiohttp.ClientConnectorCertificateError as error:
        reason = getattr(error.certificate_error, "verify_message", "") or "it cannot be verified"
        raise Temporary(f"the certificate of {target.authority} is not trusted: {reason}") from None
    except aiohttp.TooManyRedirects:
        raise Permanent("redirects without end", fix="check url.path") from None
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
        raise Permanent("redirects to what is no URL of http", fix="check url.path") from None
    except aiohttp.ClientError as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise Temporary(f"cannot be read from {target.authority}: {reason}") from None
    if answer.status != _FOUND:
        text = body[:_SHOWN].decode("utf-8", "replace")
        raise failure(answer.status, answer.headers.get("Retry-After"), text, where=target.address, named=False)
    if len(body) > LIMIT:
        raise Permanent(f"has more than {LIMIT} bytes", fix="is this the right URL?")
    return body


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """The body, or its beginning if it is too long."""
    read = bytearray()
    async for chunk in answer.content.iter_any():
        read += chunk
        if len(read) > LIMIT:
            break
    return bytes(read)
