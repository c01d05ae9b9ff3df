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

        init(count: Int, shape: CodeShape) {
            var random = SeededGenerator(seed: UInt64(count + shape.segments))
            codes = (0..<count * shape.byteCount).map { _ in UInt8.random(in: 0...255, using: &random) }
            scales = (0..<count).map { _ in BFloat16(Float.random(in: 0...2, using: &random)) }
            rows = (0..<count).map { _ in UInt32.random(in: 0 ... .max, using: &random) }
        }

        func chunk(_ shape: CodeShape) -> CodeChunk {
            CodeChunk(codes: codes, scales: scales, rows: rows, shape: shape)
        }
    }

    // Apart, because a span may not enter a macro.
    private static func read(_ bytes: [UInt8], shape: CodeShape) -> CodeChunk? {
        unsafe CodeChunk(copying: bytes.span.bytes, shape: shape)
    }

    private static func content(_ chunk: CodeChunk, keeping keeps: (Int) -> Bool = { _ in true }) -> Content {
        var content = Content()
        chunk.append(codes: &content.codes, scales: &content.scales, rows: &content.rows, keeping: keeps)
        return content
    }

    @Test(
        "a chunk gives back what it was made of, also through its bytes", arguments: [0, 1, 15, 16, 17, 4096],
        [.short, CodeShape(segments: 1), CodeShape(segments: 2), CodeShape(segments: 5)])
    func roundTrip(count: Int, shape: CodeShape) throws {
        let content = Content(count: count, shape: shape)
        let chunk = content.chunk(shape)
        #expect(Self.content(chunk) == content)
        let bytes = chunk.bytes
        #expect(bytes.count == chunk.byteCount)
        #expect(chunk.byteCount == CodeChunk.byteCount(count: count, shape: shape))
        let copy = try #require(Self.read(bytes, shape: shape))
        #expect(copy.count == count && copy.shape == shape && copy.bytes == bytes)
        #expect(Self.content(copy) == content)
        #expect((0..<count).allSatisfy { copy.row($0) == Int(content.rows[$0]) })
    }

    @Test("append keeps the wanted rows, in order, after what was there")
    func appendKeeping() {
        let three = CodeShape(segments: 3)
        let content = Content(count: 100, shape: three)
        let chunk = content.chunk(three)
        let kept = content.rows.indices.filter { content.rows[$0] % 3 == 0 }
        var result = Content(count: 2, shape: three)
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
        let two = CodeShape(segments: 2)
        let bytes = Content(count: 33, shape: two).chunk(two).bytes
        func isChunk(_ bytes: [UInt8], shape: CodeShape? = nil) -> Bool {
            Self.read(bytes, shape: shape ?? two) != nil
        }
        #expect(isChunk(bytes))
        for length in [0, 1, 4, 8, 63, 64, 65, bytes.count / 2, bytes.count - 1] {
            #expect(!isChunk(Array(bytes[..<length])), "\(length) of \(bytes.count) bytes")
        }
        #expect(!isChunk(bytes + [0]))
        for other in [.short, CodeShape(segments: 1), CodeShape(segments: 3)] { #expect(!isChunk(bytes, shape: other)) }
        let short = Content(count: 32, shape: .short).chunk(.short).bytes
        #expect(isChunk(short, shape: .short) && !isChunk(short, shape: CodeShape(segments: 1)))
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

    @Test(
        "random damage inside a chunk of the right size can be scanned: rows and estimates are wrong, memory is not",
        arguments: [.short, CodeShape(segments: 2)])
    func damagedInside(shape: CodeShape) throws {
        let good = Content(count: 50, shape: shape).chunk(shape).bytes
        var random = SeededGenerator(seed: 9)
        let weights = (0..<shape.nibblesPerSegment).map { _ in Float.random(in: -1...1, using: &random) }
        var rows = RowSet()
        rows.insert(7)
        for _ in 0..<50 {
            var bytes = good
            for place in 8..<bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &random) }
            let chunk = try #require(Self.read(bytes, shape: shape))
            for name in KernelLevel.available {
                let scanner = try #require(CodeScanner(shape: shape, kernels: name))
                for segment in 0..<shape.segments { scanner.load(weights.span, segment: segment) }
                let found = scanner.scan(chunk, base: 0, least: -.infinity, firstLeast: -.infinity)
                #expect(found.places.count <= 50)
                scanner.begin(CodeScanner.Limits(k: 5))
                scanner.scan([0], bases: [0], in: CodeTable([[chunk]]), live: rows, areFew: true)
                #expect(scanner.found <= 50 && scanner.rows[..<scanner.found].allSatisfy { $0 == 7 })
            }
        }
    }
}
