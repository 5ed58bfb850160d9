"""eventsources/resource/selectors.py, held against the server that has to read it and against the tests that it stands for."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventsources.base import TextTest
from eventsources.resource.selectors import BadSelector, field_selector, label_selector, requirement
from eventyard.text_tests import compile_tests
from tests.servers.kube import Kube, Refused


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (("app", "", "web"), "app=web"),
        (("app", "=", ""), "app="),
        (("a.b/app", "==", "x_1.2"), "a.b/app==x_1.2"),
        (("app", "!=", "web"), "app!=web"),
        (("app", "in", "b,a,b"), "app in (a,b)"),
        (("app", "notin", ""), "app notin ()"),
        (("app", "exists", ""), "app"),
        (("app", "!", ""), "!app"),
        (("n", "gt", "5"), "n>5"),
        (("n", "lt", "05"), "n<05"),
    ],
)
def test_what_a_server_reads(kube: Kube, given: tuple[str, str, str], text: str) -> None:
    assert requirement(*given) == text
    kube.call("GET", f"/api/v1/namespaces/default/configmaps?labelSelector={quote(text)}")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (("", "=", "a"), "key"),
        (("a/b/c", "=", "a"), "key"),
        (("A.b/c", "=", "a"), "key"),
        (("-a", "=", "a"), "key"),
        (("a" * 64, "=", "a"), "key"),
        (("a", "=", "a b"), "value"),
        (("a", "=", "a" * 64), "value"),
        (("a", "in", "a, b"), "value"),
        (("a", "exists", "b"), "value"),
        (("a", "!", "b"), "value"),
        (("a", "gt", "x"), "value"),
        (("a", "gt", ""), "value"),
        (("a", "lt", "9223372036854775808"), "value"),
        (("a", "~", "b"), "operation"),
        (("a", "Exists", ""), "operation"),
    ],
)
def test_what_no_server_takes(given: tuple[str, str, str], field: str) -> None:
    with pytest.raises(BadSelector) as error:
        requirement(*given)
    assert error.value.field == field


WORDS = st.text("aB1-_./ ,()=!", max_size=6)
OPERATIONS = st.sampled_from(["", "=", "==", "!=", "in", "notin", "exists", "!", "gt", "lt"])


@given(st.lists(st.tuples(WORDS, OPERATIONS, WORDS), max_size=4))
@settings(max_examples=200, deadline=None)
def test_whatever_is_made_is_taken(kube: Kube, items: list[tuple[str, str, str]]) -> None:
    try:
        text = label_selector(items)
    except BadSelector:
        return
    assert label_selector(reversed(items)) == text
    try:
        kube.call("GET", f"/api/v1/namespaces/default/configmaps?limit=1&labelSelector={quote(text)}")
    except Refused as error:
        pytest.fail(str(error))


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (("metadata.name", True, "^web-1$"), "metadata.name=web-1"),
        (("metadata.name", True, r"^web\.example\.com$"), "metadata.name=web.example.com"),
        (("metadata.namespace", False, "^kube-system$"), "metadata.namespace!=kube-system"),
        (("metadata.name", True, "web-1"), ""),
        (("metadata.name", True, "^web.1$"), ""),
        (("metadata.name", True, "^web|db$"), ""),
        (("metadata.name", True, r"^\d$"), ""),
        (("metadata.name", True, "^$"), ""),
        (("status.phase", True, "^Running$"), ""),
    ],
)
def test_fields_that_a_server_sees_to(given: tuple[str, bool, str], text: str) -> None:
    assert field_selector([given], True) == text


def test_there_is_no_namespace_where_there_are_none() -> None:
    assert (
        field_selector([("metadata.namespace", True, "^a$"), ("metadata.name", True, "^b$")], False)
        == "metadata.name=b"
    )


NAMES = st.text("ab1-.", min_size=1, max_size=5)
PATTERNS = st.one_of(
    NAMES.map(lambda name: f"^{re.escape(name)}$"),
    st.tuples(st.sampled_from(["", "^"]), st.text("ab1-.\\|$", max_size=5), st.sampled_from(["", "$"])).map("".join),
)


@given(
    NAMES,
    NAMES,
    st.lists(st.tuples(st.sampled_from(["metadata.name", "metadata.namespace"]), st.booleans(), PATTERNS), max_size=3),
)
def test_the_server_keeps_back_nothing_that_passes(
    name: str, namespace: str, conditions: list[tuple[str, bool, str]]
) -> None:
    try:
        holds = compile_tests(
            [TextTest(at=(), path=path, matches=matches, pattern=pattern) for path, matches, pattern in conditions]
        )
    except Exception:
        return
    selector = field_selector(conditions, True)
    values = {"metadata.name": name, "metadata.namespace": namespace}
    selected = all(
        (values[each.partition("!=")[0]] != each.partition("!=")[2])
        if "!=" in each
        else (values[each.partition("=")[0]] == each.partition("=")[2])
        for each in filter(None, selector.split(","))
    )
    assert selected or not holds({"metadata": {"name": name, "namespace": namespace}})
