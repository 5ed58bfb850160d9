from __future__ import annotations

from pathlib import Path

from config.load import load

SENSOR = "apiVersion: argoproj.io/v1alpha1\nkind: Sensor\nmetadata: {name: s}\n"


def test_patches_are_named_and_left_alone(tmp_path: Path) -> None:
    overlay = tmp_path / "overlay"
    overlay.mkdir()
    (overlay / "kustomization.yaml").write_text(
        "resources: [../base]\n"
        "patches:\n- path: one.yaml\n- patch: |-\n    - op: remove\n"
        "patchesStrategicMerge:\n- two.yaml\n- |\n  kind: Sensor\n"
        "patchesJson6902:\n- {path: ../three.json, target: {kind: Sensor}}\n"
    )
    for name in ("overlay/one.yaml", "overlay/two.yaml"):
        (tmp_path / name).write_text(SENSOR + "spec: {replicas: 2}\n")
    (tmp_path / "three.json").write_text('[{"op": "remove"}]')
    found = load([tmp_path])
    assert found.faults == ()
    assert sorted(one.kind for one in found.skipped) == ["Kustomization", *["patch of a kustomization"] * 3]


def test_what_is_no_patch_is_read(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yml").write_text("resources: [s.yaml]\npatches: all\n")
    (tmp_path / "s.yaml").write_text(SENSOR)
    assert len(load([tmp_path]).sensors) == 1


def test_a_kustomization_by_its_kind(tmp_path: Path) -> None:
    (tmp_path / "k.yaml").write_text(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\npatches: [{path: s.yaml}]\n"
    )
    (tmp_path / "s.yaml").write_text(SENSOR)
    assert load([tmp_path]).sensors == ()
