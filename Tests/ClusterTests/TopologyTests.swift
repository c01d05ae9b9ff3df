import Cluster
import Core
import Testing

struct TopologyTests {
    @Test(
        "a passage belongs to the partition in whose range its hash lies, the same that indexing chose",
        arguments: [1, 2, 3, 7, 1024])
    func partitions(count: Int) {
        let collection = Topology(version: 1, nodes: [], owners: (0..<count).map { ["s\($0)"] }).collection
        #expect(collection.partitions.first?.hashes.lowerBound == 0)
        #expect(collection.partitions.last?.hashes.upperBound == .max)
        for number in 0..<500 {
            let id = "id-\(number)"
            let partition = collection.partition(of: id)
            #expect(partition.hashes.contains(PartitionRouting.hash(of: id)))
            #expect(partition.number == PartitionRouting.partition(of: id, partitionCount: count))
        }
    }

    @Test("a cluster file's shards are the replicas of the partitions that they serve")
    func clusterFile() throws {
        let cluster = try ClusterConfiguration(
            text: """
                { "partitions": 3, "model": "m", "index": "i", "keys": "k", "key": "n", "nodes": [
                    { "name": "c", "role": "coordinator" },
                    { "name": "a", "role": "shard", "listen": "ipc:///a", "partitions": [2, 0] },
                    { "name": "b", "role": "shard", "listen": "tcp://*:7101", "connect": "tcp://b:7101",
                      "partitions": [1] },
                    { "name": "g", "role": "generator", "listen": "ipc:///g" } ] }
                """, source: "test", directory: "/")
        let topology = cluster.topology
        #expect(topology.collection.partitions.map(\.replicas) == [["a"], ["b"], ["a"]])
        #expect(topology.nodes.map(\.name) == ["c", "a", "b", "g"])
        #expect(topology.nodes(of: .shard).map(\.endpoint.description) == ["ipc:///a", "tcp://b:7101"])
    }
}
