"""Plays the manifests' pods with podman on one machine: pods.py WHAT < manifests, WHAT being `cluster` or the name of a container.

Prints one shell command a container. Addresses become ports of 127.0.0.1, volumes directories below $TRY; arguments, users,
limits of memory and what a container may do are those of the manifests.
"""

import json
import os
import resource
import shlex
import sys

import yaml

from check import cluster_file, pods

TRY = os.environ["TRY"]
# For a program that does not know these fields of the cluster file.
DROP = os.environ.get("DROP", "").split()
STORE = "/store/wiki"


def local_cluster(file):
    """The cluster file with every node on this machine; keys are only needed beyond it."""
    for field in ["keys", "key", *DROP]:
        file.pop(field, None)
    file["index"] = STORE
    for number, node in enumerate(file["nodes"]):
        port = 7100 if node["role"] == "coordinator" else 7110 + number
        node["listen"] = f"tcp://127.0.0.1:{port}"
        del node["connect"]
        node["metrics"] = f"127.0.0.1:{9464 + number}"
        if "data" in node:
            node["data"] += f"/{node['name']}"
        for field in DROP:
            node.pop(field, None)
    return file


def nodes(owner, template):
    """The names that the pods of `owner` have in the cluster file."""
    if owner["kind"] == "StatefulSet":
        return [f"{owner['metadata']['name']}-{number}" for number in range(owner["spec"]["replicas"])]
    # One of the coordinators: two would listen at one port of this machine.
    return [template["metadata"]["labels"]["imprag/node"]]


def limits():
    """Podman asks for more than some machines allow."""
    return ["--ulimit", f"nofile={min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 16384)}", "--ulimit", "nproc=4096"]


def memory(container):
    """As podman writes it: `4Gi` is `4g`."""
    return container["resources"]["limits"]["memory"].lower().removesuffix("i")


def command(spec, container, name, environment, detached):
    context = spec["securityContext"]
    words = ["podman", "run", *limits(), "--network", "host", "--name", name, "--memory", memory(container),
             "--user", f"{context['runAsUser']}:{context['runAsGroup']}", "--read-only", "--cap-drop", "ALL",
             "--security-opt", "no-new-privileges", "--tmpfs", "/tmp"]
    words += ["--detach"] if detached else ["--rm"]
    for mount in container["volumeMounts"]:
        if mount["name"] in ("tmp", "keys"):
            continue
        words += ["--volume", f"{TRY}/{mount['name']}:{mount['mountPath']}{':ro' if mount.get('readOnly') else ''}"]
    words += ["--volume", f"{TRY}/store:/store"]
    for key, value in environment.items():
        words += ["--env", f"{key}={value}"]
    if "command" in container:
        words += ["--entrypoint", json.dumps(container["command"])]
    words.append("imprag-try")
    for word in container.get("args", []):
        for key, value in environment.items():
            word = word.replace(f"$({key})", value)
        words.append(word.replace("s3://imprag/wiki", STORE))
    return shlex.join(words)


def main():
    wanted = sys.argv[1]
    objects = [each for each in yaml.safe_load_all(sys.stdin) if each]
    if wanted == "cluster":
        for each in objects:
            if each["kind"] == "ConfigMap":
                file = local_cluster(cluster_file(each["data"]["cluster.json"]))
                with open(f"{TRY}/cluster/cluster.json", "w") as out:
                    json.dump(file, out, indent=1)
    for owner, template in pods(objects):
        spec = template["spec"]
        if owner["kind"] == "Job":
            for container in spec.get("initContainers", []) + spec["containers"]:
                if container["name"] == wanted:
                    for index in range(owner["spec"].get("completions", 1)):
                        print(command(spec, container, f"imprag-try-{wanted}-{index}", {"JOB_COMPLETION_INDEX": str(index)}, False))
        elif wanted == "cluster":
            for node in nodes(owner, template):
                print(command(spec, spec["containers"][0], f"imprag-try-{node}", {"NODE": node}, True))


if __name__ == "__main__":
    main()
