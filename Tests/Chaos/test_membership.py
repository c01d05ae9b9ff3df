"""That what is missing in etcd or in a coordinator's status is seen: small states with one thing wrong in each."""
import base64
import json
import unittest

from client import pb
from membership import placement, read_entries, unannounced, unserved

HOME = {"shard-0": [0, 1], "shard-1": [1, 2], "shard-2": [0, 2]}


def entry(role, partitions=()):
    return {"role": role, "state": "serving", "partitions": [{"number": number, "epoch": 7} for number in partitions]}


class RegistryTests(unittest.TestCase):
    def setUp(self):
        self.entries = {name: entry("shard", numbers) for name, numbers in HOME.items()}
        self.entries["coordinator-0"] = entry("coordinator")

    def lacks(self):
        return "; ".join(unannounced(self.entries, ["coordinator-0", *HOME], 3))

    def test_whole(self):
        self.assertEqual(self.lacks(), "")
        self.assertEqual(placement(self.entries), HOME)

    def test_lease_is_over(self):
        del self.entries["coordinator-0"]
        self.assertEqual(self.lacks(), "coordinator-0 is not registered in etcd")

    def test_node_is_stopping(self):
        self.entries["coordinator-0"]["state"] = "stopping"
        self.assertEqual(self.lacks(), "coordinator-0 is stopping, says etcd")

    def test_partition_has_one_replica(self):
        self.entries["shard-0"]["partitions"].pop()
        self.assertEqual(self.lacks(), "partition 1 is announced by shard-1 in etcd")

    def test_another_replica_while_partitions_move(self):
        self.entries["shard-0"] = entry("shard", [0, 1, 2])
        self.assertEqual(self.lacks(), "")

    def test_answer_of_etcd(self):
        def encoded(text):
            return base64.b64encode(text.encode()).decode()
        pairs = [{"key": encoded(f"/imprag/chaos/nodes/{name}"), "value": encoded(json.dumps(value))}
                 for name, value in self.entries.items()]
        self.assertEqual(read_entries({"kvs": pairs}), self.entries)
        self.assertEqual(read_entries({}), {})


class StatusTests(unittest.TestCase):
    def setUp(self):
        self.nodes = {name: pb.NodeStatus(
            name=name, role=pb.SHARD, state=pb.READY,
            partitions=[pb.PartitionFigures(partition=number, epoch=7) for number in numbers])
            for name, numbers in HOME.items()}
        self.nodes["coordinator-0"] = pb.NodeStatus(
            name="coordinator-0", role=pb.COORDINATOR, state=pb.READY,
            samples=[pb.MetricSample(name="imprag_ready_replicas", gauge=2)])

    def lacks(self, home=None):
        return "; ".join(unserved("coordinator-0", self.nodes, 3, 7, home))

    def test_whole(self):
        self.assertEqual(self.lacks(HOME), "")

    def test_replica_lags(self):
        self.nodes["shard-1"].partitions[1].epoch = 6
        self.assertIn("partition 2 is at {'shard-1': 6, 'shard-2': 7}", self.lacks())

    def test_shard_is_not_ready(self):
        self.nodes["shard-1"].state = pb.UNREACHABLE
        self.assertIn("partition 1 is at {'shard-0': 7}", self.lacks())

    def test_coordinator_does_not_ask_a_replica(self):
        self.nodes["coordinator-0"].samples[0].gauge = 1
        self.assertEqual(self.lacks(), "coordinator-0 asks [1.0] ready replicas of a partition, not 2")

    def test_etcd_is_away_for_a_node(self):
        self.nodes["shard-0"].detail = "membership: etcd unreachable since 2026-11-29T12:00:00Z: refused"
        self.assertIn("shard-0 is membership: etcd unreachable", self.lacks())

    def test_partitions_have_moved(self):
        self.nodes["shard-0"].partitions.add(partition=2, epoch=7)
        self.assertEqual(self.lacks(), "")
        self.assertEqual(self.lacks(HOME), "coordinator-0 says that shard-0 serves [0, 1, 2], not [0, 1]")


if __name__ == "__main__":
    unittest.main()
