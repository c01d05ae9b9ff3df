import Core
import TestSupport
import Testing

@testable import Storage

@Suite struct MetadataTermTests {
    @Test("ordered bits are ordered as the numbers are, and both zeros are one")
    func order() {
        let numbers = FilterModel.numbers
        for (left, right) in zip(numbers, numbers.dropFirst()) {
            let (first, second) = (MetadataTerm.orderedBits(left), MetadataTerm.orderedBits(right))
            #expect(left == right ? first == second : first < second, "\(left) \(right)")
        }
    }

    @Test("the runs of a range hold exactly its numbers, and are few")
    func runs() {
        var generator = SeededGenerator(seed: 31)
        for round in 0..<3000 {
            let shift = UInt64(Int.random(in: 0..<64, using: &generator))
            let start = UInt64.random(in: 0 ... .max, using: &generator)
            let (end, overflows) = start.addingReportingOverflow(
                UInt64.random(in: 0 ... .max, using: &generator) >> shift)
            let range = round == 0 ? 0...UInt64.max : start...(overflows ? .max : end)
            let runs = MetadataTerm.runs(range)
            #expect(runs.count <= 15)
            func holds(_ number: UInt64) -> Int {
                runs.count { $0.prefixes.contains(number >> UInt64(8 * $0.level)) }
            }
            for number in [range.lowerBound, range.upperBound, UInt64.random(in: range, using: &generator)] {
                #expect(holds(number) == 1, "\(range) \(number)")
            }
            if range.lowerBound > 0 { #expect(holds(range.lowerBound - 1) == 0) }
            if range.upperBound < .max { #expect(holds(range.upperBound + 1) == 0) }
            let other = UInt64.random(in: 0 ... .max, using: &generator)
            #expect(holds(other) == (range.contains(other) ? 1 : 0))
            #expect(runs.allSatisfy { $0.level == 7 || $0.prefixes.count <= 2 * 255 })
        }
    }

    @Test("no term is the beginning of another, whatever stands in names and values")
    func separate() {
        var terms: Set<[UInt8]> = []
        for field in FilterModel.fields {
            for text in FilterModel.strings { terms.insert(MetadataTerm(field: field, string: text).bytes) }
            for number in FilterModel.numbers {
                for term in MetadataTerm.terms(of: field, .number(Number(number))) { terms.insert(term.bytes) }
            }
            for number in FilterModel.integers {
                for term in MetadataTerm.terms(of: field, .number(Number(number))) { terms.insert(term.bytes) }
            }
        }
        let sorted = terms.sorted { $0.lexicographicallyPrecedes($1) }
        for (first, second) in zip(sorted, sorted.dropFirst()) { #expect(!second.starts(with: first)) }
    }

    @Test("a record keeps metadata; cut or changed it is refused or another record, and never harms")
    func records() {
        var generator = SeededGenerator(seed: 32)
        for _ in 0..<300 {
            let passage = Passage(id: "é", title: "t", text: "x\u{0}", metadata: FilterModel.metadata(&generator))
            let record = PassageRecord.encode(passage)
            #expect(PassageRecord.decode(record) == passage)
            #expect(PassageRecord.decode(record + [0]) == nil)
            #expect(
                PassageRecord.decode(Array(record.prefix(Int.random(in: 0..<record.count, using: &generator)))) == nil)
            var changed = record
            changed[Int.random(in: 0..<record.count, using: &generator)] ^= UInt8(
                1 << Int.random(in: 0..<8, using: &generator))
            if let other = PassageRecord.decode(changed) { #expect(MetadataValue.problems(of: other.metadata) == []) }
        }
    }
}
