import Core
import Kernels
import TestSupport
import Testing

@testable import VectorIndex

@Suite struct IndexModelStorageTests {
    private static func model(
        _ dimension: Int, rows: Int = 400, codes: CodeSize? = nil
    ) throws -> (model: IndexModel, source: MemoryVectors) {
        var clusters = Clusters(dimension: dimension, count: 10, seed: UInt64(dimension))
        let source = MemoryVectors(dimension: dimension, vectors: clusters.next(rows))
        let model = try IndexTrainer(source: source, pool: WorkerPool(threadCount: 1), codeSize: codes).train(
            source.live
        ) { _ in }
        return (model, source)
    }

    private static func index(_ model: IndexModel, _ source: MemoryVectors) throws -> ListIndex {
        try ListIndexBuilder(source: source, pool: WorkerPool(threadCount: 1)).build(model, until: source.rowLimit) {
            _ in
        }.index
    }

    private static func refusal(_ bytes: [UInt8], _ dimension: Int) -> ErrorCode? {
        do throws(ImpRAGError) {
            _ = try IndexModel(stored: bytes, dimension: dimension)
            return nil
        } catch {
            return error.code
        }
    }

    @Test(
        "a stored model codes every vector as the one that was stored", arguments: [1, 8, 127, 128, 300],
        [nil] + CodeSize.allCases)
    func roundTrip(dimension: Int, codes: CodeSize?) throws {
        let (model, source) = try Self.model(dimension, codes: codes)
        #expect(model.codeSize == codes ?? (dimension < 128 ? .bytes64 : .bytes128))
        let copy = try IndexModel(stored: model.bytes, dimension: dimension)
        #expect(copy.bytes == model.bytes)
        #expect(copy.listCount == model.listCount && copy.codeSize == model.codeSize && copy.width == model.width)
        let (one, other) = (try Self.index(model, source), try Self.index(copy, source))
        #expect(one.lists.map { $0.map(\.bytes) } == other.lists.map { $0.map(\.bytes) })
    }

    @Test("the same seed gives the same model, bit for bit")
    func repeats() throws {
        #expect(try Self.model(24).model.bytes == Self.model(24).model.bytes)
    }

    @Test("bytes of another length, size or dimension are data loss")
    func hostileSizes() throws {
        let bytes = try Self.model(8).model.bytes
        #expect(Self.refusal(bytes, 8) == nil)
        #expect(Self.refusal(bytes, 9) == .dataLoss)
        #expect(Self.refusal([], 8) == .dataLoss)
        #expect(Self.refusal(bytes + [0], 8) == .dataLoss)
        for length in stride(from: 0, to: bytes.count, by: 37) {
            #expect(Self.refusal(Array(bytes[..<length]), 8) == .dataLoss, "\(length) bytes")
        }
        for field in 0..<5 {
            for number: UInt32 in [0, 1, 255, 1 << 20, 1 << 31, .max] {
                var wrong = bytes
                for place in 0..<4 {
                    wrong[8 + field * 4 + place] = UInt8(truncatingIfNeeded: number >> UInt32(8 * place))
                }
                if wrong != bytes { #expect(Self.refusal(wrong, 8) == .dataLoss, "\(number) in field \(field)") }
            }
        }
    }

    @Test("a number that is not finite is data loss, wherever it stands")
    func notFinite() throws {
        let (model, _) = try Self.model(8)
        let bytes = model.bytes
        // Residual norm, mean, projection, and the last of the errors.
        for place in [28, 36, 36 + 8 * 4, bytes.count - 4] {
            var wrong = bytes
            for byte in 0..<4 { wrong[place + byte] = byte % 2 == 0 ? 0xC0 : 0x7F }
            #expect(Self.refusal(wrong, 8) == .dataLoss, "at \(place)")
        }
    }

    @Test("random damage is data loss, or a model that codes and searches badly but without a trap")
    func randomDamage() throws {
        let (model, source) = try Self.model(8)
        var random = SeededGenerator(seed: 31)
        let plan = SearchPlan(probes: 100, margin: 2)
        var read = 0
        for _ in 0..<300 {
            var bytes = model.bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 28..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard let damaged = try? IndexModel(stored: bytes, dimension: 8) else { continue }
            read += 1
            let index = try Self.index(damaged, source)
            #expect(index.count == source.rowLimit)
            let snapshot = IndexSnapshot(coded: index, flat: FlatRows(dimension: 8), live: source.live)
            do throws(ImpRAGError) {
                _ = try IndexSearcher().search(
                    [1, 2, 3, 4, 5, 6, 7, 8], k: 5, plan: plan, in: snapshot, source: source, deadline: .never)
            } catch {
                #expect(error.code == .invalidArgument)
            }
        }
        #expect(read > 50)
    }
}
