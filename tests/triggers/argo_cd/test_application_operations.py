"""triggers/argo_cd/application_operations.py: the same operations as Argo CD's server writes."""

from __future__ import annotations

from typing import Any

import pytest

from config.errors import Permanent, Temporary
from tests.fakes.argo_cd import application
from triggers.argo_cd.application_operations import (
    can_be_terminated,
    deployment,
    is_automated,
    is_deployed,
    refuse,
    rollback,
    sync,
)
from triggers.argo_cd.order import Order

BY = {"initiatedBy": {"username": "eventyard"}}


def order(operation: str = "sync", **fields: Any) -> Order:
    return Order(operation=operation, name="shop", namespace="argocd", **fields)


def live(**spec: Any) -> dict[str, Any]:
    made = application()
    made["spec"] |= spec
    return made


def several(*revisions: str, **spec: Any) -> dict[str, Any]:
    sources = [{"repoURL": f"r{number}", "targetRevision": revision} for number, revision in enumerate(revisions)]
    made = live(sources=sources, **spec)
    del made["spec"]["source"]
    return made


class TestSync:
    def test_nothing_more(self) -> None:
        assert sync(order(), live()) == {**BY, "sync": {}}

    def test_all_that_can_be_said(self) -> None:
        fields = {
            "revision": "v2",
            "prune": True,
            "syncOptions": ["CreateNamespace=true"],
            "syncStrategy": {"hook": {"force": True}},
            "resources": [{"group": "apps", "kind": "Deployment", "name": "web"}],
        }
        found = sync(order(sync=fields, retry={"limit": 3}, info=[{"name": "a", "value": "b"}]), live())
        assert found == {**BY, "info": [{"name": "a", "value": "b"}], "retry": {"limit": 3}, "sync": fields}

    def test_the_policy_of_the_application(self) -> None:
        policy = {"syncOptions": ["A=1"], "retry": {"limit": 5}}
        assert sync(order(), live(syncPolicy=policy)) == {
            **BY,
            "retry": {"limit": 5},
            "sync": {"syncOptions": ["A=1"]},
        }
        own = order(sync={"syncOptions": []}, retry={"limit": 0})
        assert sync(own, live(syncPolicy=policy)) == {**BY, "retry": {"limit": 0}, "sync": {"syncOptions": []}}

    def test_several_sources(self) -> None:
        application = several("main", "1.2.3", "")
        found = sync(order(revisions=["v2"], positions=[2]), application)
        assert found["sync"] == {"revisions": ["main", "v2", ""], "sources": application["spec"]["sources"]}
        found = sync(order(revisions=["v1", "v2"]), application)
        assert found["sync"]["revisions"] == ["v1", "v2", ""]
        assert "sources" not in sync(order(), application)["sync"]

    @pytest.mark.parametrize(
        ("fields", "application", "told"),
        [
            ({"sync": {"revision": "x"}}, several("a", "b"), "several sources"),
            ({"revisions": ["x"]}, live(), "one source only"),
            ({"revisions": ["x"], "positions": [3]}, several("a", "b"), "no source 3"),
            ({"revisions": ["x"], "positions": [0]}, several("a", "b"), "no source 0"),
        ],
    )
    def test_revisions_that_do_not_fit(self, fields: dict[str, Any], application: Any, told: str) -> None:
        with pytest.raises(Permanent, match=told) as error:
            sync(order(**fields), application)
        assert error.value.fix

    def test_automated_sync_would_undo_it(self) -> None:
        automated = live(syncPolicy={"automated": {}})
        for allowed in ({}, {"revision": "main"}, {"revision": "v2", "dryRun": True}):
            assert sync(order(sync=allowed), automated)["sync"] == allowed
        with pytest.raises(Permanent, match="automated sync would go back to main"):
            sync(order(sync={"revision": "v2"}), automated)
        with pytest.raises(Permanent, match="automated sync would go back to HEAD"):
            sync(order(revisions=["main", "v2"]), several("main", "", syncPolicy={"automated": {}}))


class TestRollback:
    def test_to_a_deployment(self) -> None:
        found = rollback(order("rollback", id=1, sync={"prune": True}), live(syncPolicy={"syncOptions": ["A=1"]}))
        assert found == {
            **BY,
            "sync": {
                "prune": True,
                "revision": "sha-1",
                "source": live()["spec"]["source"],
                "syncOptions": ["A=1"],
                "syncStrategy": {"apply": {}},
            },
        }

    @pytest.mark.parametrize(("id", "revision"), [(None, "sha-1"), (0, "sha-0"), (2, "sha-2")])
    def test_which_one(self, id: int | None, revision: str) -> None:
        assert deployment(order("rollback", id=id), live())["revision"] == revision

    def test_one_that_is_not_there(self) -> None:
        with pytest.raises(Permanent, match="no deployment with id 7") as error:
            deployment(order("rollback", id=7), live())
        assert error.value.fix.startswith("its history has 0, 1, 2;")
        fresh = application(status={})
        with pytest.raises(Permanent, match="no deployment before the last"):
            deployment(order("rollback"), fresh)
        with pytest.raises(Permanent) as error:
            deployment(order("rollback", id=1), fresh)
        assert error.value.fix.startswith("it has none yet")

    def test_automated_sync_would_undo_it(self) -> None:
        with pytest.raises(Permanent, match="while automated sync is on"):
            rollback(order("rollback"), live(syncPolicy={"automated": {"prune": True}}))

    def test_what_is_deployed(self) -> None:
        *_, first, last = live()["status"]["history"]
        assert is_deployed(last, live())
        assert is_deployed({**last, "id": 7, "deployedAt": "x"}, live())
        assert not is_deployed(first, live())


def test_automated() -> None:
    assert not is_automated(live())
    assert not is_automated(live(syncPolicy={"automated": None}))
    assert not is_automated(live(syncPolicy={"automated": {"enabled": False}}))
    assert is_automated(live(syncPolicy={"automated": {}}))
    assert is_automated(live(syncPolicy={"automated": {"enabled": True}}))


def test_when_nothing_can_begin() -> None:
    refuse(order(), live())
    with pytest.raises(Temporary, match="another operation is in progress"):
        refuse(order(), application(operation={}))
    with pytest.raises(Permanent, match="being deleted"):
        refuse(order(), application(metadata={"deletionTimestamp": "2026-03-14T15:09:26Z"}))


def test_what_can_be_terminated() -> None:
    assert not can_be_terminated(live())
    assert can_be_terminated(application(operation={}, status={"operationState": {"phase": "Running"}}))
    with pytest.raises(Temporary, match="has not begun"):
        can_be_terminated(application(operation={}))
