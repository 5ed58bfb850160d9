"""The functions that manifests have are there wherever a manifest has JMESPath."""

from __future__ import annotations

import pytest

from config.sensor import ParameterSource, Transform
from sensors.jmes_expression import compile_manifest_expression, manifest_functions
from sensors.jmes_filter import compile_filter
from sensors.languages.jmes.search import JmesSyntaxError, compile_expression
from sensors.source import compile_source
from sensors.transform import compile_transform
from tests.sensors.events import make_event

EVENT = make_event({"ref": "refs/tags/v1.4.0", "config": "replicas: 3\nregions: [eu, us]\n"})
VERSION = "trim_prefix(data.ref, 'refs/tags/v')"


def test_filters() -> None:
    matching = f"regex_match('^refs/tags/v', data.ref) && semver_compare({VERSION}, '>=1.2.0')"
    assert compile_filter([matching], ("jmespath",)).check(EVENT, False).passed
    failing = f"semver_compare({VERSION}, '<1.2.0')"
    assert not compile_filter([failing], ("jmespath",)).check(EVENT, False).passed


def test_an_error_is_told() -> None:
    check = compile_filter(["semver_compare(data.ref, '>=1.2.0')"], ("jmespath",)).check(EVENT, False)
    assert not check.passed
    assert "semver_compare(): not a semantic version" in check.error


def test_parameters_are_typed() -> None:
    def resolve(expression: str) -> tuple[str, bool]:
        found = compile_source(ParameterSource(dependency_name="d", jmespath=expression))({"d": EVENT})
        assert found is not None
        return found.text, found.is_raw

    assert resolve("parse_yaml(data.config).regions") == ('["eu","us"]', True)
    assert resolve("add(parse_yaml(data.config).replicas, `1`)") == ("4", True)
    assert resolve("to_upper(source)") == (EVENT.source.upper(), False)


def test_transforms() -> None:
    transform = compile_transform(Transform(jmespath=f"merge(parse_yaml(data.config), {{version: {VERSION}}})"))
    assert transform is not None
    assert transform.apply(EVENT).json() == {"replicas": 3, "regions": ["eu", "us"], "version": "1.4.0"}


def test_the_present_is_the_clocks() -> None:
    functions = manifest_functions(now=lambda: 90 * 10**9)
    assert compile_expression("time_now()", functions)({}) == "1970-01-01T00:01:30Z"
    assert compile_expression("time_since('', '1970-01-01T00:00:00Z', '')", functions)({}) == "1m30s"
    assert compile_manifest_expression("time_before(time_now(), time_add(time_now(), '1h'))")({}) is True


def test_the_specification_alone_has_none_of_them() -> None:
    with pytest.raises(JmesSyntaxError, match="unknown function to_upper"):
        compile_expression("to_upper('a')")
