"""The AWS stand-in answers a real client."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from aiobotocore.session import get_session

from tests.servers.moto import MotoServer

pytestmark = pytest.mark.skipif(bool(MotoServer.missing()), reason=MotoServer.missing())


async def test_a_lambda_function_answers_with_what_it_was_given(moto_server: MotoServer) -> None:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as packed:
        packed.writestr("handler.py", "def handle(event, context): return event\n")
    options = {"region_name": "eu-west-1", "aws_access_key_id": "any", "aws_secret_access_key": "any"}
    session = get_session()
    async with session.create_client("iam", endpoint_url=moto_server.url, **options) as iam:
        role = await iam.create_role(RoleName="tests-servers", AssumeRolePolicyDocument="{}")
    async with session.create_client("lambda", endpoint_url=moto_server.url, **options) as client:
        await client.create_function(
            FunctionName="tests-servers",
            Runtime="python3.12",
            Role=role["Role"]["Arn"],
            Handler="handler.handle",
            Code={"ZipFile": code.getvalue()},
        )
        answer = await client.invoke(FunctionName="tests-servers", Payload=json.dumps({"size": 3}))
        assert json.loads(await answer["Payload"].read()) == {"size": 3}
