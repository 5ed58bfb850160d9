"""Secret and ConfigMap documents beside the manifests: the values that selectors refer to."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from config.block import FieldPath
from config.decode import field_of
from config.findings import Findings
from config.secret import Secret


def read_secret(value: Mapping[str, Any], root: FieldPath, findings: Findings) -> dict[str, Secret]:
    """The values of a Secret; `stringData` wins over `data`, which is base64. Bytes that are no text are kept."""
    values: dict[str, Secret] = {}
    for key, path, text in _texts(value, "data", root, findings):
        try:
            raw = base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            findings.fault(path, "is not base64", "put plain text under stringData instead", "not-base64")
            continue
        values[key] = Secret(raw.decode("utf-8", "surrogateescape"))
    for key, _, text in _texts(value, "stringData", root, findings):
        values[key] = Secret(text)
    return values


def read_config_map(value: Mapping[str, Any], root: FieldPath, findings: Findings) -> dict[str, str]:
    """The values of a ConfigMap."""
    values = {key: text for key, _, text in _texts(value, "data", root, findings)}
    for key, path, text in _texts(value, "binaryData", root, findings):
        try:
            values[key] = base64.b64decode("".join(text.split()), validate=True).decode("utf-8", "surrogateescape")
        except (binascii.Error, ValueError):
            findings.fault(path, "is not base64", "put plain text under data instead", "not-base64")
    return values


def _texts(
    value: Mapping[str, Any], name: str, root: FieldPath, findings: Findings
) -> list[tuple[str, FieldPath, str]]:
    written, fields = field_of(value, name)
    if fields is not None and not isinstance(fields, dict):
        findings.fault((*root, written), "a mapping is wanted here", code="wrong-type")
        return []
    texts: list[tuple[str, FieldPath, str]] = []
    for key, text in (fields or {}).items():
        path = (*root, written, key)
        if isinstance(text, str) or text is None:
            texts.append((key, path, text or ""))
        else:
            findings.fault(path, "text is wanted here", "write it in quotes", "wrong-type")
    return texts
