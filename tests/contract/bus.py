"""What every bus promises (bus/base.py), as tests that each backend's tests inherit."""

from __future__ import annotations

from tests.contract.bus_history import DurableContract, HistoryContract
from tests.contract.bus_outbox import OutboxContract
from tests.contract.bus_publish import PublishContract
from tests.contract.bus_subscriptions import SubscriptionContract


class BusContract(PublishContract, SubscriptionContract, OutboxContract, HistoryContract):
    """All of it. A backend gives `open`, and `tidy` if its retention needs to be asked."""


class DurableBusContract(BusContract, DurableContract):
    """For a bus whose events outlive the process."""
