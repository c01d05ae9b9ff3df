import Core
import Foundation
import Platform
import TestSupport
import Testing

@testable import VectorIndex

/// Real vectors with exact neighbours that were computed elsewhere.
@Suite(.enabled(if: SharedData.path("data/ann") != nil, "needs ../shared/data/ann"))
struct ReferenceNeighboursTests {
    private struct Truth {
        var query: Int
        var ids: [Int]

        init(_ line: JSONField) throws {
            query = try line.required("query").integer()
            ids = try line.required("ids").elements().map { try $0.integer() }
        }
    }

    private func bytes(_ name: String) throws -> [UInt8] {
        let reader = try FileByteReader(path: try #require(SharedData.path("data/ann/\(name)")))
        var bytes: [UInt8] = []
        while try reader.read(into: &bytes) > 0 {}
        return bytes
    }

    private func truth(_ name: String) throws -> [Truth] {
        let path = try #require(SharedData.path("data/ann/\(name)"))
        var lines = try FileLineReader(path: path)
        var truth: [Truth] = []
        while let line = try lines.next() { truth.append(try Truth(try line.json(in: path))) }
        return truth
    }

    private func floats(_ bytes: [UInt8]) -> [Float] {
        stride(from: 0, to: bytes.count, by: 4).map { start in
            Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) })
        }
    }

    @Test("SIFT: all 100 nearest rows of all queries, in order, ties by row")
    func sift() throws {
        // The order by squared distance is the order by 2 q·b − |b|². All numbers below are whole and the three bytes
        // of
        // |b|² are exact in bf16, so every score is exact, and so is the order.
        let base = try bytes("sift.base.u8.gz")
        let queries = try bytes("sift.query.u8.gz")
        var vectors: [Float] = []
        for start in stride(from: 0, to: base.count, by: 128) {
            let row = base[start..<(start + 128)].map { Int($0) }
            let square = row.reduce(0) { $0 + $1 * $1 }
            vectors += (row + [square >> 16, square >> 8 & 255, square & 255]).map { Float($0) }
        }
        var asked: [Float] = []
        for start in stride(from: 0, to: queries.count, by: 128) {
            asked += queries[start..<(start + 128)].map { 2 * Float($0) } + [-65536, -256, -1]
        }
        let source = MemoryVectors(dimension: 131, vectors: vectors)
        let hits = try ExactSearch(source: source).search(asked, k: 100, allowed: source.live, deadline: .never)
        let truth = try truth("sift.truth.jsonl.gz")
        #expect(truth.count == 250)
        for line in truth { #expect(hits[line.query].map(\.row) == line.ids, "query \(line.query)") }
    }

    @Test("text embeddings of 1024 numbers: bf16 keeps 97 % of the ten best of float32")
    func textEmbeddings() throws {
        let source = MemoryVectors(dimension: 1024, vectors: floats(try bytes("bge.base.f32.gz")))
        let hits = try ExactSearch(source: source).search(
            floats(try bytes("bge.query.f32.gz")), k: 10, allowed: source.live, deadline: .never)
        let truth = try truth("bge.truth.jsonl.gz")
        #expect(truth.count == 100)
        let kept = truth.reduce(0) { $0 + Set(hits[$1.query].map(\.row)).intersection($1.ids.prefix(10)).count }
        #expect(kept >= 970, "\(kept) of 1000")
    }

    @Test("text embeddings: an index that is calibrated for 95 % finds 93 % of the exact ten best")
    func approximateTextEmbeddings() throws {
        let built = try BuiltIndex(MemoryVectors(dimension: 1024, vectors: floats(try bytes("bge.base.f32.gz"))))
        let queries = floats(try bytes("bge.query.f32.gz"))
        let plan = try #require(built.calibration.entry(for: 0.95)).plan
        #expect(try built.recall(queries, plan: plan) >= 0.93)
        #expect(try built.recall(queries, plan: built.widePlan) >= 0.995)
    }
}
