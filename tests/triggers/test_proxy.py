"""triggers/proxy.py: the environment's proxies, as Go reads them."""

from __future__ import annotations

import pytest
from yarl import URL

from triggers.proxy import proxy_for

PROXY = "http://proxy.example:3128"


@pytest.mark.parametrize(
    ("url", "environ", "proxy"),
    [
        ("http://host/", {"HTTP_PROXY": PROXY}, PROXY),
        ("http://host/", {"http_proxy": PROXY}, PROXY),
        ("http://host/", {"HTTP_PROXY": "proxy.example:3128"}, PROXY),
        ("https://host/", {"HTTP_PROXY": PROXY}, None),
        ("https://host/", {"HTTPS_PROXY": PROXY}, PROXY),
        ("http://host/", {}, None),
        ("http://localhost/", {"HTTP_PROXY": PROXY}, None),
        ("http://127.0.0.2/", {"HTTP_PROXY": PROXY}, None),
        ("http://[::1]/", {"HTTP_PROXY": PROXY}, None),
    ],
)
def test_which_proxy(url: str, environ: dict[str, str], proxy: str | None) -> None:
    assert proxy_for(URL(url), environ) == (None if proxy is None else URL(proxy))


@pytest.mark.parametrize(
    ("rules", "host", "excepted"),
    [
        ("*", "host.example", True),
        ("host.example", "host.example", True),
        ("HOST.example", "host.example", True),
        ("example", "host.example", True),
        ("ample", "host.example", False),
        (".example", "host.example", True),
        (".host.example", "host.example", False),
        ("*.example", "host.example", True),
        ("other, host.example", "host.example", True),
        ("host.example:80", "host.example", True),
        ("host.example:81", "host.example", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.1.2.3", "10.1.2.3", True),
        ("fd00::/8", "[fd00::1]", True),
        ("", "host.example", False),
        (",", "host.example", False),
    ],
)
def test_exceptions(rules: str, host: str, excepted: bool) -> None:
    found = proxy_for(URL(f"http://{host}/"), {"HTTP_PROXY": PROXY, "NO_PROXY": rules})
    assert (found is None) is excepted
