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
        for head in 0..<layout.keyHeadCount {
            for channel in 0..<layout.headSize {
                for token in 0..<count { Self.append(keys[place(token, head, channel)], to: &bytes) }
            }
            for token in 0..<count {
                for channel in 0..<layout.headSize { Self.append(values[place(token, head, channel)], to: &bytes) }
            }
        }
    }

    func appendInt8(to bytes: inout [UInt8]) {
        let headSize = layout.headSize
        for head in 0..<layout.keyHeadCount {
            // Keys have channels that are large in all tokens: a scale for each of them keeps the others precise.
            Self.appendRows(headSize, count, to: &bytes) { keys[place($1, head, $0)] }
            Self.appendRows(count, headSize, to: &bytes) { values[place($0, head, $1)] }
        }
    }

    private func place(_ token: Int, _ head: Int, _ channel: Int) -> Int {
        (token * layout.keyHeadCount + head) * layout.headSize + channel
    }

    private static func append(_ number: Float, to bytes: inout [UInt8]) {
        let rounded = BFloat16(number)
        // The largest float32 numbers round to infinity.
        let bits = rounded.float.isFinite ? rounded.bits : 0
        bytes.append(UInt8(truncatingIfNeeded: bits))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
    }

    /// Scales of all rows, then whole numbers.
    private static func appendRows(
        _ rows: Int, _ columns: Int, to bytes: inout [UInt8], _ number: (_ row: Int, _ column: Int) -> Float
    ) {
        var scales: [Float] = []
        scales.reserveCapacity(rows)
        for row in 0..<rows {
            var largest: Float = 0
            for column in 0..<columns { largest = max(largest, abs(number(row, column))) }
            let scale = BFloat16(min(largest / 127, 0x1p120))
            append(scale.float, to: &bytes)
            scales.append(scale.float)
        }
        for row in 0..<rows {
            let scale = scales[row] > 0 ? scales[row] : .infinity
            for column in 0..<columns {
                // A scale that was rounded down may ask for slightly more than 127.
                let whole = (number(row, column) / scale).rounded()
                bytes.append(UInt8(bitPattern: Int8(max(-127, min(127, whole)))))
            }
        }
    }
}
