"""What a newcomer does: `init`, `run`, then `send` and `explain` from another terminal; each a process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import orjson

from tests.e2e.instance import Instance, free_port

TOLD = """\
wrote manifests/eventsource.yaml
wrote manifests/sensor.yaml
wrote manifests/order.json
Next:
  eventyard check manifests
  eventyard try large-orders --event manifests/order.json manifests
  eventyard run manifests
and, while it runs, in another terminal:
  curl -H 'Content-Type: application/json' --data-binary @manifests/order.json http://127.0.0.1:12000/orders
  eventyard events list
"""


async def _command(folder: Path, *arguments: str, **environ: str) -> tuple[int, str, str]:
    """A command of ours: exit code, output, errors."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "eventyard", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=folder,
        env={**os.environ, **environ},
    )
    output, errors = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode(), errors.decode()


async def test_the_example_of_init_fires(tmp_path: Path) -> None:
    instance = Instance(tmp_path)
    assert await _command(tmp_path, "init", "manifests") == (0, TOLD, "")
    source = instance.manifests / "eventsource.yaml"
    source.write_text(source.read_text().replace("12000", str(free_port())))
    await instance.start()
    try:
        order = str(instance.manifests / "order.json")
        ops = {"EVENTYARD_OPS": instance.ops}
        code, sent, errors = await _command(tmp_path, "send", "shop/orders", order, "--output", "json", **ops)
        assert (code, errors) == (0, "")
        id = orjson.loads(sent)["id"]
        await instance.until(lambda found: bool(found[0]["verdicts"]), "events")
        running = await _command(tmp_path, "explain", id, **ops)
        assert running[0] == 0
        assert "trigger write-it-down" in running[1]
        assert running[1].count(" fired") == 1
    finally:
        assert await instance.stop() == 0
    assert '"total":130' in instance.said
    stopped = await _command(tmp_path, "explain", id, "--data-dir", str(instance.data))
    assert stopped == running
