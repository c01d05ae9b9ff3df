import Regex

/// Cuts text into words, each of which is encoded by itself.
struct PreTokenizer: Sendable {
    /// Applied in order, each to the pieces of the one before.
    let steps: [SplitStep]
    /// Before which step (`steps.count`: after all) pieces that do not start with a space get one; nil for never.
    let prefixSpaceBefore: Int?
    /// Rewrites the text before the first step.
    let metaspace: Metaspace?

    /// Pieces per batch: enough to amortize the cost of a call, few enough for the L1 cache.
    private static let batch = 2048

    /// A text becomes at most this many times as long.
    var growth: Int {
        let mark = metaspace.map { $0.replacement.count } ?? 0
        return (prefixSpaceBefore == nil ? 1 : 2) * (1 + mark) * max(1, mark)
    }

    /// Calls `body` with the words of `text[region]`, batch after batch, as ranges of the text that it is given.
    ///
    /// - Parameter isAtStart: whether nothing, not even an added token, stands before the region.
    func forEachBatch(
        of text: UTF8Span, _ region: Range<Int>, isAtStart: Bool, _ scratch: inout PieceScratch,
        _ body: (Span<UInt8>, [Range<Int>]) -> Void
    ) throws(RegexError) {
        guard !region.isEmpty else { return }
        if let metaspace {
            let marked = metaspace.marked([UInt8](copying: text.span, region), isAtStart: isAtStart)
            let changed = String(decoding: marked, as: UTF8.self)
            try forEachBatch(of: changed.utf8Span, 0..<marked.count, &scratch, body)
        } else {
            try forEachBatch(of: text, region, &scratch, body)
        }
    }

    private func forEachBatch(
        of text: UTF8Span, _ region: Range<Int>, _ scratch: inout PieceScratch,
        _ body: (Span<UInt8>, [Range<Int>]) -> Void
    ) throws(RegexError) {
        if prefixSpaceBefore == 0 {
            let changed = Self.prefixing(text.span, [region])
            try forEachBatch(of: changed.text.utf8Span, 0..<changed.text.utf8.count, from: 0, &scratch, body)
        } else {
            try forEachBatch(of: text, region, from: 0, &scratch, body)
        }
    }

    private func forEachBatch(
        of text: UTF8Span, _ region: Range<Int>, from first: Int, _ scratch: inout PieceScratch,
        _ body: (Span<UInt8>, [Range<Int>]) -> Void
    ) throws(RegexError) {
        guard let step = steps.first else {
            body(text.span, [region])
            return
        }
        var progress = SplitProgress()
        while !progress.isFinished {
            scratch.pieces.removeAll(keepingCapacity: true)
            try step.nextPieces(
                of: text, region, &progress, limit: Self.batch, &scratch.matches, into: &scratch.pieces)
            if let place = prefixSpaceBefore, place > 0 {
                try apply(steps[1..<place], to: text, &scratch)
                let changed = Self.prefixing(text.span, scratch.pieces)
                scratch.pieces = changed.pieces
                try apply(steps[place...], to: changed.text.utf8Span, &scratch)
                body(changed.text.utf8Span.span, scratch.pieces)
            } else {
                try apply(steps[1...], to: text, &scratch)
                body(text.span, scratch.pieces)
            }
        }
    }

    private func apply(
        _ steps: ArraySlice<SplitStep>, to text: UTF8Span, _ scratch: inout PieceScratch
    ) throws(RegexError) {
        for step in steps {
            scratch.cut.removeAll(keepingCapacity: true)
            for piece in scratch.pieces {
                var progress = SplitProgress()
                while !progress.isFinished {
                    try step.nextPieces(
                        of: text, piece, &progress, limit: .max, &scratch.matches, into: &scratch.cut)
                }
            }
            swap(&scratch.pieces, &scratch.cut)
        }
    }

    /// The pieces in a new text, each starting with a space.
    private static func prefixing(_ text: Span<UInt8>, _ pieces: [Range<Int>]) -> (text: String, pieces: [Range<Int>]) {
        var bytes: [UInt8] = []
        var moved: [Range<Int>] = []
        for piece in pieces {
            let start = bytes.count
            if text[piece.lowerBound] != UInt8(ascii: " ") { bytes.append(UInt8(ascii: " ")) }
            for index in piece { bytes.append(text[index]) }
            moved.append(start..<bytes.count)
        }
        return (String(decoding: bytes, as: UTF8.self), moved)
    }
}

extension [UInt8] {
    /// The bytes of `span[range]`.
    init(copying span: Span<UInt8>, _ range: Range<Int>) {
        self.init()
        reserveCapacity(range.count)
        for index in range { append(span[index]) }
    }
}

/// Working memory of a `PreTokenizer`.
struct PieceScratch: Sendable {
    var matches: [Range<Int>] = []
    var pieces: [Range<Int>] = []
    var cut: [Range<Int>] = []

    /// Arrays that grew beyond this many ranges are freed after the call.
    private static let keptRanges = 1 << 14

    /// Frees what a long text left behind.
    mutating func shrink() {
        if max(matches.capacity, pieces.capacity, cut.capacity) > Self.keptRanges { self = PieceScratch() }
    }
}
