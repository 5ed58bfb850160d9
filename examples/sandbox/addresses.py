"""Where the servers of the sandbox are. In a container the environment says so; on this machine they have their usual ports."""

import os

KAFKA = os.environ.get("KAFKA", "127.0.0.1:9092")
NATS = os.environ.get("NATS", "127.0.0.1:4222")
MQTT = os.environ.get("MQTT", "127.0.0.1:1883")
AWS = os.environ.get("AWS", "127.0.0.1:5000")
HOOKS = os.environ.get("HOOKS", "127.0.0.1:12000")
OPS = os.environ.get("EVENTYARD_OPS", "127.0.0.1:7777")

AWS_OPTIONS = {
    "endpoint_url": f"http://{AWS}",
    "region_name": "eu-west-1",
    "aws_access_key_id": "sandbox",
    "aws_secret_access_key": "sandbox",
}
