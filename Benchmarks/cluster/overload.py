#!/usr/bin/env python3
"""Measures what a cluster does when it is asked for more than it can: goodput, fairness, and a rolling restart.

usage: Benchmarks/cluster/overload.py [--imprag .build/release/imprag] [--seconds 10] [--only overload,fairness,restart]

Real processes on this machine, with Models/encyclopedia-tiny: two coordinators, three shards, two generators; clients are in this
process, so they take a part of the machine. Needs pyzmq and protobuf, as Tests/Chaos does. Exits with 1 when the bar is missed.
"""

import argparse
import collections
import dataclasses
import json
import signal
import sys
import tempfile
import threading
import time
import types
from pathlib import Path

import zmq

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/Chaos"))
from client import Client, pb  # noqa: E402
from cluster import Cluster  # noqa: E402

MODEL = ROOT / "Models/encyclopedia-tiny"
CORPUS = ROOT / "Examples/encyclopedia/passages.jsonl"
QUESTIONS = ROOT / "Examples/encyclopedia/questions.jsonl"
LONG_MS = 10_000
GOODPUT = 0.9  # of the capacity, at five times as many requests
FACTOR = 5


@dataclasses.dataclass
class Result:
    seconds: float
    sent: int = 0
    times: list = dataclasses.field(default_factory=list)  # of the answers, in seconds
    late: int = 0  # answered after the deadline, or not at all
    codes: collections.Counter = dataclasses.field(default_factory=collections.Counter)

    @property
    def rate(self):
        return len(self.times) / self.seconds

    def percentile(self, share):
        ordered = sorted(self.times)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


class Load:
    """Requests on some connections to one coordinator. Closed loop: always `in_flight` of them, of which those
    that are refused come again when they are told to. Open loop: `rate` a second, whatever becomes of them."""

    def __init__(self, context, endpoint, questions, deadline_ms, connections=8, in_flight=0, rate=0.0):
        self.sockets = []
        for _ in range(connections):
            socket = context.socket(zmq.DEALER)
            socket.linger = 0
            socket.set_hwm(100_000)
            socket.connect(endpoint)
            self.sockets.append(socket)
        # Only the number of a request changes: the rest is encoded once. Fields of a message may come in any order.
        self.bodies = [
            pb.Envelope(protocol_version=1, deadline_ms=deadline_ms, ask=pb.AskRequest(
                prompt=f"Q: {question} A:", omit_passage_text=True)).SerializeToString()
            for question in questions]
        self.deadline = deadline_ms / 1000
        self.in_flight, self.rate = in_flight, rate
        self.number = 0
        self.open = {}
        self.later = []  # when refused ones come again

    def send(self, now):
        self.number += 1
        header = pb.Envelope(request_id=self.number).SerializeToString()
        self.sockets[self.number % len(self.sockets)].send(header + self.bodies[self.number % len(self.bodies)])
        self.open[self.number] = now

    def run(self, seconds, settle=0.0):
        """What happened to the requests that were sent after `settle` seconds, for `seconds`."""
        result = Result(seconds)
        poller = zmq.Poller()
        for socket in self.sockets:
            poller.register(socket, zmq.POLLIN)
        start = time.monotonic()
        begin, end = start + settle, start + settle + seconds
        first = None
        while True:
            now = time.monotonic()
            if first is None and now >= begin:
                first = self.number + 1
            if now < end:
                self.later = [when for when in self.later if when > now]
                due = (self.in_flight - len(self.open) - len(self.later) if self.in_flight
                       else int((now - start) * self.rate) - self.number)
                for _ in range(due):
                    self.send(now)
                wait = 20 if self.in_flight else max(0, int(1000 * ((self.number + 1) / self.rate + start - now)))
            elif not self.open or now > end + self.deadline + 0.5:
                break
            else:
                wait = 20
            for socket, _ in poller.poll(min(wait, 20)):
                self.receive(socket, result, first)
        result.sent = self.number - (first or self.number) + 1
        result.late += sum(1 for number in self.open if first and number >= first)
        for socket in self.sockets:
            socket.close()
        return result

    def receive(self, socket, result, first):
        for _ in range(64):
            try:
                frame = socket.recv_multipart(zmq.NOBLOCK)[0]
            except zmq.Again:
                return
            reply = pb.Envelope.FromString(frame)
            if reply.more:
                continue
            sent = self.open.pop(reply.request_id, None)
            if self.in_flight and reply.failure.retry_after_ms:
                self.later.append(time.monotonic() + reply.failure.retry_after_ms / 1000)
            if sent is None or first is None or reply.request_id < first:
                continue
            taken = time.monotonic() - sent
            if reply.WhichOneof("body") == "failure":
                result.codes[pb.ErrorCode.Name(reply.failure.code).lower()] += 1
            elif taken <= self.deadline:
                result.times.append(taken)
            else:
                result.late += 1


class Bench:
    def __init__(self, cluster, seconds):
        self.cluster, self.seconds = cluster, seconds
        self.context = zmq.Context()
        self.endpoint = cluster.endpoint("coordinator-0")
        self.questions = [json.loads(line)["question"] for line in QUESTIONS.read_text().splitlines()]
        self.is_missed = False

    def load(self, deadline_ms, **options):
        return Load(self.context, self.endpoint, self.questions, deadline_ms, **options)

    def miss(self, text):
        self.is_missed = True
        print(f"  MISSED: {text}")

    def overload(self):
        runs = {count: self.load(LONG_MS, in_flight=count).run(self.seconds, settle=1) for count in (16, 64)}
        for count, run in runs.items():
            print(f"closed loop, {count:3} in flight: {run.rate:7.1f} answers/s, p50 {run.percentile(0.5):6.1f} ms, "
                  f"p99 {run.percentile(0.99):6.1f} ms {dict(run.codes) or ''}")
        capacity = max(run.rate for run in runs.values())
        for deadline_ms in (500, 2000):
            # The clients are a part of the load on this machine: the answers that they could not have had do not count.
            run = self.load(deadline_ms, rate=FACTOR * capacity).run(self.seconds, settle=3)
            share = run.rate / capacity
            print(f"{FACTOR} times that, deadline {deadline_ms:4} ms: {run.rate:7.1f} answers/s in time = {share:.0%} of the "
                  f"capacity; {run.sent / run.seconds:.0f} sent/s, {run.late} late, {dict(run.codes)}, "
                  f"p50 {run.percentile(0.5):.1f} ms, p99 {run.percentile(0.99):.1f} ms")
            if share < GOODPUT:
                self.miss(f"{GOODPUT:.0%} of the capacity")
            time.sleep(deadline_ms / 1000)

    def fairness(self):
        alone = self.load(LONG_MS, connections=1, in_flight=1).run(self.seconds / 2, settle=1)
        many = self.load(LONG_MS, connections=1, in_flight=400)
        thread = threading.Thread(target=many.run, args=(self.seconds + 1,))
        thread.start()
        time.sleep(1)
        beside = self.load(LONG_MS, connections=1, in_flight=1).run(self.seconds / 2)
        thread.join()
        for name, run in (("alone", alone), ("beside a client with 400", beside)):
            print(f"one request at a time, {name}: p50 {run.percentile(0.5):.1f} ms, p99 {run.percentile(0.99):.1f} ms, "
                  f"{len(run.times)} answered {dict(run.codes) or ''}")
        if beside.percentile(0.5) > 20 * alone.percentile(0.5) or sum(beside.codes.values()) or beside.late:
            self.miss("a request beside 400 others takes at most 20 times as long, and none fails")

    def restart(self):
        """Every node in turn, while four clients ask."""
        is_over = threading.Event()
        outcomes = []

        def ask(number):
            client = Client(self.context, [self.cluster.endpoint(name) for name in self.cluster.coordinators])
            while not is_over.is_set():
                number += 7
                outcomes.append(client.call(5000, ask=pb.AskRequest(
                    prompt=f"Q: {self.questions[number % len(self.questions)]} A:", omit_passage_text=True)))

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for name in self.cluster.nodes:
            self.cluster.kill(name, signal.SIGTERM, status=0)
            self.cluster.wait_gone(name)
            self.wait_ready()
        is_over.set()
        for thread in threads:
            thread.join()
        failed = [outcome for outcome in outcomes if outcome.code]
        worst = max(outcome.end - outcome.start for outcome in outcomes)
        print(f"rolling restart of {len(self.cluster.nodes)} nodes: {len(outcomes)} requests, {len(failed)} failed, "
              f"the slowest took {1000 * worst:.0f} ms")
        for message, count in collections.Counter(outcome.message[:160] for outcome in failed).most_common(5):
            print(f"  {count} × {message}")
        if failed:
            self.miss("no request fails")

    def wait_ready(self):
        """Returns when each coordinator sees every node ready."""
        end = time.monotonic() + 60
        for name in self.cluster.coordinators:
            while time.monotonic() < end:
                outcome = Client(self.context, [self.cluster.endpoint(name)]).call(1000, status={})
                nodes = outcome.replies[0].nodes if outcome.replies else []
                if nodes and all(node.state == pb.READY for node in nodes):
                    break
                time.sleep(0.05)
            else:
                raise SystemExit(f"{name} does not see every node ready within a minute")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--imprag", default=str(ROOT / ".build/release/imprag"))
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--only", default="overload,fairness,restart")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        options = types.SimpleNamespace(partitions=2, weed=None, checkpoint_after="64 MiB")
        cluster = Cluster(arguments.imprag, str(MODEL), work, options)
        try:
            cluster.make(CORPUS)
            cluster.start()
            bench = Bench(cluster, arguments.seconds)
            bench.wait_ready()
            for name in arguments.only.split(","):
                getattr(bench, name)()
            for problem in cluster.unexpected + cluster.stop():
                bench.miss(problem)
        finally:
            cluster.is_over.set()
            if cluster.supervisor.ident:
                cluster.supervisor.join()
            cluster.clear(keep=True)
    sys.exit(1 if bench.is_missed else 0)


if __name__ == "__main__":
    main()
