#!/usr/bin/env python3
"""Measures what a coordinator adds to a search over many partitions, and whether many clients fit on one coordinator.

usage: Benchmarks/cluster/fan_out.py [--imprag .build/release/imprag] [--partitions 8] [--shards 2] [--searches 4000] [--idle 1000] [--active 200]
       Benchmarks/cluster/fan_out.py --before PROGRAM [--rounds 3] ...

First, one search at a time over the partitions in SHARDS processes, all nodes on loopback tcp: the time from the beginning of the
fan-out to its end, by the coordinator's clock, less what the slowest shard searched, by its own. Then IDLE clients that have
sent one ping each and keep their connections, beside ACTIVE ones with one search in flight each. With --before, another program
takes turns with this one at the first part, and at 16 clients' searches instead of the second. Needs python3-zmq and
python3-protobuf. Exits with 1 when the bar is missed.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import zmq

from curve import CORPUS, MODEL, QUESTIONS, free_ports, pb, signal

P50_US, P99_US = 150, 1000


class Cluster:
    """A coordinator and shards; searches need no generator, but a whole cluster has one."""

    def __init__(self, imprag: str, directory: Path, partitions: int, shards: int):
        ports = free_ports(shards + 2)
        listen = [f"tcp://127.0.0.1:{port}" for port in ports]
        self.endpoint = listen[0]
        nodes = [{"name": "coordinator", "role": "coordinator", "listen": listen[0], "read_only": True},
                 {"name": "generator", "role": "generator", "listen": listen[1]}]
        nodes += [{"name": f"shard-{number}", "role": "shard", "listen": listen[2 + number],
                   "partitions": list(range(number, partitions, shards)), "read_only": True} for number in range(shards)]
        path = directory / "cluster.json"
        path.write_text(json.dumps({
            "partitions": partitions, "model": str(MODEL), "index": str(directory / "index"), "nodes": nodes}))
        self.nodes = [
            subprocess.Popen([imprag, node["role"], "--config", path, "--node", node["name"]],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            for node in reversed(nodes)]
        if not any(line.startswith("complete") for line in self.nodes[-1].stdout):
            self.stop()
            sys.exit("the coordinator ended while it started")

    def stop(self) -> list[int]:
        """The nodes' exit statuses."""
        for node in self.nodes:
            node.send_signal(signal.SIGINT)
        return [node.wait() for node in self.nodes]


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def connect(context: zmq.Context, endpoint: str) -> zmq.Socket:
    socket = context.socket(zmq.DEALER)
    socket.linger = 0
    socket.connect(endpoint)
    return socket


def search(number: int, prompts: list[str]) -> bytes:
    body = pb.SearchRequest(prompt=prompts[number % len(prompts)], k=10)
    return pb.Envelope(protocol_version=1, request_id=number + 1, deadline_ms=30_000, search=body).SerializeToString()


def fan_out(cluster: Cluster, prompts: list[str], searches: int) -> bool:
    """Whether the bar is reached."""
    added, slowest, whole = [], [], []
    with zmq.Context() as context, connect(context, cluster.endpoint) as socket:
        for number in range(searches + 200):
            start = time.monotonic()
            socket.send(search(number, prompts))
            reply = pb.Envelope.FromString(socket.recv()).search_reply
            if not reply.completeness.complete:
                sys.exit(f"a search found not everything: {reply.completeness}")
            own = max(shard.search_us for shard in reply.completeness.shards)
            if number >= 200:  # warm
                whole.append(1e6 * (time.monotonic() - start))
                slowest.append(own)
                added.append(reply.timings.search_us - own)
    p50, p99 = percentile(added, 0.5), percentile(added, 0.99)
    print(f"{searches} searches, {len(reply.completeness.shards)} shards: the slowest took p50 {percentile(slowest, 0.5):.0f} µs, "
          f"p99 {percentile(slowest, 0.99):.0f} µs; added p50 {p50:.0f} µs, p99 {p99:.0f} µs; the client waited p50 {percentile(whole, 0.5):.0f} µs, p99 {percentile(whole, 0.99):.0f} µs")
    return p50 <= P50_US and p99 <= P99_US


def crowd(cluster: Cluster, prompts: list[str], idle: int, active: int, seconds: float = 10) -> bool:
    """Whether all are served."""
    context = zmq.Context()
    context.max_sockets = idle + active + 10
    sleepers = [connect(context, cluster.endpoint) for _ in range(idle)]
    ping = pb.Envelope(protocol_version=1, request_id=1, deadline_ms=10_000, ping={}).SerializeToString()
    answered = exchange(sleepers, ping, seconds=20)
    times, failures, lost = keep_busy([connect(context, cluster.endpoint) for _ in range(active)], prompts, seconds)
    again = exchange(sleepers, ping, seconds=20)
    print(f"{answered} of {idle} clients answered once, {again} again after {seconds:.0f} s idle; beside them {active} with a search each: "
          f"{rate(times, seconds)}, {len(failures)} failed, {lost} lost")
    for message in sorted(set(failures))[:3]:
        print(f"  {message}")
    context.destroy(linger=0)
    return answered == again == idle and not failures and not lost


def rate(times: list[float], seconds: float) -> str:
    return (f"{len(times) / seconds:.0f}/s, p50 {1000 * percentile(times, 0.5):.1f} ms, p99 {1000 * percentile(times, 0.99):.1f} ms")


def keep_busy(workers: list[zmq.Socket], prompts: list[str], seconds: float) -> tuple[list[float], list[str], int]:
    """Keeps one search of each client in flight. Returns how long each took, how those failed that failed, and how many got no reply."""
    poller = zmq.Poller()
    sent, times, failures = {}, [], []
    for number, socket in enumerate(workers):
        poller.register(socket, zmq.POLLIN)
        socket.send(search(number, prompts))
        sent[socket] = time.monotonic()
    end, number = time.monotonic() + seconds, len(workers)
    while sent and time.monotonic() < end + 10:
        for socket, _ in poller.poll(100):
            reply, now = pb.Envelope.FromString(socket.recv()), time.monotonic()
            if reply.WhichOneof("body") == "search_reply":
                times.append(now - sent.pop(socket))
            else:
                failures.append(reply.failure.message)
                del sent[socket]
            if now < end:
                number += 1
                socket.send(search(number, prompts))
                sent[socket] = now
    return times, failures, len(sent)


def exchange(sockets: list[zmq.Socket], message: bytes, seconds: float) -> int:
    """How many get a reply in time."""
    end = time.monotonic() + seconds
    for socket in sockets:
        socket.send(message)
    return sum(bool(socket.poll(max(0, 1000 * (end - time.monotonic()))) and socket.recv()) for socket in sockets)


def turns(programs: list[str], directory: Path, prompts: list[str], arguments: argparse.Namespace) -> bool:
    """Whether the last program reaches the bar each time."""
    reached = True
    for number in range(arguments.rounds):
        for imprag in programs if number % 2 == 0 else reversed(programs):
            print(imprag)
            cluster = Cluster(imprag, directory, arguments.partitions, arguments.shards)
            try:
                passes = fan_out(cluster, prompts, arguments.searches)
                with zmq.Context() as context:
                    workers = [connect(context, cluster.endpoint) for _ in range(16)]
                    times, failures, lost = keep_busy(workers, prompts, seconds=4)
                    context.destroy(linger=0)
                print(f"16 clients with a search each: {rate(times, 4)}, {len(failures)} failed, {lost} lost")
            finally:
                cluster.stop()
            reached = reached and (passes or imprag != programs[-1])
    return reached


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--imprag", default=str(Path(__file__).resolve().parents[2] / ".build/release/imprag"))
    parser.add_argument("--partitions", type=int, default=8)
    parser.add_argument("--shards", type=int, default=2, help="more than the machine has cores wait for each other")
    parser.add_argument("--searches", type=int, default=4000)
    parser.add_argument("--idle", type=int, default=1000)
    parser.add_argument("--active", type=int, default=200)
    parser.add_argument("--before", help="another program, to take turns with")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    prompts = [f"Q: {json.loads(line)['question']} A:" for line in QUESTIONS.read_text().splitlines()[:200]]
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary)
        subprocess.run([arguments.imprag, "index", "--model", MODEL, "--corpus", CORPUS, "--out", directory / "index",
                        "--partitions", str(arguments.partitions)], check=True, capture_output=True)
        if arguments.before:
            sys.exit(0 if turns([arguments.before, arguments.imprag], directory, prompts, arguments) else 1)
        cluster = Cluster(arguments.imprag, directory, arguments.partitions, arguments.shards)
        try:
            reached = fan_out(cluster, prompts, arguments.searches)
            reached = crowd(cluster, prompts, arguments.idle, arguments.active) and reached
        finally:
            statuses = cluster.stop()
    if any(statuses):
        print(f"exit statuses {statuses}")
    sys.exit(0 if reached and not any(statuses) else 1)


if __name__ == "__main__":
    main()
