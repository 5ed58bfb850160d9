"""What has to be there before eventyard starts: two Kafka topics and a Lambda function. Running it twice does no harm."""

import asyncio
import io
import zipfile

import aiohttp
from addresses import AWS, AWS_OPTIONS, KAFKA
from aiobotocore.session import get_session
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

TOPICS = ("sandbox-in", "sandbox-out")
FUNCTION = "sandbox"


async def make_topics() -> None:
    """The broker would make them itself, with a warning or two on the way."""
    admin = AIOKafkaAdminClient(bootstrap_servers=KAFKA)
    await admin.start()
    try:
        present = await admin.list_topics()
        await admin.create_topics([NewTopic(name, 1, 1) for name in TOPICS if name not in present])
    finally:
        await admin.close()


async def make_function() -> None:
    """A function that answers with what it is given."""
    # The stand-in would run the code in a container; so it only pretends.
    config = {"lambda": {"use_docker": False}}
    async with (
        aiohttp.ClientSession(raise_for_status=True) as http,
        http.post(f"http://{AWS}/moto-api/config", json=config),
    ):
        pass
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as packed:
        packed.writestr("function.py", "def handle(event, context):\n    return event\n")
    session = get_session()
    async with (
        session.create_client("iam", **AWS_OPTIONS) as iam,
        session.create_client("lambda", **AWS_OPTIONS) as functions,
    ):
        if FUNCTION in [each["FunctionName"] for each in (await functions.list_functions())["Functions"]]:
            return
        role = await iam.create_role(RoleName=FUNCTION, AssumeRolePolicyDocument="{}")
        await functions.create_function(
            FunctionName=FUNCTION,
            Runtime="python3.13",
            Role=role["Role"]["Arn"],
            Handler="function.handle",
            Code={"ZipFile": code.getvalue()},
        )


async def main() -> None:
    """Both."""
    await make_topics()
    await make_function()


if __name__ == "__main__":
    asyncio.run(main())
    print("the sandbox is prepared")
