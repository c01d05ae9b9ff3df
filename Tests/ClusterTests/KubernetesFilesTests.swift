import Cluster
import TestSupport
import Testing

/// The cluster files of the manifests in Cluster/kubernetes; `check.py` there compares them with the pods.
@Suite struct KubernetesFilesTests {
    private static let overlays = SharedData.packageRoot + "/Cluster/kubernetes/overlays"

    @Test("the static overlay names three shards, with each partition on two of them, a coordinator and two generators")
    func fixed() throws {
        let cluster = try ClusterConfiguration(path: Self.overlays + "/static/cluster.json")
        #expect(
            cluster.nodes.map(\.name) == [
                "imprag-shard-0", "imprag-shard-1", "imprag-shard-2", "coordinator", "generator-0", "generator-1",
            ])
        var replicas = [Int](repeating: 0, count: cluster.partitionCount)
        for node in cluster.nodes {
            guard case .shard(let settings) = node.role else { continue }
            for partition in settings.partitions { replicas[partition] += 1 }
        }
        #expect(replicas == [Int](repeating: 2, count: 6))
        #expect(cluster.nodes.allSatisfy { $0.memoryBudget != nil })
    }

    @Test("the overlay with etcd is a cluster file with an entry for each role")
    func placed() throws {
        let cluster = try ClusterConfiguration(path: Self.overlays + "/etcd/cluster.json")
        #expect(cluster.partitionCount == 8)
    }
}
