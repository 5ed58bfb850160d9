"""A Kubernetes API: kube-apiserver on top of etcd, with nothing behind it that would act on the objects.

No controllers, no scheduler, no kubelet: a Job makes no Pods, owner references collect nothing, and a deleted namespace
stays in `Terminating` for ever. So each test takes a namespace of its own and deletes none.
"""

from __future__ import annotations

import json
import secrets
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.servers import kube_build
from tests.servers.certificates import make_authority
from tests.servers.server import HOST, POLL, NotStarted, Server

CRDS = Path(__file__).with_name("crds")

USER = "eventyard"
"""Who may do nothing until `grant`."""


class Refused(Exception):
    """What the API answered when a test had not asked for a failure."""


class Etcd(Server):
    """The store of one API server."""

    name = "etcd"
    scheme = "http://"

    @classmethod
    def missing(cls) -> str:
        """Empty, or how to get it."""
        return kube_build.missing()

    @classmethod
    def install(cls) -> None:
        """Built together with kube-apiserver."""
        kube_build.build()

    def command(self) -> Sequence[str]:
        """A cluster of one."""
        peer = f"http://{HOST}:0"
        return [
            str(kube_build.folder() / "etcd"),
            f"--data-dir={self.folder / 'data'}",
            "--log-level=warn",
            "--unsafe-no-fsync",
            f"--listen-client-urls={self.url}",
            f"--advertise-client-urls={self.url}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
        ]

    def ready(self) -> bool:
        """It has elected itself."""
        return super().ready() and _answers(f"{self.url}/health")


class Kube(Server):
    """`kill` and a following `start` are the API server's alone: `etcd` lives on, and may be killed as well.

    `kubeconfig` has three contexts: `admin` may do everything, `eventyard` and `certificate` nothing; the last one shows a
    client certificate. All of them have the namespace `default`. `arguments` are added to the command line.

    An orderly end takes a minute while a watch is open, so `stop` is impatient: tests of a restart use `kill`.
    """

    name = "kube"
    scheme = "https://"
    grace = 5.0

    def __init__(self, *arguments: str) -> None:
        super().__init__()
        self.arguments = arguments
        self.etcd = Etcd()
        self.token = secrets.token_hex(16)
        self.user_token = secrets.token_hex(16)
        self.authority = make_authority(self.folder / "tls", client="certified")
        self.kubeconfig = self.folder / "kubeconfig"
        self.kubeconfig.write_text(yaml.safe_dump(self._kubeconfig()))
        self._trust = ssl.create_default_context(cafile=self.authority.ca)
        self._installed: list[str] = []

    @classmethod
    def missing(cls) -> str:
        """Empty, or how to get it."""
        return kube_build.missing()

    @classmethod
    def install(cls) -> None:
        """Compiled on this machine."""
        kube_build.build()

    def command(self) -> Sequence[str]:
        """Tokens are in a file; what is switched off would need other parts of a cluster."""
        tls = self.authority
        tokens = self.folder / "tokens.csv"
        tokens.write_text(f'{self.token},admin,admin,"system:masters"\n{self.user_token},{USER},{USER}\n')
        return [
            str(kube_build.folder() / "kube-apiserver"),
            f"--etcd-servers={self.etcd.url}",
            f"--bind-address={HOST}",
            f"--advertise-address={HOST}",
            f"--secure-port={self.port}",
            f"--tls-cert-file={tls.server_cert}",
            f"--tls-private-key-file={tls.server_key}",
            f"--cert-dir={self.folder}",
            f"--client-ca-file={tls.ca}",
            f"--token-auth-file={tokens}",
            "--authorization-mode=RBAC",
            "--service-account-issuer=https://kubernetes.default.svc",
            # The certificate, since it refuses a private key as openssl and others write it.
            f"--service-account-key-file={tls.server_cert}",
            f"--service-account-signing-key-file={tls.server_key}",
            "--disable-admission-plugins=ServiceAccount",
            "--service-cluster-ip-range=10.0.0.0/24",
            "--endpoint-reconciler-type=none",
            "--profiling=false",
            "--enable-priority-and-fairness=false",
            *self.arguments,
        ]

    def ready(self) -> bool:
        """All its parts say so."""
        return super().ready() and _answers(f"{self.url}/readyz", self._trust, self.token)

    def start(self) -> None:
        """Start what does not run of the two; then custom resources are served as well."""
        if not self.etcd.running:
            self.etcd.start()
        try:
            super().start()
        except NotStarted:
            self.etcd.stop()
            raise
        for path in self._installed:
            self._await_served(path)

    def stop(self) -> None:
        """End both."""
        super().stop()
        self.etcd.stop()

    def __exit__(self, *exc: object) -> None:
        super().__exit__(*exc)
        self.etcd.__exit__(*exc)

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """One request as admin; the object that is answered. Raises Refused."""
        try:
            return self._call(method, path, body)
        except urllib.error.HTTPError as error:
            raise Refused(f"{method} {path}: {error.code} {error.read().decode()}") from None

    def namespace(self) -> str:
        """A new one."""
        name = f"test-{secrets.token_hex(4)}"
        self.call("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
        return name

    def grant(self, namespace: str, verbs: Sequence[str], resources: Sequence[str], group: str = "") -> None:
        """Let the user `eventyard` do that, in that namespace from now on, or everywhere if it is empty."""
        name = f"grant-{secrets.token_hex(4)}"
        within = f"namespaces/{namespace}/" if namespace else ""
        kind = "Role" if namespace else "ClusterRole"
        base = f"/apis/rbac.authorization.k8s.io/v1/{within}{kind.lower()}"
        rule = {"verbs": list(verbs), "resources": list(resources), "apiGroups": [group]}
        self.call("POST", f"{base}s", {"metadata": {"name": name}, "rules": [rule]})
        self.call(
            "POST",
            f"{base}bindings",
            {
                "metadata": {"name": name},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name},
                "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": USER}],
            },
        )

    def install_crds(self, *paths: Path) -> None:
        """Add the definitions in these files, by default all of `crds/`, and wait until their objects can be written."""
        for path in paths or sorted(CRDS.glob("*.yaml")):
            for crd in yaml.safe_load_all(path.read_text()):
                self.call("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd)
                spec = crd["spec"]
                served = f"/apis/{spec['group']}/{spec['versions'][0]['name']}/{spec['names']['plural']}"
                self._installed.append(served)
        for served in self._installed:
            self._await_served(served)

    def _await_served(self, path: str) -> None:
        """For a second or two a custom resource is unknown, or 'being initialized', although the server is ready."""
        end = time.monotonic() + self.patience
        while True:
            try:
                self._call("GET", path)
                return
            except urllib.error.HTTPError as error:
                if error.code not in (404, 429, 503) or time.monotonic() > end:
                    raise
            time.sleep(POLL)

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.url}{path}", data, headers, method=method)
        with _opener(self._trust).open(request, timeout=30) as answer:
            return json.load(answer)

    def _kubeconfig(self) -> dict[str, Any]:
        tls = self.authority
        users = {
            "admin": {"token": self.token},
            USER: {"token": self.user_token},
            "certificate": {"client-certificate": str(tls.client_cert), "client-key": str(tls.client_key)},
        }
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "admin",
            "clusters": [{"name": "test", "cluster": {"server": self.url, "certificate-authority": str(tls.ca)}}],
            "users": [{"name": name, "user": user} for name, user in users.items()],
            "contexts": [
                {"name": name, "context": {"cluster": "test", "user": name, "namespace": "default"}} for name in users
            ],
        }


def _answers(url: str, trust: ssl.SSLContext | None = None, token: str = "") -> bool:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with _opener(trust).open(request, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:  # also an HTTP status that is an error
        return False


def _opener(trust: ssl.SSLContext | None) -> urllib.request.OpenerDirector:
    # A proxy that the environment names is not for servers of this machine.
    return urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust))
