"""Nodes that find each other in an etcd: its server, what the nodes say there, and what of it is not as it should be."""
import base64
import json
import os
import time
import urllib.request

from client import pb

PREFIX = "/imprag/chaos"
REPLICAS = 2
TTL_S = 5  # the least: a node that is stopped for a while loses its partitions
SETTLED_S = 5  # partitions begin to move two seconds after the last shard has come


class Membership:
    """One etcd server, as the cluster's processes see it."""

    def __init__(self, binary, work, host, ports, partitions):
        self.endpoint, peers = (f"http://{host}:{port}" for port in ports)
        self.partitions = partitions
        self.home = None  # by shard: the partitions that it has when all shards are there
        self.command = [
            binary, "--data-dir", os.path.join(work, "etcd"), "--listen-client-urls", self.endpoint,
            "--advertise-client-urls", self.endpoint, "--listen-peer-urls", peers,
            "--initial-advertise-peer-urls", peers, "--initial-cluster", f"default={peers}"]

    @property
    def settings(self):
        """The cluster file's field `membership`."""
        return {"replicas": REPLICAS,
                "etcd": {"endpoints": [self.endpoint], "prefix": PREFIX, "ttl_seconds": TTL_S}}

    def entries(self):
        """What stands there of each node, by name; raises OSError while etcd is away."""
        first, end = (base64.b64encode(f"{PREFIX}/nodes{last}".encode()).decode() for last in "/0")
        request = urllib.request.Request(
            f"{self.endpoint}/v3/kv/range", json.dumps({"key": first, "range_end": end}).encode())
        with urllib.request.urlopen(request, timeout=2) as reply:
            return read_entries(json.load(reply))

    def wait_until_it_serves(self, seconds=20):
        end = time.monotonic() + seconds
        while True:
            try:
                return self.entries()
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def missing(self, nodes, has_settled=False):
        """A line for each thing that keeps the registry from being whole.

        - Parameter has_settled: each shard is to have what it had at first, and nothing else.
        """
        try:
            entries = self.entries()
        except OSError as error:
            return [f"etcd: {error}"]
        lines = unannounced(entries, nodes, self.partitions)
        placed = placement(entries)
        if has_settled and not lines and placed != self.home:
            lines.append(f"etcd has partitions at {placed}, and had them at {self.home} at first")
        return lines

    def learn_home(self, seconds=60):
        """Waits until nothing moves any more; returns whether that came."""
        begin = since = time.monotonic()
        while (now := time.monotonic()) - begin < seconds:
            placed = placement(self.entries())
            if placed != self.home or sum(map(len, placed.values())) != REPLICAS * self.partitions:
                self.home, since = placed, now
            if now - since > SETTLED_S:
                return True
            time.sleep(0.1)
        return False


def read_entries(reply):
    """etcd's answer to a range, as docs/membership.md describes what nodes write."""
    return {
        base64.b64decode(pair["key"]).decode().rsplit("/", 1)[1]: json.loads(base64.b64decode(pair["value"]))
        for pair in reply.get("kvs", [])}


def placement(entries):
    """By shard: the partitions that it has announced."""
    return {name: sorted(served["number"] for served in entry["partitions"])
            for name, entry in sorted(entries.items()) if entry["role"] == "shard"}


def unannounced(entries, nodes, partitions):
    """Nodes that are not registered, and partitions that too few shards announce."""
    lines = []
    for name in nodes:
        if name not in entries:
            lines.append(f"{name} is not registered in etcd")
        elif entries[name]["state"] != "serving":
            lines.append(f"{name} is {entries[name]['state']}, says etcd")
    placed = placement(entries)
    for number in range(partitions):
        holders = [name for name, numbers in placed.items() if number in numbers]
        if len(holders) < REPLICAS:
            lines.append(f"partition {number} is announced by {', '.join(holders) or 'nobody'} in etcd")
    return lines


def unserved(coordinator, nodes, partitions, epoch, home=None):
    """What a coordinator's status lacks, beside nodes that are not ready.

    - Parameters:
      - nodes: of its answer, by name.
      - home: by shard, the partitions that it is to serve, and no others.
    """
    lines = []
    for name, node in sorted(nodes.items()):
        if "membership: " in node.detail or "is not loaded" in node.detail:
            lines.append(f"{coordinator} says that {name} is {node.detail}")
    shards = {name: node for name, node in nodes.items() if node.role == pb.SHARD}
    for number in range(partitions):
        epochs = {name: figures.epoch for name, node in sorted(shards.items())
                  for figures in node.partitions if figures.partition == number and node.state == pb.READY}
        if len(epochs) < REPLICAS or min(epochs.values()) < epoch:
            lines.append(f"{coordinator} says that partition {number} is at {epochs}, not {epoch} at {REPLICAS} shards")
    for name, numbers in (home or {}).items():
        served = sorted(figures.partition for figures in shards[name].partitions) if name in shards else None
        if served != numbers:
            lines.append(f"{coordinator} says that {name} serves {served}, not {numbers}")
    # Of the partition that has the fewest: those that it sends requests to.
    routed = [sample.gauge for sample in nodes[coordinator].samples if sample.name == "imprag_ready_replicas"]
    if not routed or routed[0] < REPLICAS:
        lines.append(f"{coordinator} asks {routed} ready replicas of a partition, not {REPLICAS}")
    return lines
