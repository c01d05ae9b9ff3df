import Core
import Foundation
import Kernels
import Model
import TestSupport
import VectorIndex

/// Readers of numbers that were computed elsewhere: blocks of vector indexes, and passages' states, which kernels read.
enum ModelReaders {
    private static let dimension = 8

    /// The first byte: 0 a header, 1 a model, 2 a chunk for a model of one list, 3 sample queries.
    static func index(_ bytes: [UInt8]) throws(ImpRAGError) -> Bool {
        let content = Array(bytes.dropFirst())
        switch bytes.first {
        case 0:
            let header = try VectorIndexHeader(stored: content)
            let again = try VectorIndexHeader(stored: header.bytes)
            precondition(again.bytes == header.bytes, "\(header) is not what is read back")
        case 1:
            let model = try IndexModel(stored: content, dimension: dimension)
            precondition(model.bytes == content, "the model is not what is read back")
        case 2:
            guard let stored = try? trained.get() else { return false }
            var index = try ListIndex(storedModel: stored.model, dimension: dimension)
            try unsafe index.append(stored: content.span.bytes, list: 0, number: 0)
        case 3: _ = try SampleQueries(stored: content, dimension: dimension)
        default: return false
        }
        return true
    }

    private struct Rows: VectorSource {
        let dimension: Int
        let vectors: [BFloat16]
        var rowLimit: Int { vectors.count / dimension }

        func scanVectors(
            from first: Int, until end: Int, _ body: (_ row: Int, _ vector: RawSpan) -> Bool
        ) throws(ImpRAGError) {
            for row in first..<min(end, rowLimit) {
                let vector = Array(vectors[(row * dimension)..<((row + 1) * dimension)])
                guard unsafe body(row, vector.span.bytes) else { return }
            }
        }

        func withVectors(rows: [Int], _ body: (_ place: Int, _ vector: RawSpan) -> Void) throws(ImpRAGError) {
            for (place, row) in rows.enumerated() where row < rowLimit {
                let vector = Array(vectors[(row * dimension)..<((row + 1) * dimension)])
                unsafe body(place, vector.span.bytes)
            }
        }
    }

    private struct Trained: Sendable {
        let model: [UInt8]
        let chunk: [UInt8]
    }

    /// A small index, trained once.
    private static let trained = Result { () throws -> Trained in
        var clusters = Clusters(dimension: dimension, count: 3, seed: 1)
        let rows = Rows(dimension: dimension, vectors: clusters.next(60).map { BFloat16($0) })
        var all = RowSet()
        for row in 0..<rows.rowLimit { all.insert(row) }
        let pool = WorkerPool(threadCount: 1)
        let model = try IndexTrainer(source: rows, pool: pool).train(all) { _ in }
        let index = try ListIndexBuilder(source: rows, pool: pool).build(model, until: rows.rowLimit) { _ in }.index
        return Trained(model: model.bytes, chunk: index.blocks(of: 0, generation: 1).first?.bytes ?? [])
    }

    static func indexSeeds() throws -> [[UInt8]] {
        let trained = try trained.get()
        let header = VectorIndexHeader(
            generation: 1, indexedRows: 60, trainedRows: 60, trainedError: 0.1, residentBytes: 1000, target: 0.95,
            calibration: Calibration(entries: [], queries: 0, source: .passages))
        let queries = SampleQueries(vectors: [Float](repeating: 0.5, count: 2 * dimension), source: .passages)
        return [[0] + header.bytes, [1] + trained.model, [2] + trained.chunk, [3] + queries.block.bytes]
    }

    // MARK: States

    private struct Coders: Sendable {
        let model: ImpRAGModel
        let coders: [StateCoder]
        let codebooks: [UInt8]
    }

    private static let passage = Passage(id: "a", title: "", text: "Lima")

    /// Coders of the small model in the checkout: bf16, int8 and pq, each with all tokens and with half.
    private static let coders = Result { () throws -> Coders in
        let model = try ImpRAGModel(
            directory: SharedData.packageRoot + "/Models/encyclopedia-tiny", layers: .all, threadCount: 1)
        // Trained ones would differ between processors, and states name theirs. 1.0 as float32, again and again, is a
        // number wherever a codebook has one.
        let sizes = try model.trainStateCodebooks(on: [passage], seed: 1).bytes
        let ones = (16..<sizes.count).map { [0, 0, 0x80, 0x3F][$0 % 4] as UInt8 }
        let codebooks = try StateCodebooks(bytes: sizes.prefix(16) + ones, model: model.model)
        var coders: [StateCoder] = []
        for codec in [StateCodec.bf16, .int8, .pq] {
            for keepsHalf in [false, true] {
                coders.append(
                    try StateCoder(
                        model.model, codec: codec, keepsHalf: keepsHalf, codebooks: codec == .pq ? codebooks : nil))
            }
        }
        return Coders(model: model, coders: coders, codebooks: codebooks.bytes)
    }

    static func state(_ bytes: [UInt8]) throws(ImpRAGError) -> Bool {
        guard let coders = try? coders.get(), let first = bytes.first else { return false }
        let content = Array(bytes.dropFirst())
        guard coders.coders.indices.contains(Int(first)) else {
            _ = try StateCodebooks(bytes: content, model: coders.model.model)
            return true
        }
        _ = try coders.coders[Int(first)].decode(content)
        return true
    }

    static func stateSeeds() throws -> [[UInt8]] {
        let coders = try coders.get()
        var seeds: [[UInt8]] = []
        for (number, coder) in coders.coders.enumerated() {
            _ = try coders.model.read([passage], coder: coder) { _, state in seeds.append([UInt8(number)] + state) }
        }
        return seeds + [[UInt8(coders.coders.count)] + coders.codebooks]
    }
}
