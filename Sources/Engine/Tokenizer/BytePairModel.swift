/// Byte-pair encoding of one word: its bytes or characters as tokens, then again and again the merge of lowest rank,
/// leftmost first.
///
/// Source: Sennrich, Haddow, Birch, "Neural Machine Translation of Rare Words with Subword Units" (ACL 2016); over
/// bytes as in GPT-2, or over characters as in SentencePiece.
struct BytePairModel: Sendable {
    /// What a word is made of before the first merge.
    enum Symbols: Sendable {
        /// The id of each byte; -1 where the vocabulary has none, and the byte is left out as in the `tokenizers`
        /// package.
        case bytes([Int32])
        case characters(CharacterTable)
    }

    let symbols: Symbols
    let merges: MergeTable
    /// With `ignore_merges`: words that stand in the vocabulary are their own token, whatever the merges say.
    let wholeWords: TokenTable?
    /// Whether no token spans the start of a run of SentencePiece's space marks: then a text without a pre-tokenizer
    /// can be cut there, and its words are found in the cache.
    let cutsAtMarks: Bool

    /// SentencePiece's mark for a space, U+2581.
    static let mark = Array("\u{2581}".utf8)

    /// Up to here, searching all pairs for the best one is faster than keeping them in order.
    private static let shortWordBytes = 64

    /// Appends the ids of `text[word]`.
    ///
    /// - Complexity: O(n log n) in the word's bytes.
    func encode(_ text: Span<UInt8>, _ word: Range<Int>, _ scratch: inout WordScratch, into ids: inout [Int32]) {
        guard cutsAtMarks else {
            encodeWhole(text, word, &scratch, into: &ids)
            return
        }
        var start = word.lowerBound
        var place = start
        var followsMark = true
        while place < word.upperBound {
            let isMark = text.starts(with: Self.mark, at: place)
            if isMark, !followsMark {
                encodeWhole(text, start..<place, &scratch, into: &ids)
                start = place
            }
            followsMark = isMark
            place += isMark ? Self.mark.count : 1
        }
        encodeWhole(text, start..<word.upperBound, &scratch, into: &ids)
    }

    private func encodeWhole(
        _ text: Span<UInt8>, _ word: Range<Int>, _ scratch: inout WordScratch, into ids: inout [Int32]
    ) {
        if word.count == 1, case .bytes(let byteIDs) = symbols {
            let id = byteIDs.span[Int(text[word.lowerBound])]
            if id >= 0 { ids.append(id) }
            return
        }
        let hash = TokenTable.hash(text, word)
        if word.count <= WordCache.maximumWordBytes, scratch.cache.append(text, word, hash: hash, to: &ids) { return }
        let start = ids.count
        if let id = wholeWords?.id(of: text, word, hash: hash) {
            ids.append(id)
        } else if word.count <= Self.shortWordBytes {
            mergeShort(text, word, into: &ids)
        } else {
            mergeLong(text, word, &scratch, into: &ids)
        }
        scratch.cache.store(text, word, hash: hash, ids: ids[start...])
    }

    @inline(__always)
    private func forEachSymbol(of text: Span<UInt8>, _ word: Range<Int>, _ body: (Int32) -> Void) {
        switch symbols {
        case .bytes(let byteIDs):
            let byteIDs = byteIDs.span
            for index in word {
                let id = byteIDs[Int(text[index])]
                if id >= 0 { body(id) }
            }
        case .characters(let table): table.forEachSymbol(of: text, word, body)
        }
    }

    /// Looks through all pairs before each merge; everything stays on the stack.
    private func mergeShort(_ text: Span<UInt8>, _ word: Range<Int>, into ids: inout [Int32]) {
        var symbols = InlineArray<64, Int32>(repeating: 0)
        // ranks[i] is that of symbols i and i + 1.
        var ranks = InlineArray<64, UInt32>(repeating: MergeTable.never)
        var count = 0
        forEachSymbol(of: text, word) { id in
            symbols[count] = id
            if count > 0 { ranks[count - 1] = merges.rank(symbols[count - 1], id) }
            count += 1
        }
        while count > 1 {
            var best = MergeTable.never
            var place = 0
            for index in 0..<count - 1 where ranks[index] < best {
                best = ranks[index]
                place = index
            }
            if best == MergeTable.never { break }
            symbols[place] = merges.product(ofRank: best)
            count -= 1
            for index in place + 1..<max(count, place + 1) {
                symbols[index] = symbols[index + 1]
                ranks[index] = ranks[index + 1]
            }
            ranks[count - 1] = MergeTable.never
            if place > 0 { ranks[place - 1] = merges.rank(symbols[place - 1], symbols[place]) }
            if place + 1 < count { ranks[place] = merges.rank(symbols[place], symbols[place + 1]) }
        }
        for index in 0..<count { ids.append(symbols[index]) }
    }

    /// Keeps the symbols in a linked list and the pairs in a heap.
    private func mergeLong(
        _ text: Span<UInt8>, _ word: Range<Int>, _ scratch: inout WordScratch, into ids: inout [Int32]
    ) {
        scratch.startWord()
        forEachSymbol(of: text, word) { scratch.symbols.append($0) }
        let count = scratch.symbols.count
        guard count > 0 else { return }
        for index in 0..<count {
            scratch.next.append(Int32(truncatingIfNeeded: index + 1))
            scratch.previous.append(Int32(truncatingIfNeeded: index - 1))
            let rank =
                index + 1 < count ? merges.rank(scratch.symbols[index], scratch.symbols[index + 1]) : MergeTable.never
            scratch.ranks.append(rank)
            if rank != MergeTable.never { scratch.pairs.append(rank: rank, place: index) }
        }
        scratch.pairs.order()
        while let (rank, place) = scratch.pairs.popLowest() {
            // The pair was merged away or has another right half by now.
            guard scratch.ranks[place] == rank else { continue }
            let right = Int(scratch.next[place])
            let after = Int(scratch.next[right])
            scratch.symbols[place] = merges.product(ofRank: rank)
            scratch.next[place] = Int32(truncatingIfNeeded: after)
            scratch.ranks[right] = MergeTable.never
            if after < count { scratch.previous[after] = Int32(truncatingIfNeeded: place) }
            rankAgain(place, after < count ? after : nil, &scratch)
            let before = Int(scratch.previous[place])
            if before >= 0 { rankAgain(before, place, &scratch) }
        }
        var place = 0
        while place < count {
            ids.append(scratch.symbols[place])
            place = Int(scratch.next[place])
        }
    }

    @inline(__always)
    private func rankAgain(_ left: Int, _ right: Int?, _ scratch: inout WordScratch) {
        guard let right else {
            scratch.ranks[left] = MergeTable.never
            return
        }
        let rank = merges.rank(scratch.symbols[left], scratch.symbols[right])
        scratch.ranks[left] = rank
        if rank != MergeTable.never { scratch.pairs.push(rank: rank, place: left) }
    }
}
