"""Real clusters for tests, of the binary that IMPRAG_BINARY names."""

import json
import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from imprag import ImpRAGError

MODEL = Path(__file__).parents[3] / "Models" / "encyclopedia-tiny"
TEXTS = {
    "lima": ("Peru", "Lima is the capital of Peru.", "america"),
    "paris": ("France", "Paris is the capital of France.", "europe"),
    "rome": ("Italy", "Rome is the capital of Italy.", "europe"),
    "quito": ("Ecuador", "Quito is the capital of Ecuador.", "america"),
}


def binary():
    path = os.environ.get("IMPRAG_BINARY")
    return os.path.abspath(path) if path else None


def run(*arguments):
    return subprocess.run([binary(), *map(str, arguments)], check=True, capture_output=True, timeout=120, text=True).stdout


def free_endpoint():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{probe.getsockname()[1]}"


class Cluster:
    """One shard, one generator and some coordinators, with four passages."""

    def __init__(self, directory, coordinators=1, has_keys=False):
        self.directory, self.nodes = directory, {}
        corpus = directory / "corpus.jsonl"
        lines = [
            json.dumps({"id": name, "title": title, "text": text, "metadata": {"continent": continent}})
            for name, (title, text, continent) in TEXTS.items()
        ]
        corpus.write_text("\n".join(lines) + "\n")
        run("index", "--model", MODEL, "--corpus", corpus, "--out", directory / "index", "--partitions", 1, "--threads", 1)
        self.endpoints = [free_endpoint() for _ in range(coordinators)]
        nodes = [{"name": f"coordinator-{i}", "role": "coordinator", "listen": at} for i, at in enumerate(self.endpoints)]
        nodes.append({"name": "shard", "role": "shard", "listen": self.socket("shard"), "partitions": [0]})
        nodes.append({"name": "generator", "role": "generator", "listen": self.socket("generator")})
        file = {"model": str(MODEL), "index": str(directory / "index"), "partitions": 1}
        if has_keys:
            self.key("node", "node")
            file.update(keys="keys.json", key="node.key")
        for node in nodes:
            node["threads"] = 1
        (directory / "cluster.json").write_text(json.dumps({**file, "nodes": nodes}))
        try:
            for node in nodes[::-1]:
                self.start(node["role"], node["name"])
            for process, ready in self.nodes.values():
                assert ready.wait(60), f"{process.args} is not ready: {(directory / 'log').read_text()}"
        except BaseException:
            self.stop()
            raise

    def socket(self, name):
        return f"ipc://{self.directory / name}.sock"

    def key(self, name, role, keys="keys.json"):
        """Makes a key, and returns its file."""
        out = self.directory / f"{name}.key"
        run("keys", "create", name, "--role", role, "--keys", self.directory / keys, "--out", out)
        return out

    def start(self, role, name):
        command = [binary(), role, "--config", str(self.directory / "cluster.json"), "--node", name]
        # A coordinator is of use once it has reached the others.
        self.spawn(command, name, "complete " if role == "coordinator" else "ready ")

    def spawn(self, command, name, word):
        """Starts a process, which is ready once it prints a line that begins with `word`."""
        with open(self.directory / "log", "a") as log:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        ready = threading.Event()
        self.nodes[name] = process, ready

        def read():
            for line in process.stdout:
                if line.startswith(word):
                    ready.set()

        threading.Thread(target=read, daemon=True).start()

    def secret(self, name, role, keys="http-keys.json"):
        """Makes a key for HTTP, and returns its secret."""
        return run("keys", "create", name, "--role", role, "--bearer", "--keys", self.directory / keys).strip()

    def gateway(self, keys=None):
        """Serves the cluster by HTTP, and returns the URL; `keys`: its key list."""
        address = free_endpoint().removeprefix("tcp://")
        command = [binary(), "gateway", "--endpoint", ",".join(self.endpoints), "--listen", address]
        if keys:
            command += ["--keys", str(self.directory / keys)]
        self.spawn(command, f"gateway {address}", "ready: ")
        assert self.nodes[f"gateway {address}"][1].wait(30), f"no gateway: {(self.directory / 'log').read_text()}"
        return f"http://{address}"

    def signal(self, name, number=signal.SIGKILL):
        self.nodes[name][0].send_signal(number)

    def expect_deadline(self, ask):
        """`ask` waits a second at most, for an answer that does not come."""
        self.signal("generator", signal.SIGSTOP)
        try:
            began = time.monotonic()
            with pytest.raises(ImpRAGError) as caught:
                ask()
            assert caught.value.code in ("deadline_exceeded", "unavailable")
            assert 0.5 < time.monotonic() - began < 3
        finally:
            self.signal("generator", signal.SIGCONT)

    def stop(self):
        for process, _ in self.nodes.values():
            process.kill()
        for process, _ in self.nodes.values():
            process.wait()
            process.stdout.close()
