import Core
import Kernels

/// One layer's keys and values of the tokens that a state keeps, on their way into bytes (`states.h`).
struct StateNumbers {
    let layout: KeyValueLayout
    let count: Int
    /// `[count × keyWidth]`, finite.
    let keys: [Float]
    let values: [Float]

    /// - Parameters:
    ///   - keys, values: of all tokens.
    ///   - places: of the tokens that are kept, for each key head; equally many in all.
    init(layout: KeyValueLayout, keys: [Float], values: [Float], places: [[Int]]) {
        self.layout = layout
        count = places[0].count
        self.keys = Self.gather(keys, places, layout)
        self.values = Self.gather(values, places, layout)
    }

    private static func gather(_ numbers: [Float], _ places: [[Int]], _ layout: KeyValueLayout) -> [Float] {
        var gathered: [Float] = []
        gathered.reserveCapacity(places[0].count * layout.keyWidth)
        for index in places[0].indices {
            for head in 0..<layout.keyHeadCount {
                let first = (places[head][index] * layout.keyHeadCount + head) * layout.headSize
                for number in numbers[first..<first + layout.headSize] {
                    gathered.append(number.isFinite ? number : 0)
                }
            }
        }
        return gathered
    }

    func appendBFloat16(to bytes: inout [UInt8]) {
        var place = Self.makeRoom(4 * keys.count, in: &bytes)
        for head in 0..<layout.keyHeadCount {
            for row in keyRows(head) { Self.put(keys, row, at: &place, in: &bytes) }
            for row in valueRows(head) { Self.put(values, row, at: &place, in: &bytes) }
        }
    }

    func appendInt8(to bytes: inout [UInt8]) {
        let rows = layout.keyHeadCount * (layout.headSize + count)
        var place = Self.makeRoom(2 * keys.count + 2 * rows, in: &bytes)
        for head in 0..<layout.keyHeadCount {
            // Keys have channels that are large in all tokens: a scale for each of them keeps the others precise.
            Self.putRounded(keys, keyRows(head), at: &place, in: &bytes)
            Self.putRounded(values, valueRows(head), at: &place, in: &bytes)
        }
    }

    /// Where the numbers of one row of a state stand in `keys` or `values`.
    private typealias Row = StrideTo<Int>

    /// Of each channel of a head, all tokens.
    private func keyRows(_ head: Int) -> [Row] {
        (0..<layout.headSize).map {
            stride(from: head * layout.headSize + $0, to: keys.count, by: layout.keyWidth)
        }
    }

    /// Of each token of a head, all channels.
    private func valueRows(_ head: Int) -> [Row] {
        (0..<count).map {
            let first = $0 * layout.keyWidth + head * layout.headSize
            return stride(from: first, to: first + layout.headSize, by: 1)
        }
    }

    /// Where the next `count` bytes go.
    private static func makeRoom(_ count: Int, in bytes: inout [UInt8]) -> Int {
        bytes.append(contentsOf: repeatElement(0, count: count))
        return bytes.count - count
    }

    private static func put(_ numbers: [Float], _ row: Row, at place: inout Int, in bytes: inout [UInt8]) {
        for index in row { put(BFloat16(numbers[index]), at: &place, in: &bytes) }
    }

    private static func put(_ number: BFloat16, at place: inout Int, in bytes: inout [UInt8]) {
        // The largest float32 numbers round to infinity.
        let bits = number.bits & 0x7F80 == 0x7F80 ? 0 : number.bits
        bytes[place] = UInt8(truncatingIfNeeded: bits)
        bytes[place + 1] = UInt8(truncatingIfNeeded: bits >> 8)
        place += 2
    }

    /// Scales of all rows, then whole numbers.
    private static func putRounded(_ numbers: [Float], _ rows: [Row], at place: inout Int, in bytes: inout [UInt8]) {
        var scales: [Float] = []
        scales.reserveCapacity(rows.count)
        for row in rows {
            var largest: Float = 0
            for index in row { largest = max(largest, numbers[index].magnitude) }
            let scale = BFloat16(min(largest / 127, 0x1p120))
            put(scale, at: &place, in: &bytes)
            scales.append(scale.float > 0 ? scale.float : .infinity)
        }
        for (row, scale) in zip(rows, scales) {
            for index in row {
                // A scale that was rounded down may ask for slightly more than 127.
                let clamped = max(-127, min(127, numbers[index] / scale))
                // To nearest, even: the sum has no room for a fraction. (`rounded` calls a function of the C library.)
                bytes[place] = UInt8(truncatingIfNeeded: (clamped + 0x1.8p23).bitPattern)
                place += 1
            }
        }
    }
}
