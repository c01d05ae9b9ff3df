import Core
import TestSupport
import Testing

@testable import Kernels

@Suite struct CodeChunkTests {
    private struct Content: Equatable {
        var codes: [UInt8] = []
        var scales: [BFloat16] = []
        var rows: [UInt32] = []

        init() {}

        init(count: Int, segments: Int) {
            var random = SeededGenerator(seed: UInt64(count + segments))
            codes = (0..<count * segments * 64).map { _ in UInt8.random(in: 0...255, using: &random) }
            scales = (0..<count).map { _ in BFloat16(Float.random(in: 0...2, using: &random)) }
            rows = (0..<count).map { _ in UInt32.random(in: 0 ... .max, using: &random) }
        }

        func chunk(_ segments: Int) -> CodeChunk {
            CodeChunk(codes: codes, scales: scales, rows: rows, shape: CodeShape(segments: segments))
        }
    }

    // Apart, because a span may not enter a macro.
    private static func read(_ bytes: [UInt8], segments: Int) -> CodeChunk? {
        unsafe CodeChunk(copying: bytes.span.bytes, shape: CodeShape(segments: segments))
    }

    private static func content(_ chunk: CodeChunk, keeping keeps: (Int) -> Bool = { _ in true }) -> Content {
        var content = Content()
        chunk.append(codes: &content.codes, scales: &content.scales, rows: &content.rows, keeping: keeps)
        return content
    }

    @Test(
        "a chunk gives back what it was made of, also through its bytes", arguments: [0, 1, 15, 16, 17, 4096],
        [1, 2, 5])
    func roundTrip(count: Int, segments: Int) throws {
        let content = Content(count: count, shape: CodeShape(segments: segments))
        let chunk = content.chunk(segments)
        #expect(Self.content(chunk) == content)
        let bytes = chunk.bytes
        #expect(bytes.count == chunk.byteCount)
        #expect(chunk.byteCount == CodeChunk.byteCount(count: count, shape: CodeShape(segments: segments)))
        let copy = try #require(Self.read(bytes, shape: CodeShape(segments: segments)))
        #expect(copy.count == count && copy.segments == segments && copy.bytes == bytes)
        #expect(Self.content(copy) == content)
        #expect((0..<count).allSatisfy { copy.row($0) == Int(content.rows[$0]) })
    }

    @Test("append keeps the wanted rows, in order, after what was there")
    func appendKeeping() {
        let content = Content(count: 100, segments: 3)
        let chunk = content.chunk(3)
        let kept = content.rows.indices.filter { content.rows[$0] % 3 == 0 }
        var result = Content(count: 2, segments: 3)
        var expected = result
        for place in kept {
            expected.codes += content.codes[(place * 192)..<(place * 192 + 192)]
            expected.scales.append(content.scales[place])
            expected.rows.append(content.rows[place])
        }
        chunk.append(codes: &result.codes, scales: &result.scales, rows: &result.rows) { $0 % 3 == 0 }
        #expect(result == expected)
        #expect(Self.content(chunk) { _ in false } == Content())
    }

    @Test("bytes of another length, count or number of segments are no chunk")
    func hostileBytes() {
        let bytes = Content(count: 33, segments: 2).chunk(2).bytes
        func isChunk(_ bytes: [UInt8], segments: Int = 2) -> Bool {
            Self.read(bytes, shape: CodeShape(segments: segments)) != nil
        }
        #expect(isChunk(bytes))
        for length in [0, 1, 4, 8, 63, 64, 65, bytes.count / 2, bytes.count - 1] {
            #expect(!isChunk(Array(bytes[..<length])), "\(length) of \(bytes.count) bytes")
        }
        #expect(!isChunk(bytes + [0]))
        #expect(!isChunk(bytes, segments: 1))
        #expect(!isChunk(bytes, segments: 3))
        for count: UInt32 in [0, 1, 32, 34, 4097, 1 << 31, .max] {
            var wrong = bytes
            for place in 0..<4 { wrong[place] = UInt8(truncatingIfNeeded: count >> UInt32(8 * place)) }
            #expect(!isChunk(wrong), "a count of \(count)")
        }
        for segments: UInt32 in [0, 1, 3, 65, .max] {
            var wrong = bytes
            for place in 0..<4 { wrong[4 + place] = UInt8(truncatingIfNeeded: segments >> UInt32(8 * place)) }
            #expect(!isChunk(wrong), "\(segments) segments")
        }
    }

    @Test("random damage inside a chunk of the right size can be scanned: rows and estimates are wrong, memory is not")
    func damagedInside() throws {
        let good = Content(count: 50, segments: 2).chunk(2).bytes
        var random = SeededGenerator(seed: 9)
        let weights = (0..<128).map { _ in Float.random(in: -1...1, using: &random) }
        var rows = RowSet()
        rows.insert(7)
        for _ in 0..<50 {
            var bytes = good
            for place in 8..<bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &random) }
            let chunk = try #require(Self.read(bytes, segments: 2))
            for name in KernelLevel.available {
                let scanner = try #require(CodeScanner(segments: 2, kernels: name))
                for segment in 0..<2 { scanner.load(weights.span, segment: segment) }
                let found = scanner.scan(chunk, base: 0, least: -.infinity, firstLeast: -.infinity)
                #expect(found.places.count <= 50)
                scanner.begin(CodeScanner.Limits(k: 5))
                scanner.scan([0], bases: [0], in: CodeTable([[chunk]]), live: rows, areFew: true)
                #expect(scanner.found <= 50 && scanner.rows[..<scanner.found].allSatisfy { $0 == 7 })
            }
        }
    }
}
