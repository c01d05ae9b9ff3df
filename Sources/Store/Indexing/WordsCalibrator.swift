internal import Core
internal import Storage
internal import VectorIndex
internal import Words

/// Finds the best weight of words: the one with which right passages rank highest in the fused list.
///
/// Generated questions favour words more than real ones do, and a few hundred questions cannot tell a list that finds
/// nearly everything from one that finds everything. So no weight silences either list.
struct WordsCalibrator {
    /// Weights to try, in tenths.
    static let tenths = 2...9
    /// A weight's value is the number of questions with a right passage within each of these ranks, summed.
    static let cutoffs = [1, 5, 10]

    private let questions: [SampleQuestion]
    /// `[questions.count × dimension]`.
    private let vectors: [Float]
    private let areGiven: Bool
    private var byVector: [[(place: PassagePlace, score: Float)]]
    private var byWords: [WordRanking<PassagePlace>]
    /// The places of each question's right passages.
    private var right: [Set<PassagePlace>]

    private static let depth = WordsOptions.leastDepth

    /// - Parameter areGiven: whether the questions were given, instead of generated.
    init(_ questions: [SampleQuestion], vectors: [Float], areGiven: Bool) {
        self.questions = questions
        self.vectors = vectors
        self.areGiven = areGiven
        byVector = questions.map { _ in [] }
        byWords = questions.map { _ in WordRanking() }
        right = questions.map { _ in [] }
    }

    /// Runs all questions on one partition. Partitions come one by one, so that only one index is in memory.
    ///
    /// - Parameter check: called before each question; throws to stop.
    mutating func ask(
        _ live: LivePartition, check: () throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) {
        let (dimension, partition) = (live.partition.dimension, live.partition.number)
        for (number, question) in questions.enumerated() {
            try check()
            let vector = Array(vectors[number * dimension..<(number + 1) * dimension])
            for hit in try live.search(vector, k: Self.depth, deadline: .never).first ?? [] {
                byVector[number].append((PassagePlace(partition: partition, row: hit.row), hit.score))
            }
            byVector[number].sort { ($1.score, $0.place) < ($0.score, $1.place) }
            byVector[number] = Array(byVector[number].prefix(Self.depth))
            if let found = try live.searchWords(
                question.words, count: Self.depth, filter: nil, deadline: .never)
            {
                try byWords[number].add(
                    terms: found.terms, statistics: found.statistics,
                    entries: found.hits.map { hit in
                        WordRanking.Entry(
                            item: PassagePlace(partition: partition, row: hit.row), frequencies: hit.frequencies,
                            length: hit.length, title: hit.title)
                    })
                byWords[number].keep(Self.depth, <)
            }
            for id in question.passages {
                guard let row = try live.partition.row(of: id) else { continue }
                right[number].insert(PassagePlace(partition: partition, row: row))
            }
        }
    }

    /// The result once every partition was asked; nil when too few questions have known right passages.
    ///
    /// - Parameter open: opens a partition by its number.
    func result(
        _ open: (_ number: Int) throws(ImpRAGError) -> Partition
    ) throws(ImpRAGError) -> IndexReport.Words? {
        let right = try judged(open)
        let asked = questions.indices.filter { !right[$0].isEmpty || !questions[$0].answers.isEmpty }
        guard asked.count >= SampleQueries.least else { return nil }
        let lists = asked.map { number in
            (
                vectors: byVector[number].map(\.place), words: byWords[number].best(Self.depth, <).map(\.entry.item),
                right: right[number]
            )
        }
        /// Questions with a right passage within the cutoff in the fused list, for each cutoff.
        func found(_ weight: Double) -> [Int] {
            let fusion = RankFusion(weight: weight)
            let ranks = lists.compactMap { list in
                fusion.join(vectors: list.vectors, words: list.words, count: Self.cutoffs.max() ?? 0)
                    .firstIndex { list.right.contains($0.id) }
            }
            return Self.cutoffs.map { cutoff in ranks.count { $0 < cutoff } }
        }
        func share(_ count: Int?) -> Double { Double(count ?? 0) / Double(asked.count) }
        /// The share of questions with a right passage near the top of one list by itself.
        func recall(_ places: (_ list: Int) -> [PassagePlace]) -> Double {
            let found = lists.indices.count { list in
                places(list).prefix(Self.cutoffs.max() ?? 0).contains { lists[list].right.contains($0) }
            }
            return share(found)
        }
        var best = (tenths: 5, found: found(0.5))
        // From the middle outwards: of equally good weights, the one nearest to it wins.
        for tenths in Self.tenths.sorted(by: { (abs($0 - 5), $0) < (abs($1 - 5), $1) }) {
            let found = found(Double(tenths) / 10)
            if found.reduce(0, +) > best.found.reduce(0, +) { best = (tenths, found) }
        }
        return IndexReport.Words(
            weight: Double(best.tenths) / 10, byVectors: recall { lists[$0].vectors },
            byWords: recall { lists[$0].words },
            joined: share(best.found.last), questions: asked.count, areGiven: areGiven)
    }

    /// The places of right passages, also for questions that only have answers.
    private func judged(
        _ open: (_ number: Int) throws(ImpRAGError) -> Partition
    ) throws(ImpRAGError) -> [Set<PassagePlace>] {
        var right = right
        var candidates: [Int: [(question: Int, row: Int)]] = [:]
        for (number, question) in questions.enumerated() where right[number].isEmpty && !question.answers.isEmpty {
            let places = byVector[number].map(\.place) + byWords[number].best(Self.depth, <).map(\.entry.item)
            for place in Set(places).sorted() {
                candidates[place.partition, default: []].append((number, place.row))
            }
        }
        for (number, candidates) in candidates.sorted(by: { $0.key < $1.key }) {
            let partition = try open(number)
            for (question, row) in candidates {
                guard let passage = try partition.passages(rows: [row]).first ?? nil else { continue }
                if questions[question].isAnswered(by: passage) {
                    right[question].insert(PassagePlace(partition: number, row: row))
                }
            }
        }
        return right
    }
}
