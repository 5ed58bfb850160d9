"""Failed assertions in inherited tests are explained like those in test modules."""

import pytest

pytest.register_assert_rewrite("tests.contract.eventsource", "tests.eventsources.http_contract")
