"""bus/nats/subject.py: what servers and the client library take."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.aio.client import _validate_subject

from bus.nats.subject import unfit


@pytest.mark.parametrize("subject", ["a", "a.b", "$JS.API.x", "größe.🚀"])
def test_subjects(subject: str) -> None:
    assert not unfit(subject)
    assert not unfit(subject, wildcards=True)


@pytest.mark.parametrize("subject", ["", "a b", "a\r\nPUB x 0", ".a", "a.", "a..b", "\x7f"])
def test_subjects_that_are_none(subject: str) -> None:
    assert unfit(subject)
    assert unfit(subject, wildcards=True)


def test_patterns() -> None:
    assert not unfit("a.*.>", wildcards=True)
    assert unfit("a.*")
    assert unfit("a.>")
    assert unfit("a.>.b", wildcards=True)
    assert unfit("a*.b", wildcards=True)
    assert unfit("a.b>", wildcards=True)
    assert not unfit("a*.b>")


@given(st.text("ab.*> \t\n", max_size=8))
def test_the_library_refuses_nothing_that_is_fit(subject: str) -> None:
    for wildcards in (False, True):
        if not unfit(subject, wildcards=wildcards):
            _validate_subject(subject, strict=wildcards)
