import CKernels
public import Core

/// Vectors that are compared with every query, in bf16 and as the codes of a first pass (`flat.h`). Immutable, shared
/// by all threads.
@safe public final class FlatBlock: Sendable {
    public let rows: [UInt32]
    public let dimension: Int
    /// What the codes are relative to.
    public let centre: FlatCentre

    // Sendable because nobody writes after `init`.
    nonisolated(unsafe) let block: imprag_flat_block
    private let memory: PanelMemory

    /// Vectors of a panel.
    package static let panelRows = imprag_flat_lanes

    /// - Parameters:
    ///   - rows: their numbers, ascending; at least one.
    ///   - vectors: `[rows.count × dimension]`.
    public init(rows: [UInt32], vectors: [BFloat16], dimension: Int, centre: FlatCentre) {
        precondition(
            !rows.isEmpty && vectors.count == rows.count * dimension && centre.dimension == dimension,
            "\(vectors.count) numbers for \(rows.count) rows of \(dimension)")
        self.rows = rows
        self.dimension = dimension
        self.centre = centre
        let panels = (rows.count + Self.panelRows - 1) / Self.panelRows
        let (vectorBytes, floatBytes) = (vectors.count * 2, panels * Self.panelRows * 4)
        let codes = imprag_flat_bytes(rows.count, dimension) - 2 * floatBytes
        memory = PanelMemory(byteCount: codes + 2 * floatBytes + rows.count * 4 + vectorBytes)
        let base = unsafe memory.base
        let (scales, slacks) = unsafe (base + codes, base + codes + floatBytes)
        let numbers = unsafe base + codes + 2 * floatBytes
        unsafe numbers.copyMemory(from: rows, byteCount: rows.count * 4)
        unsafe (numbers + rows.count * 4).copyMemory(from: vectors, byteCount: vectorBytes)
        var block = unsafe imprag_flat_block(
            count: rows.count, depth: dimension, is_run: Int(rows[rows.count - 1]) - Int(rows[0]) == rows.count - 1,
            vectors: UnsafePointer((numbers + rows.count * 4).assumingMemoryBound(to: UInt16.self)),
            rows: UnsafePointer(numbers.assumingMemoryBound(to: UInt32.self)), centre: centre.numbers,
            codes: base.assumingMemoryBound(to: Int8.self), scales: scales.assumingMemoryBound(to: Float.self),
            slacks: slacks.assumingMemoryBound(to: Float.self), reach: 0)
        unsafe imprag_flat_code(&block, VectorLimit.magnitude)
        unsafe self.block = block
    }

    public var count: Int { rows.count }

    /// Panels of 16 vectors, the last perhaps not full.
    public var panelCount: Int { (rows.count + Self.panelRows - 1) / Self.panelRows }

    /// The vectors of the rows at `places`, one after the other.
    public func vectors(_ places: some Sequence<Int>) -> [BFloat16] {
        var numbers: [BFloat16] = []
        for place in places {
            precondition(place >= 0 && place < count, "place \(place) of \(count)")
            let vector = unsafe UnsafeRawBufferPointer(start: block.vectors + place * dimension, count: 2 * dimension)
            unsafe appendNumbers(of: vector.bytes, to: &numbers)
        }
        return numbers
    }

    /// Memory of a block of `count` vectors, without its centre.
    public static func byteCount(count: Int, dimension: Int) -> Int {
        imprag_flat_bytes(count, dimension) + count * (2 * dimension + 8)
    }

    /// Which vectors may be found, a word a panel.
    @safe public struct Allowed: Sendable {
        let words: [UInt16]
        /// How many there are.
        public let count: Int
    }

    /// The vectors whose rows are in `rows`.
    public func allowed(_ rows: RowSet) -> Allowed {
        var count = 0
        let words = unsafe [UInt16](unsafeUninitializedCapacity: panelCount) { words, initialized in
            count = unsafe withUnsafePointer(to: block) { block in
                unsafe imprag_flat_allow(block, rows.words, rows.bitCount, words.baseAddress)
            }
            initialized = panelCount
        }
        return Allowed(words: words, count: count)
    }
}

/// The point that the codes of some blocks are relative to: the nearer the vectors are to it, the closer their bounds.
@safe public final class FlatCentre: Sendable {
    public let dimension: Int
    // Sendable because nobody writes after `init`.
    nonisolated(unsafe) let numbers: UnsafePointer<Float>
    private let memory: PanelMemory

    /// The mean of some vectors, `[n × dimension]`; zeros without any, or where a number is beyond `VectorLimit`.
    public init(of vectors: [BFloat16], dimension: Int) {
        self.dimension = dimension
        memory = PanelMemory(byteCount: max(1, dimension) * 4)
        let mean = unsafe memory.base.assumingMemoryBound(to: Float.self)
        unsafe mean.initialize(repeating: 0, count: dimension)
        unsafe numbers = UnsafePointer(mean)
        let count = dimension > 0 ? vectors.count / dimension : 0
        guard count > 0 else { return }
        for row in 0..<count {
            for place in 0..<dimension { unsafe mean[place] += vectors[row * dimension + place].float }
        }
        var isWithin = true
        for place in 0..<dimension {
            unsafe mean[place] /= Float(count)
            isWithin = unsafe isWithin && VectorLimit.holds(mean[place])
        }
        if !isWithin { unsafe mean.update(repeating: 0, count: dimension) }
    }
}
