import Core
import TestSupport

/// Changes inputs at random, the same for the same seed: what a fuzzer does that does not look into the program.
public struct Mutator {
    private var random: SeededGenerator

    public init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    /// What formats have in them: numbers at limits, signs of JSON.
    private static let words: [[UInt8]] =
        [
            "null", "{}", "[]", "\"\"", "-1", "1e999", "0.5", "9223372036854775808", "\\ud800", "{\"a\":", "]", "}",
            "\n", "\t",
        ]
        .map { Array($0.utf8) }
        + [
            [0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0x7F], [0, 0, 0, 0, 0, 0, 0, 0x80],
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [0xC3], [0xEF, 0xBB, 0xBF], [0, 0, 0xC0, 0x7F],
        ]

    /// One of `seeds`, changed in a few places.
    public mutating func next(_ seeds: [[UInt8]]) -> [UInt8] {
        guard var bytes = seeds.randomElement(using: &random) else { return [] }
        for _ in 0..<Int.random(in: 1...4, using: &random) { change(&bytes, seeds) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8], _ seeds: [[UInt8]]) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        let end = min(bytes.count, place + Int.random(in: 1...16, using: &random))
        switch Int.random(in: 0..<8, using: &random) {
        case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
        case 1 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 2: bytes.removeSubrange(place..<end)
        case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 4: bytes.insert(contentsOf: Self.words.randomElement(using: &random) ?? [], at: place)
        case 5:
            let word = Self.words.randomElement(using: &random) ?? []
            bytes.replaceSubrange(place..<min(bytes.count, place + word.count), with: word)
        case 6: bytes.removeSubrange(place...)
        default:
            let other = seeds.randomElement(using: &random) ?? []
            let first = Int.random(in: 0...other.count, using: &random)
            bytes.replaceSubrange(place..., with: other[first...])
        }
    }
}
