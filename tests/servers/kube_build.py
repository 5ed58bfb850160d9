"""kube-apiserver and etcd, compiled from Go modules into the cache: nobody publishes them in a way that needs no docker.

`kube/go.mod` says which versions, `kube/go.sum` what they must be; another go.mod is another folder of the cache. Takes
about 7 minutes and 3 GB, of which 140 MB stay.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.servers.cache import cache, locked
from tests.servers.server import NotInstallable, program

MODULE = Path(__file__).with_name("kube")
PROGRAMS = {"kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver", "etcd": "go.etcd.io/etcd/server/v3"}


def folder() -> Path:
    """Where the two programs are, or will be."""
    digest = hashlib.sha256((MODULE / "go.mod").read_bytes()).hexdigest()
    return cache() / f"kube-{digest[:12]}"


def missing() -> str:
    """Empty, or how to get them."""
    if all(os.access(folder() / name, os.X_OK) for name in PROGRAMS):
        return ""
    return "kube-apiserver and etcd are not built: make servers (needs Go 1.26, takes 7 minutes)"


def build() -> None:
    """Compile what is missing; whoever comes second waits for the first. Raises NotInstallable."""
    with locked("kube-build"):
        if missing():
            # Kept when it fails: what was downloaded and compiled need not be done again.
            scratch = cache() / "kube-build"
            _compile(scratch)
            _place(scratch / "out")
            shutil.rmtree(scratch)


def _compile(scratch: Path) -> None:
    go = program("go")
    if go is None:
        raise NotInstallable("there is no Go compiler: install Go 1.26 or newer (https://go.dev/dl), then make servers")
    found = re.search(r"^\s*k8s\.io/kubernetes (v\d+\.(\d+)\.\d+)$", (MODULE / "go.mod").read_text(), re.MULTILINE)
    assert found is not None, "go.mod does not name k8s.io/kubernetes"
    version, minor = found.groups()
    stamp = "k8s.io/component-base/version"
    flags = f"-s -w -X {stamp}.gitVersion={version} -X {stamp}.gitMajor=1 -X {stamp}.gitMinor={minor}"
    done = subprocess.run(
        [go, "build", "-trimpath", f"-ldflags={flags}", "-o", f"{scratch / 'out'}/", *PROGRAMS.values()],
        cwd=MODULE,
        env={
            **os.environ,
            "GOMODCACHE": str(scratch / "mod"),
            "GOCACHE": str(scratch / "go"),
            # Writable, or the scratch folder could not be deleted.
            "GOFLAGS": "-mod=readonly -modcacherw -buildvcs=false",
            "CGO_ENABLED": "0",
        },
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NotInstallable(f"go build failed:\n{done.stderr[-4000:].strip()}")


def _place(built: Path) -> None:
    folder().mkdir(exist_ok=True)
    # Go names a program by the end of its package's path.
    (built / "server").rename(folder() / "etcd")
    (built / "kube-apiserver").rename(folder() / "kube-apiserver")
