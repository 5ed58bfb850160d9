"""How long `eventyard check` takes on 500 manifests, as a user waits for it: a process of its own, start-up included.

`python -m benchmarks.check [FOLDER]` writes the manifests there (a temporary folder by default) and prints seconds.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

MANIFESTS = 500
LIMIT = 3.0
"""Seconds."""

_SOURCE = """\
apiVersion: argoproj.io/v1alpha1
kind: EventSource
metadata:
  name: source-{n}
spec:
  webhook:
    pushes:
      endpoint: /pushes-{n}
      port: "12000"
      method: POST
    releases:
      endpoint: /releases-{n}
      port: "12000"
      method: POST
"""

_SENSOR = """\
apiVersion: argoproj.io/v1alpha1
kind: Sensor
metadata:
  name: sensor-{n}
spec:
  dependencies:
    - name: push
      eventSourceName: source-{n}
      eventName: pushes
      filters:
        jmespath:
          - data.body.ref == 'refs/heads/branch-{n}'
          - length(data.body.commits[?author.name == 'somebody-{n}']) > `0`
        data:
          - path: body.repository.full_name
            type: string
            value: ["acme/repository-{n}"]
    - name: release
      eventSourceName: source-{n}
      eventName: releases
  triggers:
    - template:
        name: announce
        conditions: push && release
        http:
          url: http://127.0.0.1:8080/{n}
          method: POST
          headers:
            Content-Type: application/json
          payload:
            - src: {{dependencyName: push, dataKey: body.after}}
              dest: commit
            - src: {{dependencyName: push, jmespath: "data.body.commits[].message"}}
              dest: messages
      retryStrategy:
        steps: 5
        duration: 2s
    - template:
        name: line
        conditions: push || release
        log: {{}}
"""


def write_manifests(folder: Path, manifests: int = MANIFESTS) -> None:
    """Half of them EventSources, half Sensors, one a file, no two alike."""
    for n in range(manifests // 2):
        (folder / f"source-{n}.yaml").write_text(_SOURCE.format(n=n))
        (folder / f"sensor-{n}.yaml").write_text(_SENSOR.format(n=n))


def measure(folder: Path) -> float:
    """Seconds of one run."""
    begin = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "eventyard", "check", str(folder)], capture_output=True, text=True)
    seconds = time.perf_counter() - begin
    if done.returncode:
        raise SystemExit((done.stdout + done.stderr)[-2000:])
    return seconds


def main(folder: Path) -> None:
    """Print the best and the worst of five runs."""
    write_manifests(folder)
    runs = sorted(measure(folder) for _ in range(5))
    print(f"check of {MANIFESTS} manifests: {runs[0]:.2f} to {runs[-1]:.2f} s (limit {LIMIT:g} s)")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as made:
            main(Path(made))
