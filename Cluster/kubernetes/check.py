"""Checks what kustomize made, read from standard input, beyond what the API's schemas say: check.sh calls it."""

import json
import re
import sys

import yaml

PORTS = {"shard": 7101, "coordinator": 7100, "generator": 7102}

# Pods of others, which network policies name.
FOREIGN = [{"k8s-app": "kube-dns"}, {"imprag/client": "true"}, {"imprag/http-client": "true"}, {"app.kubernetes.io/name": "etcd"}]

# Gateways are built apart from the coordinators that they ask.
APART = {"gateway": [{"app.kubernetes.io/component": "coordinator"}]}


def cluster_file(text):
    """JSON with comments and trailing commas, in which no string has two slashes but those of addresses."""
    text = re.sub(r"(?m)(^|\s)//.*$", "", text)
    return json.loads(re.sub(r",(\s*[\]}])", r"\1", text))


def pods(objects):
    for each in objects:
        template = each.get("spec", {}).get("template")
        if each["kind"] in ("StatefulSet", "Deployment", "Job") and template:
            yield each, template


def problems(objects):
    names = {(each["kind"], each["metadata"]["name"]) for each in objects}
    maps = [each for each in objects if each["kind"] == "ConfigMap"]
    for owner, template in pods(objects):
        where = f"{owner['kind']} {owner['metadata']['name']}"
        spec = template["spec"]
        context = spec.get("securityContext", {})
        if not context.get("runAsNonRoot") or context.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield f"{where}: runs as root, or without a seccomp profile"
        if spec.get("automountServiceAccountToken") is not False:
            yield f"{where}: gets a token of the API server"
        for container in spec.get("initContainers", []) + spec["containers"]:
            own = container.get("securityContext", {})
            if (own.get("allowPrivilegeEscalation") is not False or not own.get("readOnlyRootFilesystem")
                    or own.get("capabilities", {}).get("drop") != ["ALL"]):
                yield f"{where}: {container['name']} may do more than it needs"
            if "memory" not in container.get("resources", {}).get("limits", {}):
                yield f"{where}: {container['name']} has no limit of memory"
            if container["image"] == "imprag":
                yield f"{where}: {container['name']} has no image of a registry"
            mounted = {mount["name"] for mount in container["volumeMounts"]}
            there = {volume["name"] for volume in spec["volumes"]}
            there |= {claim["metadata"]["name"] for claim in owner["spec"].get("volumeClaimTemplates", [])}
            if mounted - there:
                yield f"{where}: no volume is called {', '.join(sorted(mounted - there))}"
        if owner["kind"] != "Job":
            container = spec["containers"][0]
            is_gateway = container["name"] == "gateway"
            for probe, path in (("livenessProbe", "/healthz"), ("readinessProbe", "/healthz" if is_gateway else "/readyz")):
                right = {"path": path, "port": "https", "scheme": "HTTPS"} if is_gateway else {"path": path, "port": "metrics"}
                if container.get(probe, {}).get("httpGet") != right:
                    yield f"{where}: its {probe} is not {path} at {right['port']}"
            used = [volume["configMap"]["name"] for volume in spec["volumes"] if "configMap" in volume]
            for name in used:
                if ("ConfigMap", name) not in names:
                    yield f"{where}: there is no ConfigMap {name}"
        labels = template["metadata"]["labels"]
        selector = owner["spec"].get("selector", {}).get("matchLabels", {})
        if not selector.items() <= labels.items():
            yield f"{where}: selects {selector}, and its pods have {labels}"
    for each in objects:
        if each["kind"] == "NetworkPolicy":
            yield from policy_problems(each, [template["metadata"]["labels"] for _, template in pods(objects)])
    for each in maps:
        yield from cluster_problems(objects, cluster_file(each["data"]["cluster.json"]))
    for each in objects:
        if each["kind"] == "Service" and not any(
                each["spec"]["selector"].items() <= template["metadata"]["labels"].items() for _, template in pods(objects)):
            yield f"Service {each['metadata']['name']}: selects no pod"


def policy_problems(policy, labels):
    """Selectors that select nobody: a policy with one of them allows nothing, silently."""
    spec = policy["spec"]
    component = spec["podSelector"].get("matchLabels", {}).get("app.kubernetes.io/component")
    others = FOREIGN + APART.get(component, [])
    selectors = [("podSelector", spec["podSelector"], [])]
    for direction, ends in (("ingress", "from"), ("egress", "to")):
        for rule in spec.get(direction, []):
            selectors += [(direction, peer["podSelector"], others) for peer in rule.get(ends, []) if "podSelector" in peer]
    for where, selector, foreign in selectors:
        wanted = selector.get("matchLabels", {})
        values = [value for each in selector.get("matchExpressions", []) for value in each["values"]]
        # Jobs are built apart from the policies.
        known = {each["app.kubernetes.io/component"] for each in labels} | {"index"}
        if not set(values) <= known or wanted not in foreign and not any(wanted.items() <= each.items() for each in labels):
            yield f"NetworkPolicy {policy['metadata']['name']}: {where} selects no pod: {wanted or values}"


def cluster_problems(objects, file):
    """Whether the cluster file's nodes are the pods, at the addresses that services give them."""
    services = {each["metadata"]["name"] for each in objects if each["kind"] == "Service"}
    static = "membership" not in file
    wanted = set()
    for owner, template in pods(objects):
        role = template["metadata"]["labels"]["app.kubernetes.io/component"]
        if owner["kind"] == "StatefulSet":
            wanted |= {(role, f"{owner['metadata']['name']}-{number}") for number in range(owner["spec"]["replicas"])}
        else:
            wanted.add((role, template["metadata"]["labels"].get("imprag/node")))
    if static:
        found = {(node["role"], node["name"]) for node in file["nodes"]}
        if wanted != found:
            yield f"cluster.json: nodes and pods differ: {sorted(wanted ^ found)}"
    holders = {}
    for node in file["nodes"]:
        port = PORTS[node["role"]]
        name = node.get("name", node["role"])
        if node["listen"] != f"tcp://0.0.0.0:{port}" or not node["connect"].endswith(f":{port}"):
            yield f"cluster.json: {name} is not at port {port}"
        host = node["connect"].removeprefix("tcp://").rsplit(":", 1)[0]
        service = host.split(".")[-1]
        if service != "{node}" and service not in services:
            yield f"cluster.json: {name}: there is no service {service}"
        if node.get("metrics") != "0.0.0.0:9464":
            yield f"cluster.json: {name} serves no metrics at 9464, where its probes look"
        for partition in node.get("partitions", []):
            holders.setdefault(partition, []).append(name)
    if static:
        for partition in range(file["partitions"]):
            if len(holders.get(partition, [])) < 2:
                yield f"cluster.json: partition {partition} is on {holders.get(partition, [])}; two shards are right"


def main():
    objects = [each for each in yaml.safe_load_all(sys.stdin) if each]
    found = list(problems(objects))
    for problem in found:
        print(f"  {problem}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
