#!/usr/bin/env python3
"""Measures what encryption costs: searches per second over tcp, with keys (CURVE) and without.

usage: Benchmarks/cluster/curve.py [--imprag .build/release/imprag] [--rounds 5] [--seconds 4] [--window 32]

Two clusters over one index, all of their nodes on loopback tcp, asked in turn by one client that keeps WINDOW searches in
flight. Needs python3-zmq and python3-protobuf; prints the median of the rounds, and writes nothing outside a temporary
directory. The target: keys cost at most 15 %.
"""

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import zmq

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Examples/python"))
from ask import pb  # noqa: E402

MODEL = ROOT / "Models/encyclopedia-tiny"
CORPUS = ROOT / "Examples/encyclopedia/passages.jsonl"
PASSAGES = 2000  # few: what a search costs besides messages makes encryption look cheaper
QUESTIONS = ROOT / "Examples/encyclopedia/questions.jsonl"


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Cluster:
    """A coordinator, a shard and a generator on loopback tcp."""

    def __init__(self, imprag: str, directory: Path, name: str, with_keys: bool):
        ports = free_ports(3)
        self.endpoint = f"tcp://127.0.0.1:{ports[0]}"
        self.key = directory / "client.key" if with_keys else None
        file = {
            "partitions": 2, "model": str(MODEL), "index": str(directory / "index"),
            "nodes": [
                {"name": "coordinator", "role": "coordinator", "listen": self.endpoint, "read_only": True},
                {"name": "shard", "role": "shard", "listen": f"tcp://127.0.0.1:{ports[1]}", "partitions": [0, 1],
                 "read_only": True},
                {"name": "generator", "role": "generator", "listen": f"tcp://127.0.0.1:{ports[2]}"},
            ],
        }
        if with_keys:
            file |= {"keys": str(directory / "keys.json"), "key": str(directory / "node.key")}
        path = directory / f"cluster-{name}.json"
        path.write_text(json.dumps(file))
        self.nodes = [
            subprocess.Popen([imprag, node["role"], "--config", path, "--node", node["name"]],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            for node in reversed(file["nodes"])]
        if not any(line.startswith("complete") for line in self.nodes[-1].stdout):
            self.stop()
            sys.exit("the coordinator ended while it started")

    def processor_seconds(self) -> float:
        """What the nodes have used so far: says more than throughput does where others use the machine too."""
        ticks = 0
        for node in self.nodes:
            fields = Path(f"/proc/{node.pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        for node in self.nodes:
            node.send_signal(signal.SIGINT)
        for node in self.nodes:
            node.wait()


def measure(cluster: Cluster, prompts: list[str], seconds: float, window: int) -> tuple[float, float]:
    """Searches per second, and processor seconds of nodes and client for one search."""
    with zmq.Context() as context, context.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        if cluster.key:
            key = json.loads(cluster.key.read_text())
            dealer.curve_publickey, dealer.curve_secretkey = key["public"].encode(), key["secret"].encode()
            dealer.curve_serverkey = key["server"].encode()
        dealer.connect(cluster.endpoint)
        number = 0

        def send() -> None:
            nonlocal number
            number += 1
            search = pb.SearchRequest(prompt=prompts[number % len(prompts)], k=10)
            dealer.send(pb.Envelope(protocol_version=1, request_id=number, deadline_ms=30_000, search=search)
                        .SerializeToString())

        for _ in range(window):
            send()
        # The first replies are for warming up.
        for _ in range(window):
            reply = pb.Envelope.FromString(dealer.recv())
            if reply.WhichOneof("body") != "search_reply":
                sys.exit(f"a search failed: {reply}")
            send()
        begin, count = time.monotonic(), 0
        used = -time.process_time() - cluster.processor_seconds()
        while time.monotonic() - begin < seconds:
            dealer.recv()
            count += 1
            send()
        used += time.process_time() + cluster.processor_seconds()
        return count / (time.monotonic() - begin), used / count


def run(imprag: str, directory: Path, rounds: int, seconds: float, window: int) -> None:
    corpus = directory / "passages.jsonl"
    corpus.write_text("\n".join(CORPUS.read_text().splitlines()[:PASSAGES]))
    subprocess.run([imprag, "index", "--model", MODEL, "--corpus", corpus, "--out", directory / "index",
                    "--partitions", "2"], check=True, capture_output=True)
    for name, role in (("node", "node"), ("client", "read")):
        subprocess.run([imprag, "keys", "create", name, "--role", role, "--keys", directory / "keys.json",
                        "--out", directory / f"{name}.key"], check=True, capture_output=True)
    prompts = [f"Q: {json.loads(line)['question']} A:" for line in QUESTIONS.read_text().splitlines()[:200]]
    clusters = {}
    figures: dict[str, list[tuple[float, float]]] = {"plain": [], "keys": []}
    try:
        for name in figures:
            clusters[name] = Cluster(imprag, directory, name, name == "keys")
        for _ in range(rounds):
            for name, cluster in clusters.items():
                figures[name].append(measure(cluster, prompts, seconds, window))
    finally:
        for cluster in clusters.values():
            cluster.stop()
    for name, values in figures.items():
        rate, used = (statistics.median(column) for column in zip(*values))
        print(f"{name:5}  {rate:6.0f} searches/s  {1e6 * used:5.0f} µs of processor time each  (medians of {rounds})")
    pairs = list(zip(figures["plain"], figures["keys"]))
    lost = 1 - statistics.median(keys[0] / plain[0] for plain, keys in pairs)
    more = statistics.median(keys[1] / plain[1] for plain, keys in pairs) - 1
    print(f"keys cost {100 * lost:.1f} % of the throughput (at most 15 % is the target), and {100 * more:.1f} % processor time")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--imprag", default=str(ROOT / ".build/release/imprag"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--window", type=int, default=32)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        run(arguments.imprag, Path(temporary), arguments.rounds, arguments.seconds, arguments.window)
