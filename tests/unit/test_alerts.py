"""Alerts and dashboard: they ask for what the code exports, and lead to the runbook."""

import json
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from tests.unit.test_docs import anchors
from tests.unit.test_metrics import families
from tests.world import ROOT

FILES = ROOT / "charts" / "ordervault" / "files"
RULES = yaml.safe_load((FILES / "rules.yaml").read_text())["groups"][0]["rules"]
CASES = ROOT / "tests" / "promtool" / "rules_test.yaml"
DASHBOARD = json.loads((FILES / "dashboard.json").read_text())
METRIC = re.compile(r"\b(?:ordervault|process)_\w+")
PROMTOOL = shutil.which("promtool")


def exported() -> dict[str, dict[str, set[str]]]:
    """Each series' name, and the values of its labels."""
    found: dict[str, dict[str, set[str]]] = {}
    for family in families():
        for sample in family.samples:
            labels = found.setdefault(sample.name, {})
            for name, value in sample.labels.items():
                labels.setdefault(name, set()).add(value)
    return found


def queries(panel: dict[str, Any]) -> list[str]:
    return [target["expr"] for target in panel["targets"]]


@pytest.mark.parametrize(
    ("name", "query"),
    [(rule["alert"], rule["expr"]) for rule in RULES]
    + [(panel["title"], query) for panel in DASHBOARD["panels"] for query in queries(panel)],
)
def test_only_what_is_exported_is_asked_for(name: str, query: str) -> None:
    series = exported()
    asked = METRIC.findall(query)
    assert asked, name
    for metric in asked:
        assert metric in series, f"{name}: {metric}"
    for metric, label, value in re.findall(r'(\w+)\{(\w+)!?="(\w+)"\}', query):
        assert value in series[metric][label], f"{name}: {label}={value}"


def test_every_metric_of_ours_is_on_the_dashboard() -> None:
    asked = {
        name for panel in DASHBOARD["panels"] for q in queries(panel) for name in METRIC.findall(q)
    }
    for family in families():
        if family.name.startswith("ordervault_"):
            names = {sample.name for sample in family.samples}
            assert names & asked, f"no panel shows {family.name}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_leads_to_a_section_of_the_runbook(rule: dict[str, Any]) -> None:
    document, anchor = rule["annotations"]["runbook_url"].split("#")
    assert anchor in anchors(ROOT / document)
    assert rule["annotations"]["summary"]
    assert rule["labels"]["severity"] in ("critical", "warning")


def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not() -> None:
    well, ill = yaml.safe_load(CASES.read_text())["tests"]
    names = {rule["alert"] for rule in RULES}
    assert {case["alertname"] for case in well["alert_rule_test"]} == names
    assert not any("exp_alerts" in case for case in well["alert_rule_test"])
    firing = {case["alertname"] for case in ill["alert_rule_test"] if case.get("exp_alerts")}
    assert firing == names


@pytest.mark.skipif(
    PROMTOOL is None, reason="promtool is not on the PATH: Debian's prometheus has it"
)
def test_alerts_fire_as_the_cases_say() -> None:
    assert PROMTOOL is not None
    for arguments in (("check", "rules", FILES / "rules.yaml"), ("test", "rules", CASES)):
        done = subprocess.run([PROMTOOL, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
