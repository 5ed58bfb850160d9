"""triggers/argo_workflow/selector.py: field selectors over a Workflow's nodes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import Permanent
from triggers.argo_workflow.selector import Term, parse_selector, selects

NODE = {
    "id": "ci-1",
    "name": "ci.approve",
    "displayName": "approve",
    "phase": "Running",
    "templateName": "gate",
    "inputs": {"parameters": [{"name": "env", "value": "prod"}, {"name": "n", "value": 3}, {"name": "none"}]},
}
REFERRING = {"id": "ci-2", "templateRef": {"name": "shared", "template": "gate"}}


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", ()),
        ("a=b", (Term("a", "b"),)),
        ("a==b,c!=d", (Term("a", "b"), Term("c", "d", equal=False))),
        ("a=", (Term("a", ""),)),
        (",a=b,", (Term("a", "b"),)),
        (r"a=b\,c\=d\\", (Term("a", "b,c=d\\"),)),
    ],
)
def test_parsing(text: str, terms: tuple[Term, ...]) -> None:
    assert parse_selector(text) == terms


@pytest.mark.parametrize("text", ["a", "=b", "a=b=c", "a=b,c", "a=b\\", "!"])
def test_what_is_no_selector(text: str) -> None:
    with pytest.raises(Permanent):
        parse_selector(text)


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("id=ci-1,phase=Running", True),
        ("displayName!=approve", False),
        ("templateName=gate,name=ci.approve", True),
        ("inputs.parameters.env.value=prod", True),
        ("inputs.parameters.n.value=3", True),
        ("inputs.parameters.none.value=", True),
        ("inputs.parameters.absent.value!=x", True),
        ("templateRef.name=shared", False),
    ],
)
def test_selecting(text: str, yes: bool) -> None:
    assert selects(parse_selector(text), NODE) is yes


def test_a_referred_template_counts_as_the_nodes_template() -> None:
    assert selects(parse_selector("templateRef.name=shared,templateRef.template=gate,templateName=gate"), REFERRING)


@given(st.text(min_size=1, max_size=9), st.text(max_size=9), st.booleans())
def test_what_is_escaped_is_read_as_it_was(name: str, value: str, equal: bool) -> None:
    escaped = ["".join(f"\\{each}" if each in "\\,=!" else each for each in text) for text in (name, value)]
    assert parse_selector(("=" if equal else "!=").join(escaped)) == (Term(name, value, equal),)


@given(st.text(st.sampled_from("ab=!,\\"), max_size=12))
def test_anything_is_read_or_refused(text: str) -> None:
    try:
        terms = parse_selector(text)
    except Permanent:
        return
    assert all(term.name for term in terms)
