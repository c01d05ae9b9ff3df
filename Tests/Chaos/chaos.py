#!/usr/bin/env python3
"""Breaks a cluster of real processes while clients use it, and checks everything that they saw.

    chaos.py .build/release/imprag --seconds 60 --seed 1 [--weed PATH] [--etcd PATH] [--partitions 3] [--faults all] ...

The seed gives the faults and the requests; when they meet is up to the machine.  Exit code 1: a promise of
docs/reliability.md was broken, and what is printed shows how.
"""
import argparse
import collections
import os
import pathlib
import random
import shutil
import signal
import struct
import sys
import tempfile
import time

import zmq

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from client import Client, Delays, ask_directly, pb  # noqa: E402
from cluster import NODES, Cluster  # noqa: E402
from collection_log import Follower  # noqa: E402
from faults import KINDS, NETWORK, OF_SERVERS, Faults  # noqa: E402
from history import History  # noqa: E402
from machine import Machine  # noqa: E402
from membership import unserved  # noqa: E402
from network import Network  # noqa: E402
from workload import KEYS, Workload, key_filter  # noqa: E402

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
WHOLE_S = 60  # after a fault the cluster is whole again within this


class Chaos(Faults):
    def __init__(self, options, cluster, kinds):
        self.options, self.cluster, self.kinds = options, cluster, kinds
        self.context = zmq.Context()
        self.dice = random.Random(options.seed)
        self.delays = Delays()
        self.faults = []
        self.violations = []
        self.slowest_recovery = 0.0

    def endpoints(self):
        return [self.cluster.endpoint(name) for name in self.cluster.coordinators]

    # ------------------------------------------------------------------------------------------------ is it whole?

    def missing(self, epoch, has_settled=False):
        """What keeps the cluster from being whole: a line for each thing.

        - Parameter has_settled: with etcd, no partition is to be moving any more.
        """
        membership = self.cluster.membership
        lines = membership.missing(self.cluster.nodes, has_settled) if membership else []
        for name in self.cluster.coordinators:
            outcome = Client(self.context, [self.cluster.endpoint(name)]).call(2000, status=pb.StatusRequest())
            if outcome.code:
                lines.append(f"{name}: {outcome.message}")
                continue
            nodes = {node.name: node for node in outcome.replies[0].nodes}
            for other in [name, *self.cluster.shards, "generator-0", "generator-1"]:
                node = nodes.get(other)
                if node is None or node.state != pb.READY:
                    lines.append(f"{name} says that {other} is {pb.NodeState.Name(node.state) if node else 'unknown'}")
                elif node.role == pb.SHARD and node.epoch < epoch and not membership:
                    lines.append(f"{name} says that {other} is at epoch {node.epoch}, not {epoch}")
            if membership and name in nodes:
                home = membership.home if has_settled else None
                lines += unserved(name, nodes, membership.partitions, epoch, home)
        return lines

    def wait_until_whole(self, epoch, what, has_settled=False):
        begin = time.monotonic()
        while True:
            lines = self.missing(epoch, has_settled)
            now = time.monotonic()
            if not lines:
                self.slowest_recovery = max(self.slowest_recovery, now - begin)
                return True
            if now - begin > WHOLE_S:
                self.violations.append(f"not whole {WHOLE_S} s after {what}: " + "; ".join(lines))
                if self.options.verbose:
                    print(f"  {self.violations[-1]}", flush=True)
                return False
            time.sleep(0.1)

    def wait_for_store(self, workload):
        """Until an update succeeds again; what is deleted was never there."""
        begin = time.monotonic()
        while True:
            operation = workload.begin(-3, "delete", keys=["nothing"])
            workload.perform(Client(self.context, self.endpoints()), operation, 2000)
            if operation.is_answered:
                return
            if time.monotonic() - begin > WHOLE_S:
                self.violations.append(f"no update succeeds {WHOLE_S} s after the store was back: {operation}")
                return

    # ------------------------------------------------------------------------------------------------ afterwards

    def compare_replicas(self):
        """Every replica of a partition has to give the same passages with the same scores, bit by bit."""
        dice = random.Random(self.options.seed)
        for number in range(4):
            wanted = {}
            vector = None
            for name in self.cluster.shards:
                endpoint = self.cluster.endpoint(name)
                status = ask_directly(self.context, endpoint, pb.Envelope(
                    protocol_version=1, request_id=1, deadline_ms=5000, status=pb.StatusRequest()))
                node = status.status_reply.nodes[0]
                if vector is None:
                    vector = struct.pack("<256f", *(dice.uniform(-1, 1) for _ in range(256)))
                for figures in node.partitions:
                    reply = ask_directly(self.context, endpoint, pb.Envelope(
                        protocol_version=1, request_id=1, deadline_ms=5000, fingerprint=node.fingerprint,
                        tensors=[pb.TensorDescription(data_type=pb.FLOAT32, shape=[1, 256])],
                        shard_search=pb.ShardSearchRequest(
                            k=1000 if number else 30, partitions=[figures.partition],
                            options=pb.SearchOptions(exact=True))), [vector])
                    hits = reply.shard_search_reply.queries[0].passages if not reply.HasField("failure") else []
                    seen = [(hit.passage.id, hit.score, hit.passage.text) for hit in hits]
                    other, first = wanted.setdefault(figures.partition, (name, seen))
                    if seen != first or not seen:
                        self.violations.append(
                            f"{name} and {other} differ on partition {figures.partition}: {len(seen)} and {len(first)} "
                            f"passages, {sorted(set(seen) ^ set(first))[:6]} {reply.failure.message}")

    def read_everything(self, workload, newest):
        for key in KEYS:
            for endpoint in self.endpoints():
                operation = workload.begin(-2, "read", keys=[key], min_epoch=newest)
                workload.perform(Client(self.context, [endpoint]), operation, 10_000)
                if operation.outcome.code:
                    self.violations.append(f"after all faults: {operation}")

    def run(self):
        workload = Workload(
            self.context, self.endpoints(), questions(), self.options.clients, self.options.seed)
        follower = Follower(**self.cluster.log)
        if not self.wait_until_whole(0, "its start"):
            return workload, follower
        if self.cluster.membership and not self.cluster.membership.learn_home():
            self.violations.append(f"partitions move for longer than a minute: {self.cluster.membership.home}")
            return workload, follower
        workload.learn()
        end = time.monotonic() + self.options.seconds
        workload.start()
        while time.monotonic() < end and not self.violations:
            time.sleep(self.dice.uniform(0.5, 2))
            self.break_something(workload)
        workload.stop()
        self.violations += workload.broken
        follower.stop()
        if not self.violations and self.wait_until_whole(follower.newest, "the last fault", has_settled=True):
            self.compare_replicas()
            self.read_everything(workload, follower.newest)
        return workload, follower


def questions():
    with open(REPOSITORY / "Examples" / "encyclopedia" / "demo-questions.txt") as file:
        return file.read().split("\n")[:5]


def summarize(chaos, history, seconds):
    operations = [one for one in history.operations if one.client >= 0]
    faults = collections.Counter(fault.title for fault in chaos.faults)
    print(f"faults: {', '.join(f'{count} × {title}' for title, count in sorted(faults.items()))}; "
          f"slowest to be whole again {chaos.slowest_recovery:.1f} s")
    shares = history.shares()
    for title, (count, answered) in sorted(shares.items()):
        print(f"  {title}: {answered} of {count} answered ({100 * answered / count:.2f} %)")
    broken = [share for title, share in shares.items() if title != "no fault" and not title.startswith("away store")]
    if count := sum(count for count, _ in broken):
        answered = sum(answered for _, answered in broken)
        print(f"  with any fault but of the store: {answered} of {count} answered ({100 * answered / count:.2f} %)")
    errors = collections.Counter(
        (one.what, one.outcome.code) for one in operations if one.outcome.code and not one.is_hasty)
    texts = [f"{count} × {what} {code}" for (what, code), count in errors.most_common()]
    print(f"errors: {', '.join(texts) or 'none'}")
    if chaos.options.verbose:
        for one in operations:
            if one.outcome.code and not one.is_hasty:
                print(f"  {one}")
    for what, values in sorted(history.latencies().items()):
        at = [values[min(len(values) - 1, int(len(values) * share))] for share in (0.5, 0.99)]
        print(f"  {what}: {len(values)} answered, p50 {at[0]:.0f} ms, p99 {at[1]:.0f} ms, longest {values[-1]:.0f} ms")
    print("; ".join(f"{count} {title}" for title, count in history.figures.items()))
    for violation in chaos.violations[:20]:
        print(f"VIOLATION: {violation}")
    for fault in chaos.faults if chaos.violations else []:
        print(f"  {fault}")
    answered = sum(one.is_answered for one in operations)
    print(f"seed {chaos.options.seed}, {seconds:.0f} s, {len(chaos.faults)} faults: {len(operations)} requests, "
          f"{answered} answered, {len(history.acknowledged)} updates acknowledged, {len(chaos.violations)} violations")


def prepare(options, work):
    """Which faults there will be, and what makes them."""
    asked = list(KINDS) if options.faults == "all" else options.faults.split(",")
    if unknown := [kind for kind in asked if kind not in KINDS]:
        raise SystemExit(f"there is no fault {unknown[0]}; there are {', '.join(KINDS)}")
    machine = Machine(work, asked)
    lacking = {kind: Network.lacks() if kind in NETWORK else machine.lacks(kind) for kind in asked}
    lacking |= {"away": "" if options.weed else "--weed", "etcd": "" if options.etcd else "--etcd"}
    for kind in asked:
        if lacking.get(kind) and kind not in OF_SERVERS:
            print(f"no fault {kind}: this needs {lacking[kind]}")
    kinds = [kind for kind in asked if not lacking.get(kind)]
    names = [f"{role}-{number}" for role, count in NODES.items() for number in range(count)]
    return kinds, Network(names) if NETWORK & set(kinds) else None, machine


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("imprag")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clients", type=int, default=5)
    parser.add_argument("--partitions", type=int, default=2, help="3: two replicas each, else three")
    parser.add_argument("--faults", default="kill,stop,term,disk,away,etcd",
                        help=f"which kinds, of {', '.join(KINDS)}; `all`: every kind that this machine allows")
    parser.add_argument("--together", type=int, default=1, help="so many faults at once")
    parser.add_argument("--checkpoint-after", default="1 MiB", help="less: replicas that lag fall behind the log")
    parser.add_argument("--weed", help="SeaweedFS's binary: the collection is in a bucket, whose server is killed too")
    parser.add_argument("--etcd", help="etcd's binary: nodes find each other there, shards divide the partitions, two "
                        "replicas each, and its server is killed too")
    parser.add_argument("--verbose", action="store_true", help="prints faults and failed requests")
    parser.add_argument("--keep", action="store_true", help="leaves the nodes' logs and data, and says where")
    options = parser.parse_args()
    work = tempfile.mkdtemp(prefix="chaos-")
    model = str(REPOSITORY / "Models" / "encyclopedia-tiny")
    kinds, network, machine = prepare(options, work)
    cluster = Cluster(os.path.abspath(options.imprag), model, work, options, network, machine)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    begin = time.monotonic()
    try:
        if network:
            network.make()
        cluster.make(REPOSITORY / "Examples" / "encyclopedia" / "passages.jsonl")
        cluster.start()
        chaos = Chaos(options, cluster, kinds)
        workload, follower = chaos.run()
        chaos.violations += cluster.stop() + cluster.unexpected + follower.problems
        verified = cluster.run("verify", cluster.index)
        if verified.returncode:
            chaos.violations.append(f"imprag verify: {verified.stdout}{verified.stderr}")
        history = History(workload.operations, follower.segments, chaos.faults, chaos.delays,
                          {cluster.endpoint(name): name for name in cluster.coordinators})
        history.check()
        chaos.violations += history.violations
        summarize(chaos, history, time.monotonic() - begin)
        if options.keep:
            print(f"logs and data are in {work}")
        sys.stdout.flush()
        os_exit = 1 if chaos.violations else 0
    finally:
        cluster.clear(options.keep)
        if network:
            network.clear()
    return os_exit


if __name__ == "__main__":
    sys.exit(main())
