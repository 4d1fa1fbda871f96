"""Holds the chart against Helm, the schemas of Kubernetes and kube-score.

Every file of ci/ must render into what all of them take; every file of ci/fail/ must be refused in
the words that its first line names.
"""

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml
from cloudcoil.models.keda import v1alpha1 as keda
from cloudcoil.models.prometheus_operator import v1 as monitoring

CHART = Path(__file__).parent / "ordervault"
# The oldest that Chart.yaml allows, and the newest that there are schemas for.
KUBERNETES = ("1.30", "1.37")
OTHERS = {
    "ScaledObject": keda.ScaledObject,
    "TriggerAuthentication": keda.TriggerAuthentication,
    "ServiceMonitor": monitoring.ServiceMonitor,
    "PrometheusRule": monitoring.PrometheusRule,
}
# Values that leave out what kube-score asks for.
NOT_SCORED = "minimal-values"


def helm(command: str, *arguments: str, values: Path) -> subprocess.CompletedProcess[str]:
    """What Helm makes of the chart with these values."""
    words = ("helm", command, *arguments, str(CHART), "--values", str(values))
    return subprocess.run(words, capture_output=True, text=True, check=False)


def problems(values: Path) -> list[str]:
    """What is wrong with the chart rendered with these values."""
    lint = helm("lint", "--strict", values=values)
    if lint.returncode != 0:
        return [lint.stdout + lint.stderr]
    rendered = helm("template", "release", "--namespace", "orders", values=values)
    if rendered.returncode != 0:
        return [rendered.stderr]
    documents = [document for document in yaml.safe_load_all(rendered.stdout) if document]
    print(f"{values.name}: {dict(Counter(document['kind'] for document in documents))}")
    checks = (_against_schemas, _against_restricted)
    found = [problem for d in documents for check in checks for problem in check(d)]
    return found + ([] if values.stem == NOT_SCORED else _against_kube_score(rendered.stdout))


def _against_schemas(document: dict[str, Any]) -> list[str]:
    name = f"{document['kind']} {document['metadata']['name']}"
    if model := OTHERS.get(document["kind"]):
        try:
            read = model.model_validate(document)
        except ValueError as error:
            return [f"{name}: {error}"]
        # These models take what they do not know, and leave it out.
        known = read.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return [f"{name}: unknown fields: {_lost(document, known)}"] * bool(_lost(document, known))
    found = []
    for version in KUBERNETES:
        try:
            kubernetes_validate.validate(document, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            found.append(f"{name}, Kubernetes {version}: {'.'.join(map(str, error.path))}: {error}")
    return found


def _against_restricted(document: dict[str, Any]) -> list[str]:
    """What the level `restricted` of Kubernetes' Pod Security Standards would refuse."""
    spec = document.get("spec", {})
    pod = spec if document["kind"] == "Pod" else spec.get("template", {}).get("spec")
    if pod is None:
        return []
    context = pod["securityContext"]
    allowed = {
        "runAsNonRoot": context.get("runAsNonRoot") is True,
        "seccompProfile": context.get("seccompProfile") == {"type": "RuntimeDefault"},
        "host": not {"hostNetwork", "hostPID", "hostIPC"} & set(pod),
        "volumes": all("hostPath" not in volume for volume in pod["volumes"]),
    }
    for container in pod["containers"]:
        context = container["securityContext"]
        allowed |= {
            "allowPrivilegeEscalation": context.get("allowPrivilegeEscalation") is False,
            "capabilities": context.get("capabilities") == {"drop": ["ALL"]},
        }
    return [f"{document['kind']}: not restricted: {name}" for name in allowed if not allowed[name]]


def _lost(document: Any, known: Any, path: str = "") -> list[str]:
    """The paths of the document that the model does not know."""
    if isinstance(document, dict) and isinstance(known, dict):
        missing = [f"{path}.{key}" for key in document if key not in known]
        both = ((f"{path}.{key}", document[key], known[key]) for key in document if key in known)
    elif isinstance(document, list) and isinstance(known, list):
        missing = []
        both = ((f"{path}[{i}]", *pair) for i, pair in enumerate(zip(document, known, strict=True)))
    else:
        return []
    return missing + [lost for below, one, other in both for lost in _lost(one, other, below)]


def _against_kube_score(rendered: str) -> list[str]:
    # A limit on CPU would only slow a service down beside an idle core.
    command = ("kube-score", "score", "--ignore-container-cpu-limit", "--output-format", "ci", "-")
    score = subprocess.run(command, input=rendered, capture_output=True, text=True, check=False)
    return [line for line in score.stdout.splitlines() if line.startswith("[CRITICAL]")] + (
        [score.stderr] if score.stderr else []
    )


def not_refused(values: Path) -> list[str]:
    """What is wrong with how these values are refused."""
    expected = values.read_text().splitlines()[0].removeprefix("# says: ")
    rendered = helm("template", "release", values=values)
    if rendered.returncode == 0:
        return ["is taken"]
    return [] if expected in rendered.stderr else [f"not refused with {expected!r}"]


def main() -> int:
    """Print what is wrong; the exit code says whether anything is."""
    wrong = 0
    for folder, check in ((CHART / "ci", problems), (CHART / "ci/fail", not_refused)):
        files = sorted(folder.glob("*.yaml"))
        assert files, folder
        for values in files:
            for problem in check(values):
                print(f"{values.relative_to(CHART)}: {problem}")
                wrong += 1
    print(f"{wrong} problems" if wrong else "the chart is as it should be")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
