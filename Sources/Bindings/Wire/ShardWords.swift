import CWire

/// What one shard found by words, with everything needed to rescore it by the statistics of the whole collection.
public struct ShardWords: Hashable, Sendable {
    /// The text's distinct terms, in order of first appearance.
    public var terms: [String]
    /// Passages of the lexical index.
    public var passages: Int
    /// The sum of their lengths in terms.
    public var tokens: Int
    /// For each term, the number of passages that have it.
    public var passagesWithTerm: [Int]
    /// Best first by the shard's own statistics; one frequency for each term.
    public var hits: [ShardWordHit]
    /// The weight of words calibrated at indexing, 0 to 1; nil when there was no calibration.
    public var weight: Double?

    public init(
        terms: [String], passages: Int, tokens: Int, passagesWithTerm: [Int], hits: [ShardWordHit],
        weight: Double? = nil
    ) {
        self.terms = terms
        self.passages = passages
        self.tokens = tokens
        self.passagesWithTerm = passagesWithTerm
        self.hits = hits
        self.weight = weight
    }
}

extension ShardWords: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__ShardWords>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        let counts = try unsafe numbers(
            stored.passages_with_term, stored.n_passages_with_term, limit: WireLimit.terms,
            "shard_words.passages_with_term")
        var passagesWithTerm: [Int] = []
        for value in counts { passagesWithTerm.append(try count(value, "shard_words.passages_with_term")) }
        var weight: Double?
        if unsafe stored.weight_presence_case == IMPRAG__SHARD_WORDS__WEIGHT_PRESENCE_WEIGHT {
            weight = unsafe stored.weight
        }
        self.init(
            terms: try unsafe texts(stored.terms, stored.n_terms, limit: WireLimit.terms, "shard_words.terms"),
            passages: try unsafe count(stored.passages, "shard_words.passages"),
            tokens: try unsafe count(stored.tokens, "shard_words.tokens"),
            passagesWithTerm: passagesWithTerm,
            hits: try unsafe messages(stored.hits, stored.n_hits, limit: WireLimit.passages, "shard_words.hits"),
            weight: weight)
        try checkConsistency()
    }

    /// Hits are scored later, so they must match the terms and be in range.
    private func checkConsistency() throws(MalformedField) {
        guard passagesWithTerm.count == terms.count else {
            throw MalformedField("shard_words has \(terms.count) terms and the figures of \(passagesWithTerm.count)")
        }
        if let hit = hits.first(where: { $0.frequencies.count != terms.count }) {
            throw MalformedField(
                "shard_words has \(terms.count) terms and a hit with the frequencies of \(hit.frequencies.count)")
        }
        for hit in hits {
            let isAscending = zip(hit.titleTerms, hit.titleTerms.dropFirst()).allSatisfy { $0 < $1 }
            guard isAscending, hit.titleTerms.last ?? -1 < terms.count, hit.titleTerms.count <= hit.titleCount else {
                throw MalformedField(
                    "shard_words has \(terms.count) terms and a hit whose title of \(hit.titleCount) terms has "
                        + "numbers \(hit.titleTerms) of them")
            }
        }
        if let weight, !(0...1).contains(weight) {
            throw MalformedField("shard_words.weight is \(weight); 0 to 1 is possible")
        }
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__ShardWords> {
        let stored = unsafe arena.make(imprag__shard_words__init)
        unsafe stored.pointee.n_terms = terms.count
        unsafe stored.pointee.terms = arena.array(terms)
        unsafe stored.pointee.passages = UInt64(clamping: passages)
        unsafe stored.pointee.tokens = UInt64(clamping: tokens)
        unsafe stored.pointee.n_passages_with_term = passagesWithTerm.count
        unsafe stored.pointee.passages_with_term = arena.array(passagesWithTerm.map { UInt64(clamping: $0) })
        unsafe stored.pointee.n_hits = hits.count
        unsafe stored.pointee.hits = arena.array(hits)
        if let weight {
            unsafe stored.pointee.weight_presence_case = IMPRAG__SHARD_WORDS__WEIGHT_PRESENCE_WEIGHT
            unsafe stored.pointee.weight = weight
        }
        return unsafe stored
    }
}
