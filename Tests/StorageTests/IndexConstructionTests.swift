import Core
import Foundation
import Kernels
import RocksDB
import Synchronization
import TestSupport
import Testing
import VectorIndex

@testable import Storage

@Suite struct IndexConstructionTests {
    @Test("construction that is interrupted, at whatever step, leaves the old index in use and can be repeated")
    func interrupted() throws {
        var test = try TestPartition(rows: 600, dimension: 16)
        let queries = test.vectors(100)
        let partition = try test.open()
        let header = try partition.indexHeader()
        let hits = try LivePartition(partition).search(queries, k: 10, deadline: .never)
        for step in [IndexConstruction.Step.training, .coding, .calibrating] {
            let error = refusal { () throws(ImpRAGError) in
                _ = try IndexConstruction(partition, target: 0.9, threads: 2).run(generation: 2) {
                    now, done, _ throws(ImpRAGError) in
                    if now == step, done > 0 { throw ImpRAGError(.cancelled, "enough") }
                }
            }
            #expect(error?.code == .cancelled)
            #expect(try partition.indexHeader() == header)
            #expect(try LivePartition(partition).search(queries, k: 10, deadline: .never) == hits)
        }
        // Blocks of a run that died before its header was written.
        try partition.writeIndex(
            [
                VectorIndexBlock(.model(generation: 2), [1, 2, 3]),
                VectorIndexBlock(.chunk(generation: 2, list: 0, number: 0), [1, 2, 3]),
                VectorIndexBlock(.chunk(generation: 2, list: 2, number: 7), [1, 2, 3]),
                VectorIndexBlock(.chunk(generation: 2, list: 100_000, number: 0), [1, 2, 3]),
            ], synced: true)
        #expect(try LivePartition(partition).search(queries, k: 10, deadline: .never) == hits)
        let made = try IndexConstruction(partition, target: 0.9, threads: 2).run(generation: 2) { _, _, _ in }.header
        #expect(made.generation == 2 && made.target == 0.9)
        let live = try LivePartition(partition)
        #expect(live.generation == 2 && live.coded == 600)
        #expect(try live.recall(queries) >= 0.85)
        // Nothing of the first generation is left.
        var blocks = 0
        try partition.scanIndexBlocks(generation: 1) { _, _ in
            blocks += 1
            return true
        }
        #expect(blocks == 0)
    }

    /// Builds one index with one, two and three threads, from more rows than one call of a product takes.
    private static func expectSameIndex(_ codes: CodeSize = .bytes64) throws {
        let test = try TestPartition(rows: 1700, dimension: 72)
        let partition = try test.open()
        try partition.setCodeSize(codes)
        let made = try (1...3).map { threads in
            try IndexConstruction(partition, target: 0.95, threads: threads).run(generation: 1 + threads) { _, _, _ in }
        }
        for other in made.dropFirst() {
            var header = other.header
            header.generation = made[0].header.generation
            #expect(header.bytes == made[0].header.bytes)
            #expect(other.index.model.bytes == made[0].index.model.bytes)
            #expect(other.index.lists.map { $0.map(\.bytes) } == made[0].index.lists.map { $0.map(\.bytes) })
        }
        #expect(made[0].index.model.codeSize == codes)
    }

    @Test(
        "the same rows give the same index, header included, whatever number of threads made it",
        arguments: CodeSize.allCases)
    func repeats(codes: CodeSize) throws {
        try Self.expectSameIndex(codes)
    }

    @Test("the size of codes is kept: updates and indexes that replace the first one have it, and memory is less")
    func codeSize() throws {
        var test = try TestPartition(rows: 2000, dimension: 160)
        let partition = try test.open()
        #expect(try partition.codeSize() == .bytes128)
        let usual = try LivePartition(partition).indexBytes
        try partition.setCodeSize(.bytes32)
        #expect(try test.open(.readOnly).codeSize() == .bytes32)
        // The index that is there stays until another one is made.
        #expect(try LivePartition(partition).indexBytes == usual)
        _ = try test.construct(partition, generation: 2)
        let live = try LivePartition(partition)
        #expect(live.indexBytes.bytes <= usual.bytes - 2000 * 96 && live.coded == 2000)
        #expect(try live.recall(test.vectors(100)) >= 0.92)
        _ = try live.upsert((2000..<6500).map(TestPartition.passage), vectors: test.narrowVectors(4500))
        #expect(try live.maintainFully() > 0)
        #expect(live.generation == 3 && live.coded == 6500)
        #expect(live.state.withLock { $0.snapshot.coded?.model.codeSize } == .bytes32)
        #expect(try live.recall(test.vectors(100)) >= 0.92)
        try partition.setCodeSize(.bytes128)
        let (key, family) = (PartitionFormat.codesKey, PartitionFormat.metadata)
        #expect(try partition.database.get(key, in: family) == nil)
        var batch = WriteBatch()
        batch.put(key, PartitionFormat.number(48), in: family, of: partition.database)
        try partition.database.write(batch, .logged)
        #expect(refusal { () throws(ImpRAGError) in _ = try partition.codeSize() }?.code == .dataLoss)
    }

    @Test(
        "so they do with every kind of kernels that this processor can run",
        arguments: KernelLevel.available)
    func levels(name: String) async {
        await #expect(processExitsWith: .success) { [name] in
            // Read when the first kernel is called, so in a process of its own.
            _ = unsafe setenv(KernelLevel.variable, name, 1)
            try Self.expectSameIndex()
        }
    }

    @Test("steps come in order, and what is done of each grows to its end")
    func progress() throws {
        let test = try TestPartition(rows: 500, dimension: 16, indexed: false)
        var steps: [IndexConstruction.Step] = []
        var (done, wholes) = (0, 0)
        _ = try IndexConstruction(test.open(), target: 0.95, threads: 1).run(generation: 1) { step, now, total in
            if steps.last != step {
                steps.append(step)
                done = 0
            }
            #expect(now >= done && now <= total)
            done = now
            if now == total { wholes += 1 }
        }
        #expect(steps == [.training, .coding, .calibrating] && wholes >= 3)
    }

    @Test("an index is needed above the limit of rows that are kept as they are")
    func isNeeded() throws {
        #expect(IndexConstruction.flatLimit(dimension: 1024) == 4096)
        #expect(IndexConstruction.flatLimit(dimension: 100_000) == 1024)
        // 1024 rows of 4096 numbers are 8 MiB.
        let dimension = 4096
        let test = try TestPartition(rows: 1024, dimension: dimension, indexed: false)
        let live = try LivePartition(test.open())
        #expect(try !IndexConstruction.isNeeded(for: live.partition))
        _ = try live.upsert([TestPartition.passage(5000)], vectors: test.beacon(1).vector)
        #expect(try IndexConstruction.isNeeded(for: live.partition))
        _ = try live.delete(ids: ["p1"])
        #expect(try !IndexConstruction.isNeeded(for: live.partition))
    }

    @Test("a damaged index is data loss that names the partition, and never a trap")
    func damage() throws {
        let test = try TestPartition(rows: 600, dimension: 16)
        let partition = try test.open()
        let header = try #require(try partition.indexHeader())
        let modelName = VectorIndexBlock.Name.model(generation: 1)
        let model = try #require(try partition.indexBlock(modelName))
        var found: VectorIndexBlock.Name?
        try partition.scanIndexBlocks(generation: 1) { name, _ in
            if name != modelName { found = name }
            return found == nil
        }
        let chunkName = try #require(found)
        let chunk = try #require(try partition.indexBlock(chunkName))
        func check(_ what: String) {
            let error = refusal { () throws(ImpRAGError) in _ = try LivePartition(partition) }
            #expect(error?.code == .dataLoss, "\(what)")
        }
        for bytes in [[], Array("{}".utf8), Array("not a header".utf8), Array(header.bytes.dropLast())] {
            var batch = WriteBatch()
            batch.put(
                PartitionFormat.indexHeaderKey, bytes, in: PartitionFormat.metadata, of: partition.database)
            try partition.database.write(batch, .logged)
            check("header")
        }
        try partition.writeIndex([], header: header, synced: false)
        for bytes in [[], Array(model.dropLast()), model + [1]] {
            try partition.writeIndex([VectorIndexBlock(modelName, bytes)], synced: false)
            check("model")
        }
        try partition.writeIndex([], removing: [modelName], synced: false)
        check("no model")
        try partition.writeIndex([VectorIndexBlock(modelName, model)], synced: false)
        for bytes in [[], Array(chunk.dropLast()), chunk + chunk] {
            try partition.writeIndex([VectorIndexBlock(chunkName, bytes)], synced: false)
            check("chunk")
            let error = refusal { () throws(ImpRAGError) in _ = try LivePartition(partition) }
            #expect(error?.message.contains(test.path) == true)
        }
        try partition.writeIndex([VectorIndexBlock(chunkName, chunk)], synced: false)
        let beyond = VectorIndexBlock.Name.chunk(generation: 1, list: 9999, number: 0)
        try partition.writeIndex([VectorIndexBlock(beyond, chunk)], synced: false)
        check("a list that the model has not")
        try partition.writeIndex([], removing: [beyond], synced: false)
        #expect(try LivePartition(partition).coded == 600)
    }
}
