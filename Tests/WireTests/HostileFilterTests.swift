import Core
import Testing

@testable import Wire

@Suite struct HostileFilterTests {
    private func message(of filter: Filter) -> String? {
        let request = SearchRequest(prompt: "p", options: SearchOptions(filter: filter))
        return message(of: Envelope(requestID: 1, body: .request(.search(request))).encoded())
    }

    private func message(of bytes: [UInt8]) -> String? {
        do throws(DecodingFailure) {
            _ = try Envelope(decoding: bytes)
            return nil
        } catch {
            return error.message
        }
    }

    private func nested(_ levels: Int) -> Filter {
        (1..<levels).reduce(.equals(field: "f", .number(1))) { filter, level in
            level.isMultiple(of: 2) ? .not(filter) : .all([filter])
        }
    }

    @Test("a filter of sixteen levels arrives, one of seventeen is refused with the number")
    func depth() {
        #expect(message(of: nested(Filter.depthLimit)) == nil)
        #expect(message(of: nested(Filter.depthLimit + 1)) == "the filter is nested deeper than 16 levels")
    }

    @Test("a filter of a hundred thousand levels is refused before its depth can exhaust the stack")
    func bottomless() {
        // Built from the inside out: field 6 of Filter is a Filter, field 5 of SearchOptions, 4 of SearchRequest.
        func wrapped(_ body: [UInt8], _ key: [UInt8]) -> [UInt8] {
            var length = body.count
            var bytes = key
            while length >= 0x80 {
                bytes.append(UInt8(length & 0x7F) | 0x80)
                length >>= 7
            }
            return bytes + [UInt8(length)] + body
        }
        // Lengths from the inside out, written from the outside in: quadratic copying would take minutes.
        var lengths = [0]
        for _ in 0..<100_000 {
            let inner = lengths[lengths.count - 1]
            lengths.append(inner + 1 + varintBytes(inner))
        }
        var filter: [UInt8] = []
        for inner in lengths.dropLast().reversed() {
            filter.append(0x32)
            var rest = inner
            while rest >= 0x80 {
                filter.append(UInt8(rest & 0x7F) | 0x80)
                rest >>= 7
            }
            filter.append(UInt8(rest))
        }
        #expect(filter.count == lengths.last)
        let search = wrapped(wrapped(filter, [0x2A]), [0x22])
        let message = message(of: [0x08, 1, 0x10, 5] + wrapped(search, [0x8A, 0x01]))
        #expect(message?.contains("nested too deeply") == true, "\(message ?? "accepted")")
    }

    private func varintBytes(_ value: Int) -> Int {
        var count = 1
        var rest = value >> 7
        while rest > 0 {
            count += 1
            rest >>= 7
        }
        return count
    }

    @Test("numbers that are not finite, empty fields and too many values are refused, naming them")
    func values() {
        #expect(message(of: .equals(field: "year", .number(Number(.nan))))?.contains("'year' with nan") == true)
        #expect(
            message(of: .range(field: "year", lower: Filter.Bound(Number(.infinity), isInclusive: true), upper: nil))?
                .contains(
                    "'year' with inf") == true)
        #expect(message(of: .equals(field: "", .string("a")))?.contains("a field of 0 bytes") == true)
        let many = Filter.isOneOf(field: "f", (0..<5000).map { .number(Number(Double($0))) })
        #expect(message(of: many)?.contains("filter.is_one_of.values has 5000 entries; 4096 are allowed") == true)
        let wide = Filter.all(
            Array(repeating: .any(Array(repeating: .equals(field: "f", .number(1)), count: 2100)), count: 2))
        #expect(message(of: wide)?.contains("more than 4096") == true)
    }

    @Test("a filter without a condition, and one whose value has no type, are refused")
    func incomplete() {
        // search { options { filter {} } }, then with equals { field: "f" }, then with a value without a type.
        #expect(message(of: [0x08, 1, 0x8A, 0x01, 4, 0x22, 2, 0x2A, 0])?.contains("no condition") == true)
        let equals: [UInt8] = [0x0A, 3, 0x0A, 1, 0x66]
        #expect(
            message(of: [0x08, 1, 0x8A, 0x01, 9, 0x22, 7, 0x2A, 5] + equals)?.contains("filter.equals.value") == true)
        let untyped: [UInt8] = [0x0A, 5, 0x0A, 1, 0x66, 0x12, 0]
        #expect(
            message(of: [0x08, 1, 0x8A, 0x01, 11, 0x22, 9, 0x2A, 7] + untyped)?.contains("neither text nor number")
                == true)
    }

    @Test("metadata beyond its limits, twice the same field or without a value is refused, naming the passage")
    func metadata() {
        func upsert(_ metadata: [ByteString: MetadataValue]) -> String? {
            let passage = Passage(id: "p1", title: "", text: "t", metadata: metadata)
            return message(
                of: Envelope(requestID: 1, body: .request(.upsert(UpsertRequest(passages: [passage])))).encoded())
        }
        #expect(upsert(["a": .strings([])]) == nil)
        #expect(upsert(["a": .number(Number(.infinity))])?.contains("'p1' is wrong: field 'a' is inf") == true)
        #expect(upsert(["a": .string(String(repeating: "x", count: 1025))])?.contains("1025 bytes") == true)
        // upsert { passages { id: "p" metadata { field: "a" number: 0 } twice } }
        let entry: [UInt8] = [0x22, 12, 0x0A, 1, 0x61, 0x19, 0, 0, 0, 0, 0, 0, 0, 0]
        let passage: [UInt8] = [0x0A, 1, 0x70] + entry + entry
        #expect(
            message(of: [0x08, 1, 0xBA, 0x01, 33, 0x0A, 31] + passage)?.contains("'p' has the field 'a' twice") == true)
        let empty: [UInt8] = [0x0A, 1, 0x70, 0x22, 3, 0x0A, 1, 0x61]
        #expect(
            message(of: [0x08, 1, 0xBA, 0x01, 10, 0x0A, 8] + empty)?.contains("no value for the field 'a'") == true)
    }
}
