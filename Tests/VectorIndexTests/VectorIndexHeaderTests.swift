import Core
import TestSupport
import Testing
import VectorIndex

@Suite struct VectorIndexHeaderTests {
    private static let header: VectorIndexHeader = {
        var header = VectorIndexHeader(
            generation: 7, indexedRows: 1 << 33, trainedRows: 12, trainedError: 0.25, residentBytes: 1 << 40,
            target: 0.95,
            calibration: Calibration(
                entries: [
                    .init(target: 0.8, measured: 0.81, plan: SearchPlan(probes: 4, margin: 0.3)),
                    .init(target: 0.9, measured: 0.875, plan: SearchPlan(probes: 1_000_000, margin: 4)),
                ], queries: 400, source: .prompts))
        header.recentError = 0.5
        return header
    }()

    @Test("a header comes back as it was stored, with every source of queries")
    func roundTrip() throws {
        for source in Calibration.Source.allCases {
            var header = Self.header
            header.calibration.source = source
            #expect(try VectorIndexHeader(stored: header.bytes) == header)
        }
    }

    @Test(
        "another version is refused by its number; bytes that were changed, cut or added are data loss or a sound header"
    )
    func hostile() throws {
        let bytes = Self.header.bytes
        var other = bytes
        other[7] = UInt8(ascii: "2")
        let refused = #expect(throws: ImpRAGError.self) { try VectorIndexHeader(stored: other) }
        #expect(refused?.code == .failedPrecondition && refused?.message.contains("version 2") == true)
        for count in 0..<bytes.count {
            let short = #expect(throws: ImpRAGError.self) { try VectorIndexHeader(stored: Array(bytes[..<count])) }
            #expect(short?.code == .dataLoss, "\(count) bytes")
        }
        #expect(throws: ImpRAGError.self) { try VectorIndexHeader(stored: bytes + [0]) }
        var random = SeededGenerator(seed: 3)
        for _ in 0..<5000 {
            var changed = bytes
            changed[Int.random(in: 8..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            guard let header = try? VectorIndexHeader(stored: changed) else { continue }
            #expect(header.generation > 0 && header.indexedRows >= 0 && header.residentBytes >= 0)
            #expect(header.calibration.entries.allSatisfy { $0.plan.probes > 0 && $0.plan.margin.isFinite })
        }
    }
}
