import Foundation
import TestSupport
import Testing

/// A store that has lost objects, below a cluster of real processes with a shard for each partition.
@Suite(.serialized)
struct LostObjectTests {
    @Test(
        "a store that lost an object of one partition: what is served goes on; a shard that needs it names it, and others answer"
    )
    func lost() throws {
        let directory = try TemporaryDirectory()
        let index = try LiveUpdateTests.makeIndex(directory)
        let shards = [0, 1].map { number in
            NodeCluster.Node(
                name: "shard-\(number)", role: "shard",
                fields: ", \"partitions\": [\(number)], \"data\": \"\(directory.file("data-\(number)"))\"")
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
        try FileManager.default.removeItem(atPath: "\(index)/\(table)")

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
        try cluster.launch("shard-1")
        let outcome = try cluster.wait(for: "shard-1")
        #expect(outcome.status == 1 && outcome.errors.contains("data_loss"), "\(outcome.errors)")
        #expect(outcome.errors.contains(table) && outcome.errors.contains("is missing"), "\(outcome.errors)")
        let whole = try cluster.run(search)
        #expect(whole.status == 1 && whole.errors.contains("shard-1"), "\(whole.errors)")
        let rest = try Found(cluster.run(search + ["--partial"]))
        #expect(!rest.complete && !rest.passages.isEmpty)
        // Updates are durable all the same.
        let durable = try cluster.run(["upsert", "--file", "-"], input: line)
        #expect(durable.status == 0 && durable.output.contains("epoch 2"), "\(durable.output)\(durable.errors)")
    }
}
