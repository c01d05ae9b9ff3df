import Core
import TestSupport
import Testing
import VectorIndex

@testable import Storage

@Suite struct LivePartitionTests {
    @Test("an indexed partition is searched at the recall that was asked for, with and without a filter")
    func searches() throws {
        var test = try TestPartition(rows: 4500, dimension: 16)
        let live = try LivePartition(test.open())
        let queries = test.vectors(300)
        #expect(live.unindexed == 0 && live.coded == 4500)
        let recall = try live.recall(queries)
        #expect(recall >= 0.93, "\(recall)")
        let filteredRecall = try live.recall(queries, filter: .equals(field: "third", .number(1)))
        #expect(filteredRecall >= 0.93, "\(filteredRecall)")
        let few = Filter.all([
            .equals(field: "third", .number(2)), .not(.isOneOf(field: "third", [.number(0), .number(1)])),
        ])
        let filtered = try live.rows(queries, options: SearchOptions(recall: 0.99, filter: few))
        #expect(filtered.allSatisfy { $0.count == 10 && $0.allSatisfy { $0 % 3 == 2 } })
        #expect(
            try live.rows(queries, options: SearchOptions(filter: .equals(field: "third", .number(9)))).allSatisfy(
                \.isEmpty))
    }

    @Test("more recall is more work; raw knobs override it; exact is exact")
    func effort() throws {
        var test = try TestPartition(rows: 4500, dimension: 16)
        let queries = test.vectors(50)
        let partition = try test.open()
        let live = try LivePartition(partition)
        func scanned(_ options: SearchOptions, _ defaults: LivePartition.Defaults = .init()) throws -> Int {
            try LivePartition(partition, defaults: defaults).searchInDetail(
                queries, k: 10, options: options, deadline: .never
            ).outcomes.reduce(0) { $0 + $1.scanned }
        }
        let (low, high) = (try scanned(SearchOptions(recall: 0.8)), try scanned(SearchOptions(recall: 0.999)))
        #expect(low < high)
        #expect(try scanned(SearchOptions(recall: 0.999, probes: 1)) < low)
        #expect(try scanned(SearchOptions(), .init(recall: 0.8)) == low)
        #expect(try scanned(SearchOptions(recall: 0.999), .init(recall: 0.8, probes: 1)) == high)
        #expect(try scanned(SearchOptions(), .init(recall: 0.8, probes: 1)) < low)
        let exact = try live.searchInDetail(queries, k: 10, options: SearchOptions(isExact: true), deadline: .never)
        #expect(exact.isExact && exact.live.count == 4500)
    }

    @Test("queries of a wrong size or with numbers that are not finite are refused, exact or not")
    func refusedQueries() throws {
        for indexed in [true, false] {
            let test = try TestPartition(rows: 300, dimension: 8, indexed: indexed)
            let live = try LivePartition(test.open())
            for isExact in [true, false] {
                for query: [Float] in [
                    [1, 2, 3], [Float](repeating: .nan, count: 8), [Float](repeating: .infinity, count: 16),
                ] {
                    let error = refusal { () throws(ImpRAGError) in
                        _ = try live.search(query, k: 5, options: SearchOptions(isExact: isExact), deadline: .never)
                    }
                    #expect(error?.code == .invalidArgument)
                }
                let late = refusal { () throws(ImpRAGError) in
                    _ = try live.search(
                        [Float](repeating: 1, count: 8), k: 5, options: SearchOptions(isExact: isExact),
                        deadline: .after(milliseconds: -1))
                }
                #expect(late?.code == .deadlineExceeded)
            }
        }
    }

    @Test(
        "what is upserted is found at once, what it replaced never again, what is deleted never again",
        arguments: [true, false])
    func changes(indexed: Bool) throws {
        var test = try TestPartition(rows: 4500, dimension: 16, indexed: indexed)
        var live = try LivePartition(test.open())
        var gone: Set<Int> = []
        let queries = test.vectors(100)
        for round in 0..<4 {
            let (vector, query) = test.beacon(round)
            let change = try live.upsert([Passage(id: "beacon", title: "", text: "round \(round)")], vectors: vector)
            gone.formUnion(change.replaced)
            let best = try live.rows(query)[0]
            #expect(best.first == change.rows.lowerBound)
            #expect(try live.partition.passages(rows: [best[0]])[0]?.text == "round \(round)")
            // Replaces some that are in lists.
            let places = (0..<150).map { round * 150 + $0 }
            let replaced = try live.upsert(places.map(TestPartition.passage), vectors: test.narrowVectors(150)).replaced
            #expect(replaced == places)
            gone.formUnion(replaced)
            #expect(try live.delete(ids: ["p\(1900 + round)", "nobody"]) == 1)
            gone.insert(1900 + round)
            for hits in try live.rows(queries + query, k: 50) { #expect(gone.isDisjoint(with: hits)) }
            for hits in try live.rows(queries, options: SearchOptions(isExact: true)) {
                #expect(gone.isDisjoint(with: hits))
            }
            if round == 1 { _ = try live.maintainFully() }
            if round == 2 {
                let before = try live.search(queries, k: 10, deadline: .never)
                live = try reopened(&live, test)
                #expect(try live.search(queries, k: 10, deadline: .never) == before)
            }
        }
        _ = try live.delete(ids: ["beacon"])
        for hits in try live.rows(test.beacon(3).query) { #expect(!hits.contains { gone.contains($0) }) }
        #expect(live.partition.count == 4496)
    }

    /// Closes the partition, which keeps all others out, and opens it again.
    private func reopened(_ live: inout LivePartition, _ test: TestPartition) throws -> LivePartition {
        // A stand-in, so that nobody holds the open one.
        let other = try TestPartition(rows: 1, dimension: 2, indexed: false)
        live = try LivePartition(other.open())
        return try LivePartition(test.open())
    }

    @Test("a partition that was opened for reading is searched and refuses changes")
    func readOnly() throws {
        var test = try TestPartition(rows: 4500, dimension: 16)
        let live = try LivePartition(test.open(.readOnly))
        let queries = test.vectors(100)
        #expect(try live.recall(queries) >= 0.92)
        let vectors = test.narrowVectors(1)
        let upsert = refusal { () throws(ImpRAGError) in
            _ = try live.upsert([TestPartition.passage(0)], vectors: vectors)
        }
        #expect(upsert?.code == .failedPrecondition)
        let delete = refusal { () throws(ImpRAGError) in _ = try live.delete(ids: ["p0"]) }
        #expect(delete?.code == .failedPrecondition)
        #expect(try live.maintainFully() == 0)
        #expect(live.partition.count == 4500 && live.unindexed == 0)
    }

    @Test("updates beyond the memory limit are refused with what they need and what is allowed, and change nothing")
    func memoryLimit() throws {
        var test = try TestPartition(rows: 4500, dimension: 16)
        let needed = try LivePartition.requiredBytes(test.open(.readOnly))
        let small = refusal { () throws(ImpRAGError) in
            _ = try LivePartition(
                Partition(path: test.path), memoryLimit: ByteCount(needed.bytes - 1))
        }
        #expect(small?.code == .resourceExhausted)
        let limit = ByteCount(needed.bytes + FlatRows.residentBytes(count: 100, dimension: 16).bytes)
        let live = try LivePartition(test.open(), memoryLimit: limit)
        #expect(live.indexBytes <= needed)
        let vectors = test.narrowVectors(400)
        let passages = (5000..<5400).map(TestPartition.passage)
        let error = refusal { () throws(ImpRAGError) in _ = try live.upsert(passages, vectors: vectors) }
        #expect(error?.code == .resourceExhausted)
        #expect(error?.message.contains(limit.description) == true && error?.message.contains("memory_budget") == true)
        #expect(live.partition.count == 4500 && live.unindexed == 0)
        #expect(try live.upsert(Array(passages.prefix(50)), vectors: Array(vectors.prefix(50 * 16))).rows.count == 50)
        #expect(live.unindexed == 50)
    }

    @Test("vectors that are kept in memory change no hit, through updates, deletions and a rebuild")
    func keptVectors() throws {
        var test = try TestPartition(rows: 4500, dimension: 16)
        let queries = test.vectors(60)
        let live = try LivePartition(test.open(), keepsVectors: true)
        let indexBytes = try LivePartition.requiredBytes(live.partition).bytes
        #expect(live.indexBytes.bytes > indexBytes + 4500 * 32 - 4096)
        /// With every vector read from the disk.
        func read() throws -> [[Hit]] { try LivePartition(live.partition).search(queries, k: 10, deadline: .never) }
        func agrees() throws -> Bool { try live.search(queries, k: 10, deadline: .never) == read() }
        #expect(try agrees())
        _ = try live.upsert((0..<700).map(TestPartition.passage), vectors: test.narrowVectors(700))
        _ = try live.delete(ids: (1000..<1300).map { "p\($0)" })
        #expect(try agrees())
        #expect(try live.maintainFully() > 0)
        #expect(live.unindexed == 0)
        #expect(try agrees())
    }

    @Test("vectors are kept only where the memory limit has room for them and for updates, and can be dropped")
    func keptWithinLimit() throws {
        var test = try TestPartition(rows: 4500, dimension: 16)
        let partition = try test.open()
        let needed = try LivePartition.requiredBytes(partition).bytes + LivePartition.updateBytes(dimension: 16).bytes
        let kept = KeptVectors.requiredBytes(rowLimit: 4500, dimension: 16).bytes
        let none = try LivePartition(partition, memoryLimit: ByteCount(needed + kept - 1), keepsVectors: true)
        let all = try LivePartition(partition, memoryLimit: ByteCount(needed + kept), keepsVectors: true)
        #expect(all.indexBytes.bytes - none.indexBytes.bytes > 4500 * 32 - 4096)
        #expect(all.indexBytes.bytes - none.indexBytes.bytes <= kept + 4096)
        let queries = test.vectors(20)
        let hits = try all.search(queries, k: 10, deadline: .never)
        all.dropVectors()
        #expect(all.indexBytes.bytes <= none.indexBytes.bytes)
        #expect(try all.search(queries, k: 10, deadline: .never) == hits)
        #expect(try none.search(queries, k: 10, deadline: .never) == hits)
    }

    @Test("a refused update leaves searches and the disk as they were")
    func refusedUpdate() throws {
        var test = try TestPartition(rows: 300, dimension: 8)
        let live = try LivePartition(test.open())
        let queries = test.vectors(20)
        let before = try live.search(queries, k: 10, deadline: .never)
        for vectors in [[BFloat16](repeating: BFloat16(.nan), count: 8), [BFloat16(1)]] {
            let error = refusal { () throws(ImpRAGError) in
                _ = try live.upsert([TestPartition.passage(1)], vectors: vectors)
            }
            #expect(error?.code == .invalidArgument)
        }
        #expect(try live.search(queries, k: 10, deadline: .never) == before)
        #expect(live.partition.rowLimit == 300)
    }

    @Test("k beyond the number of passages gives every one, before and after updates")
    func allPassages() throws {
        var test = try TestPartition(rows: 700, dimension: 16)
        let live = try LivePartition(test.open())
        let query = test.vectors(1)
        #expect(Set(try live.rows(query, k: 10_000)[0]) == Set(0..<700))
        _ = try live.upsert((700..<760).map(TestPartition.passage), vectors: test.narrowVectors(60))
        _ = try live.delete(ids: (0..<10).map { "p\($0)" })
        #expect(try live.rows(query, k: 10_000)[0].sorted() == Array(10..<760))
    }

    @Test("an empty partition finds nothing, and takes passages")
    func empty() throws {
        let test = try TestPartition(rows: 0, dimension: 4, indexed: false)
        let live = try LivePartition(test.open())
        #expect(try live.rows([1, 2, 3, 4]) == [[]])
        #expect(try live.maintainFully() == 0)
        let row = try live.upsert([TestPartition.passage(0)], vectors: test.beacon(1).vector).rows.lowerBound
        #expect(try live.rows([1, 2, 3, 4]) == [[row]])
        #expect(try live.delete(ids: ["p0"]) == 1)
        #expect(try live.rows([1, 2, 3, 4]) == [[]])
    }
}
