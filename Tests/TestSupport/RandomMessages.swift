internal import Core
public import Wire

/// Random messages of every kind, the same for the same seed.
public struct RandomMessages {
    public var random: SeededGenerator

    public init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    public mutating func count(_ limit: Int = 5) -> Int { Int.random(in: 0...limit, using: &random) }

    mutating func epoch() -> Int { count([0, 5, 1 << 62].randomElement(using: &random) ?? 0) }

    mutating func text() -> String {
        let pieces = ["", "a", "Zürich", "\u{0}", "\n", "東京", "👩‍🚀", " ", "\"", "passage", "\u{FFFD}"]
        return (0..<count()).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
    }

    mutating func list<Element>(_ make: (inout RandomMessages) -> Element) -> [Element] {
        var result: [Element] = []
        for _ in 0..<count() { result.append(make(&self)) }
        return result
    }

    mutating func float() -> Float { Float.random(in: -100...100, using: &random) }
    mutating func duration() -> Duration { .microseconds(Int.random(in: 0...1 << 40, using: &random)) }
    mutating func optional<Value>(_ make: (inout RandomMessages) -> Value) -> Value? {
        Bool.random(using: &random) ? make(&self) : nil
    }
    mutating func any<Value: CaseIterable>(_ type: Value.Type) -> Value {
        guard let value = Value.allCases.randomElement(using: &random) else { preconditionFailure("no cases") }
        return value
    }
    mutating func fingerprint() -> Fingerprint? {
        Fingerprint(bytes: (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) })
    }
    mutating func updateKey() -> UpdateKey? {
        UpdateKey(bytes: (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) })
    }
    mutating func stateKey() -> StateKey {
        guard let key = StateKey(bytes: (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }) else {
            preconditionFailure("32 bytes are a key")
        }
        return key
    }
    mutating func sample() -> MetricSample {
        let value: MetricSample.Value =
            switch count(2) {
            case 0: .counter(count(.max))
            case 1: .gauge(double())
            default: .histogram(histogram())
            }
        let labels = (0..<count()).map { MetricLabel("label_\($0)", text()) }
        return MetricSample("imprag_metric_\(count())", labels: labels, value)
    }
    mutating func histogram() -> HistogramFigures {
        let histogram = Histogram()
        for _ in 0..<count() { histogram.record(duration()) }
        return histogram.figures
    }
    mutating func double() -> Double { Double.random(in: -1e6...1e6, using: &random) }
    mutating func field() -> String { "f" + text() }
    mutating func number() -> Number {
        Bool.random(using: &random) ? Number(double()) : Number(Int64.random(in: .min ... .max, using: &random))
    }
    mutating func metadata() -> [ByteString: MetadataValue] {
        var metadata: [ByteString: MetadataValue] = [:]
        for _ in 0..<count() {
            metadata[ByteString(field())] =
                switch count(2) {
                case 0: .string(text())
                case 1: .number(number())
                default: .strings(list { $0.text() })
                }
        }
        return metadata
    }
    mutating func passage() -> Passage { Passage(id: text(), title: text(), text: text(), metadata: metadata()) }
    mutating func scalar() -> Filter.Scalar { Bool.random(using: &random) ? .string(text()) : .number(number()) }
    mutating func bound() -> Filter.Bound { Filter.Bound(number(), isInclusive: Bool.random(using: &random)) }
    mutating func filter(depth: Int = 4) -> Filter {
        switch count(depth > 0 ? 5 : 2) {
        case 0: .equals(field: field(), scalar())
        case 1: .isOneOf(field: field(), list { $0.scalar() })
        case 2: .range(field: field(), lower: optional { $0.bound() }, upper: optional { $0.bound() })
        case 3: .all(list { $0.filter(depth: depth - 1) })
        case 4: .any(list { $0.filter(depth: depth - 1) })
        default: .not(filter(depth: depth - 1))
        }
    }
    mutating func options() -> SearchOptions {
        SearchOptions(
            isExact: Bool.random(using: &random), recall: optional { $0.double() }, probes: optional { $0.count() },
            candidates: optional { $0.count() }, filter: optional { $0.filter() },
            minEpoch: epoch())
    }
    mutating func rank() -> Int { Int(UInt32.random(in: 0...(.max), using: &random)) }
    mutating func place() -> ListPlace { ListPlace(score: float(), rank: rank()) }
    mutating func scored() -> ScoredPassage {
        ScoredPassage(
            passage: passage(), score: float(), rank: rank(), byVector: optional { $0.place() },
            byWords: optional { $0.place() })
    }
    mutating func words() -> WordsOptions {
        WordsOptions(mode: any(WordsMode.self), weight: optional { $0.double() })
    }
    mutating func shardWords() -> ShardWords {
        let terms = list { $0.text() }
        return ShardWords(
            terms: terms, passages: 5 + count(), tokens: Int.max - count(),
            passagesWithTerm: terms.map { _ in count() },
            hits: list { random in
                let titleTerms = terms.indices.filter { _ in Bool.random(using: &random.random) }
                return ShardWordHit(
                    passage: random.passage(), frequencies: terms.map { _ in random.rank() }, length: random.rank(),
                    titleTerms: titleTerms, titleCount: titleTerms.count + random.rank())
            },
            weight: optional { Double.random(in: 0...1, using: &$0.random) })
    }
    mutating func completeness() -> Completeness {
        Completeness(
            shards: list {
                ShardOutcome(
                    name: $0.text(), state: $0.any(ShardState.self), message: $0.text(), passagesSearched: $0.count(),
                    duration: $0.duration(), searchTime: $0.duration(), turn: $0.any(ShardTurn.self),
                    partitions: $0.list { $0.partitionFigures() })
            },
            passagesSearched: count(), passagesTotal: Int.max - count(), isComplete: Bool.random(using: &random))
    }
    mutating func record() -> AskRecord? {
        guard let fingerprint = fingerprint() else { return nil }
        return AskRecord(
            fingerprint: fingerprint, coordinator: arithmetic(), collectionID: text(),
            collectionName: text(), k: count(1000), encoding: any(PassageEncoding.self),
            wordsWeight: optional { Double.random(in: 0...1, using: &$0.random) }, sampling: sampling(),
            partitions: list { $0.partitionFigures() }, abstains: Bool.random(using: &random),
            generator: optional { $0.arithmetic() })
    }
    mutating func arithmetic() -> Arithmetic { Arithmetic(build: text(), compute: text(), kernels: text()) }
    mutating func timings() -> Timings {
        Timings(
            queue: duration(), prompt: duration(), search: duration(), read: duration(), firstToken: duration(),
            total: duration())
    }
    mutating func sampling() -> SamplingOptions {
        SamplingOptions(
            temperature: Double.random(in: 0...2, using: &random),
            topP: optional { Double.random(in: 0...1, using: &$0.random) }, topK: count(),
            seed: optional { $0.random.next() }, stop: list { $0.text() }, maxTokens: optional { $0.count(1000) })
    }
    mutating func askedSampling() -> SamplingOptions {
        var sampling = sampling()
        sampling.topLogprobs = optional { $0.count() }
        return sampling
    }
    mutating func candidate() -> TokenCandidate {
        TokenCandidate(token: Int32.random(in: .min ... .max, using: &random), bytes: [0xE2, 0], logprob: float())
    }

    mutating func request() -> Request {
        switch Int.random(in: 0..<13, using: &random) {
        case 0:
            .ask(
                AskRequest(
                    prompt: text(), k: optional { $0.count() }, encoding: optional { $0.any(PassageEncoding.self) },
                    sampling: askedSampling(), completeness: any(CompletenessPolicy.self),
                    omitPassageText: Bool.random(using: &random), options: options(), words: words(),
                    messages: list { ChatMessage(role: $0.text(), content: $0.text()) },
                    speculates: Bool.random(using: &random), measuresTokens: Bool.random(using: &random),
                    abstains: optional { Bool.random(using: &$0.random) }))
        case 1:
            .search(
                SearchRequest(
                    prompt: text(), k: optional { $0.count() }, completeness: any(CompletenessPolicy.self),
                    options: options(), words: words()))
        case 2: .status
        case 3: .cancel
        case 4: .ping
        case 5:
            .shardSearch(
                ShardSearchRequest(
                    k: count(), options: options(), words: optional { WordsQuery(text: $0.text(), count: $0.count()) },
                    partitions: list { $0.count() }, client: UInt64.random(in: .min ... .max, using: &random)))
        case 6:
            .upsert(
                UpsertRequest(
                    passages: list { $0.passage() }, wait: any(UpdateWait.self), key: optional { $0.updateKey() } ?? nil
                ))
        case 7:
            .delete(
                DeleteRequest(
                    ids: list { $0.text() }, wait: any(UpdateWait.self), key: optional { $0.updateKey() } ?? nil))
        case 8: .apply(ApplyRequest(epoch: max(1, epoch()), update: optional { $0.count() }))
        case 9: .fetchStates(FetchStatesRequest(keys: [stateKey()] + list { $0.stateKey() }))
        case 11: .embed(EmbedRequest(texts: list { $0.text() }, role: any(EmbeddingRole.self)))
        case 10: .storeStates(StoreStatesRequest(keys: [stateKey()] + list { $0.stateKey() }))
        default:
            .generate(
                GenerateRequest(
                    promptTokens: list { Int32.random(in: .min ... .max, using: &$0.random) }, k: count(),
                    passages: list { $0.passage() }, encoding: optional { $0.any(PassageEncoding.self) },
                    sampling: askedSampling(),
                    resumeTokens: list { Int32.random(in: .min ... .max, using: &$0.random) },
                    speculates: Bool.random(using: &random), measuresTokens: Bool.random(using: &random),
                    client: UInt64.random(in: .min ... .max, using: &random)))
        }
    }

    mutating func partitionOutcome() -> PartitionOutcome {
        PartitionOutcome(partition: count(), inserted: count(), replaced: count(), deleted: count())
    }

    mutating func partitionFigures() -> PartitionFigures {
        PartitionFigures(partition: count(), passages: count(), epoch: epoch(), searchTime: duration())
    }

    mutating func reply() -> Reply {
        switch Int.random(in: 0..<15, using: &random) {
        case 0:
            .failure(
                Failure(
                    code: any(ErrorCode.self), message: text(), node: text(),
                    isOtherCollection: Bool.random(using: &random)))
        case 1:
            .sources(
                AskSources(
                    passages: list { $0.scored() }, completeness: completeness(),
                    isFiltered: Bool.random(using: &random), hasWords: Bool.random(using: &random)))
        case 2:
            .token(
                AnswerToken(
                    text: text(), token: optional { Int32.random(in: .min ... .max, using: &$0.random) },
                    logprob: float(), alternatives: list { $0.candidate() },
                    passageAttention: list { $0.float() }))
        case 3:
            .askDone(
                AskDone(
                    end: any(AnswerEnd.self), passageAttention: list { $0.float() }, promptTokenCount: count(),
                    generatedTokenCount: count(), timings: timings(), completeness: completeness(),
                    proposedTokenCount: count(), acceptedTokenCount: count(),
                    abstention: optional { Abstention($0.any(AbstainReason.self), $0.text()) },
                    record: optional { $0.record() } ?? nil, abstainNotice: text()))
        case 4:
            .search(
                SearchReply(
                    passages: list { $0.scored() }, completeness: completeness(), timings: timings(),
                    isFiltered: Bool.random(using: &random), hasWords: Bool.random(using: &random)))
        case 5:
            .status(
                StatusReply(
                    nodes: list {
                        NodeStatus(
                            name: $0.text(), role: $0.any(NodeRole.self), state: $0.any(NodeState.self),
                            passages: $0.count(), epoch: $0.epoch(),
                            fingerprint: $0.optional { $0.fingerprint() } ?? nil,
                            detail: $0.text(), partitions: $0.list { $0.partitionFigures() },
                            samples: $0.list { $0.sample() }, collection: $0.text(),
                            aliases: $0.list { $0.text() }, dimension: $0.count())
                    }))
        case 6: .ping
        case 7:
            .shardSearch(
                ShardSearchReply(
                    queries: list { QueryHits(passages: $0.list { $0.scored() }) }, passagesSearched: count(),
                    isFiltered: Bool.random(using: &random), words: optional { $0.shardWords() },
                    partitions: list { $0.partitionFigures() }, searchTime: duration()))
        case 8:
            .upsert(
                UpsertReply(
                    epoch: epoch(), cut: count(), found: Bool.random(using: &random), replaced: count(),
                    inserted: count()))
        case 9: .delete(DeleteReply(epoch: epoch(), found: Bool.random(using: &random), deleted: count()))
        case 10: .fetchStates(FetchStatesReply(presence: list { $0.any(StatePresence.self) }))
        case 11: .storeStates(StoreStatesReply(stored: count()))
        case 13:
            .embed(EmbedReply(tokenCounts: [count(), count()], cuts: [true, Bool.random(using: &random)]))
        case 12:
            .apply(ApplyReply(epoch: epoch(), partitions: list { $0.partitionOutcome() }))
        default:
            .generateDone(
                GenerateDone(
                    end: any(AnswerEnd.self), passageAttention: list { $0.float() }, generatedTokenCount: count(),
                    timings: timings(), proposedTokenCount: count(), acceptedTokenCount: count(),
                    arithmetic: optional { $0.arithmetic() }))
        }
    }

    mutating func trace() -> TraceContext? {
        TraceID(high: random.next(), low: random.next()).map {
            TraceContext(trace: $0, span: max(1, random.next()), isSampled: Bool.random(using: &random))
        }
    }

    public mutating func envelope() -> Envelope {
        Envelope(
            requestID: random.next(), deadlineMilliseconds: UInt32.random(in: 0...(.max), using: &random),
            fingerprint: optional { $0.fingerprint() } ?? nil,
            tensors: list { TensorDescription(dataType: $0.any(DataType.self), shape: $0.list { $0.count() }) }
                .compactMap { $0 },
            node: text(), more: Bool.random(using: &random),
            replyNumber: optional { UInt32.random(in: 0...UInt32.max, using: &$0.random) },
            trace: optional { $0.trace() } ?? nil,
            collection: String(text().prefix(4)),
            body: Bool.random(using: &random) ? .request(request()) : .reply(reply()))
    }
}
