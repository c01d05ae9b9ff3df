import Foundation
import TestSupport
import Testing

/// A store that has lost objects, below a cluster of real processes with a shard for each partition.
@Suite(.serialized)
struct LostObjectTests {
    @Test(
        "a store that lost an object of one partition: what is served goes on; a shard that needs it names it, serves its others, and tries again"
    )
    func lost() throws {
        let directory = try TemporaryDirectory()
        let index = try LiveUpdateTests.makeIndex(directory)
        let shards = [[0], [0, 1]].enumerated().map { number, partitions in
            NodeCluster.Node(
                name: "shard-\(number)", role: "shard",
                fields: ", \"partitions\": \(partitions), \"data\": \"\(directory.file("data-\(number)"))\"")
        }
        let cluster = try NodeCluster(
            model: LiveUpdateTests.model, index: index, partitions: 2,
            shards + [
                NodeCluster.Node(name: "generator", role: "generator"),
                NodeCluster.Node(name: "coordinator", role: "coordinator"),
            ])
        let checkpoint = "checkpoint/0001/00000000000000000000"
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(index)/\(checkpoint)")
        let table = try "\(checkpoint)/" + #require(names.sorted().first { $0.contains(".sst.") })
        try FileManager.default.moveItem(atPath: "\(index)/\(table)", toPath: directory.file("aside"))

        // Replicas have what they need.
        let search = ["search", LiveUpdateTests.question, "--k", "5", "--json"]
        #expect(try Found(cluster.run(search)).complete)
        let line = #"{"id":"new","title":"Peru","text":"Lima is the capital of Peru."}"#
        #expect(try cluster.run(["upsert", "--file", "-", "--wait", "found"], input: line).status == 0)
        try cluster.kill("shard-1")
        try cluster.start("shard-1")
        let verified = try Imprag.run(["verify", index])
        #expect(verified.status == 1 && verified.output.contains(table), "\(verified.output)\(verified.errors)")

        // One whose disk is lost too cannot be made anew.
        try cluster.kill("shard-1")
        try FileManager.default.removeItem(atPath: directory.file("data-1"))
        try cluster.start("shard-1")
        let status = try cluster.run(["status"])
        #expect(status.status == 1 && status.errors.contains("shard-1"), "\(status.errors)")
        #expect(status.output.contains("partition 1 is not loaded: "), "\(status.output)")
        #expect(status.output.contains(table) && status.output.contains("is missing"), "\(status.output)")
        let whole = try cluster.run(search)
        #expect(whole.status == 1 && whole.errors.contains("partition 1"), "\(whole.errors)")
        let rest = try cluster.run(search + ["--partial"])
        let found = try Found(rest)
        #expect(!found.complete && !found.passages.isEmpty && rest.output.contains("partition 1"), "\(rest.output)")
        // Updates are durable all the same.
        let durable = try cluster.run(["upsert", "--file", "-"], input: line)
        #expect(durable.status == 0 && durable.output.contains("epoch 2"), "\(durable.output)\(durable.errors)")

        // It is brought back, and nobody has to say so.
        try FileManager.default.moveItem(atPath: directory.file("aside"), toPath: "\(index)/\(table)")
        let end = Date(timeIntervalSinceNow: 60)
        while Date() < end, try cluster.run(["status"]).status != 0 { Thread.sleep(forTimeInterval: 0.2) }
        #expect(try Found(cluster.run(search + ["--min-epoch", "2"])).complete)
        #expect(try cluster.run(["upsert", "--file", "-", "--wait", "found"], input: line).status == 0)
    }
}
