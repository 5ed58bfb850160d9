from __future__ import annotations

from config.block import Block, Marks
from config.errors import Fault, Place, Severity
from config.findings import Findings, distinct, is_faulty


def test_findings_have_their_places() -> None:
    faults: list[Fault] = []
    findings = Findings(Marks("f", {("spec",): (2, 1), ("spec", "a"): (3, 5)}), faults)
    findings.fault(("spec", "a", 0, "b"), "is wrong", "mend it", "code")
    findings.missing(("spec", "c"))
    findings.warn(("spec", "a"), "is odd", "", "odd")
    assert [str(fault) for fault in faults] == [
        "f:3:5: fault: spec.a[0].b: is wrong (mend it)",
        "f:2:1: fault: spec.c: is missing",
        "f:3:5: warning: spec.a: is odd",
    ]


def test_a_field_has_one_fault_and_one_warning_of_a_kind() -> None:
    place, warning = Place("f", 1, 1), Severity.WARNING
    faults = [
        Fault("second", Place("f", 2, 1), "b"),
        Fault("first", place, "a"),
        Fault("first again", place, "a", code="other"),
        Fault("odd", place, "a", severity=warning, code="odd"),
        Fault("odd again", place, "a", severity=warning, code="odd"),
        Fault("strange", place, "a", severity=warning, code="strange"),
        Fault("without a path", place),
        Fault("another without a path", place),
    ]
    assert [fault.what for fault in distinct(faults)] == [
        "without a path",
        "another without a path",
        "first",
        "odd",
        "strange",
        "second",
    ]


def test_blocks_with_a_fault_in_them() -> None:
    block = Block(type="webhook", name="e", value={}, path=("spec", "webhook", "e"), marks=Marks("f", {}))
    within, beside = Fault("x", Place("f"), "spec.webhook.e.port"), Fault("x", Place("f"), "spec.webhook.ee")
    odd = Fault("x", Place("f"), "spec.webhook.e.port", severity=Severity.WARNING)
    assert is_faulty(block, [beside, within])
    assert is_faulty(block, [Fault("x", Place("f"), "spec.webhook.e")])
    assert not is_faulty(block, [beside, odd, Fault("x", Place("g"), "spec.webhook.e.port")])
