import Core
import Etcd
import HTTP
import TestSupport
import Testing

@testable import Cluster

struct MembershipFileTests {
    private static let file = """
        { "partitions": 4, "model": "/m", "index": "s3://wiki/production", "keys": "/k/keys.json", "key": "/k/node.key",
          "membership": { "replicas": 3, "etcd": {
            "endpoints": ["https://etcd-0:2379/", "https://etcd-1:2379"], "prefix": "/imprag/wiki", "ca": "ca.pem",
            "certificate": "c.pem", "key": "/k.pem", "user": "wiki", "password_file": "password", "ttl_seconds": 6 } },
          "nodes": [
            { "role": "shard", "listen": "tcp://0.0.0.0:7101", "connect": "tcp://{node}.shards:7101",
              "data": "replicas/{node}", "weight": 2, "zone": "eu-1a" },
            { "role": "coordinator", "listen": "tcp://0.0.0.0:7100", "connect": "tcp://{node}:7100", "max_k": 7 },
            { "name": "writer", "role": "generator", "listen": "tcp://10.0.0.2:7102" } ] }
        """

    private func load(_ replacements: [String: String] = [:]) throws -> ClusterConfiguration {
        var text = Self.file
        for (old, new) in replacements {
            try #require(text.contains(old))
            text = text.split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
        }
        return try ClusterConfiguration(text: text, source: "cluster.json", directory: "/etc/imprag")
    }

    @Test("one file serves every node of a role, whatever its name; paths are relative to the file")
    func templates() throws {
        let cluster = try load()
        let membership = try #require(cluster.membership)
        #expect(membership.replicas == 3 && membership.leaseSeconds == 6)
        #expect(membership.nodesPrefix == "/imprag/wiki/nodes/")
        #expect(membership.etcd.endpoints == ["https://etcd-0:2379", "https://etcd-1:2379"])
        #expect(membership.etcd.trust.authorities == "/etc/imprag/ca.pem" && membership.etcd.trust.key == "/k.pem")
        #expect(membership.etcd.user == "wiki" && membership.etcd.passwordFile == "/etc/imprag/password")
        let shard = try cluster.node(named: "shard-17", kind: .shard)
        #expect(shard.name == "shard-17" && shard.connect.description == "tcp://shard-17.shards:7101")
        guard case .shard(let settings) = shard.role else {
            Issue.record("no shard")
            return
        }
        #expect(settings.partitions == [] && settings.weight == 2 && settings.zone == "eu-1a")
        #expect(settings.data == "/etc/imprag/replicas/shard-17")
        #expect(try cluster.node(named: "writer", kind: .generator).listen.description == "tcp://10.0.0.2:7102")
        #expect(cluster.coordinators.map(\.maxK) == [7])
        #expect(throws: ImpRAGError.self) { try cluster.node(named: "no name", kind: .shard) }
        #expect(throws: ImpRAGError.self) { try cluster.node(named: "another", kind: .generator) }
        #expect(throws: ImpRAGError.self) { try cluster.node(named: "writer", kind: .shard) }
    }

    @Test("the sample of membership is valid, and has an entry for each role")
    func sample() throws {
        let cluster = try ClusterConfiguration(path: SharedData.packageRoot + "/Cluster/membership.json")
        #expect(cluster.membership?.replicas == 2 && cluster.nodes.isEmpty)
        for kind in NodeRole.allCases {
            #expect(try cluster.node(named: "\(kind.rawValue)-0", kind: kind).kind == kind)
        }
    }

    @Test(
        "what is wrong is named with its field",
        arguments: [
            (["\"ttl_seconds\": 6": "\"ttl_seconds\": 3"], "membership.etcd.ttl_seconds: a whole number from 5"),
            (["\"prefix\": \"/imprag/wiki\"": "\"prefix\": \"wiki/\""], "membership.etcd.prefix: \"wiki/\" is not"),
            (["\"prefix\": \"/imprag/wiki\",": ""], "membership.etcd.prefix: is missing"),
            (["https://etcd-1:2379": "etcd-1:2379"], "membership.etcd.endpoints[1]: http://HOST:PORT"),
            (["https://etcd-1:2379": "https://u:p@etcd-1:2379"], "membership.etcd.endpoints[1]"),
            (["https://etcd-1:2379": "http://etcd-1:2379"], "would carry the password in clear"),
            (["\"key\": \"/k.pem\",": ""], "\"certificate\" and \"key\" belong together"),
            (["\"password_file\": \"password\",": ""], "\"user\" and \"password_file\" belong together"),
            (["\"replicas\": 3": "\"replica\": 3"], "membership.replica: there is no such field"),
            (["\"weight\": 2": "\"partitions\": [0]"], "nodes[0].partitions: cannot be chosen here"),
            (["\"weight\": 2": "\"read_only\": true"], "nodes[0].read_only: is not possible"),
            (["\"zone\": \"eu-1a\"": "\"zone\": \"eu/1a\""], "nodes[0].zone: \"eu/1a\" must be 1 to 64 letters"),
            (["\"data\": \"replicas/{node}\",": ""], "nodes[0].data: is missing"),
            (["s3://wiki/production": "r", "replicas/{node}": "r"], "nodes[0].data: is the index directory itself"),
            (
                ["\"name\": \"writer\", \"role\": \"generator\"": "\"role\": \"shard\", \"data\": \"d\""],
                "a second entry"
            ),
        ])
    func problems(replacements: [String: String], words: String) throws {
        let error = #expect(throws: ImpRAGError.self) { try load(replacements) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test("without membership an entry needs its name, and a shard its partitions")
    func without() throws {
        let text =
            #"{ "partitions": 1, "model": "/m", "index": "/i", "nodes": [ { "role": "shard", "listen": "ipc:///s", "weight": 2 } ] }"#
        let error = #expect(throws: ImpRAGError.self) {
            try ClusterConfiguration(text: text, source: "cluster.json", directory: "/")
        }
        for words in [
            "nodes[0].name: is missing", "nodes[0].partitions: is missing", "nodes[0].weight: there is no such field",
        ] {
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
    }
}
