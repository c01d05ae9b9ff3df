import Core
import Indexing
import Model

/// What both models are measured with: passages, texts to score and questions, the same in every run.
struct CorpusSample {
    /// A prompt, and what counts as found.
    struct Probe {
        let prompt: String
        let target: Target

        /// The given question behind it, if there is one.
        var question: Question? {
            if case .answers(let question) = target { question } else { nil }
        }
    }

    enum Target {
        case answers(Question)
        /// The index in `passages` of the passage that the question was generated from.
        case passage(Int)
    }

    let passages: [Passage]
    /// Passages of the whole corpus.
    let corpusPassages: Int
    /// Indices of passages.
    let scored: [Int]
    /// Indices of passages that are not scored, in random order.
    let unscored: [Int]
    let probes: [Probe]

    static let seed: UInt64 = 2506

    /// Reads the whole corpus and keeps at most `options.passages` passages of it; errors as `CorpusReader`'s and
    /// `QuestionReader`'s.
    init(_ options: QuantizeOptions, _ progress: ProgressReporter) throws(ImpRAGError) {
        var random = SplitMix64(seed: Self.seed)
        let questions: [Question]?
        if let path = options.questions { questions = try QuestionReader.readAll(path: path) } else { questions = nil }
        (passages, corpusPassages) = try Self.passages(options, &random, progress)
        let order = Array(passages.indices).shuffled(using: &random)
        scored = Array(order.prefix(options.scoredPassages))
        unscored = Array(order.dropFirst(options.scoredPassages))
        if let questions {
            probes = questions.map {
                Probe(
                    prompt: options.questionsAreRaw ? $0.question : Question.prompt($0.question), target: .answers($0))
            }
        } else {
            let passages = passages
            probes = order.suffix(QuantizeOptions.madeQuestions).map {
                Probe(prompt: Question.prompt(passages[$0].firstSentence + "?"), target: .passage($0))
            }
        }
    }

    /// A uniform sample (Vitter's algorithm R, ACM TOMS 1985).
    private static func passages(
        _ options: QuantizeOptions, _ random: inout SplitMix64, _ progress: ProgressReporter
    ) throws(ImpRAGError) -> (sample: [Passage], count: Int) {
        var reader = try CorpusReader(files: options.corpus, format: options.format)
        let tick = progress.begin(.reading, total: reader.totalBytes)
        var sample: [Passage] = []
        var count = 0
        var documents = 0
        while let document = try reader.next() {
            documents += 1
            if documents % 1000 == 0 { try tick(reader.consumedBytes) }
            for passage in document.passages {
                count += 1
                if sample.count < options.passages {
                    sample.append(passage)
                } else if case let place = Int.random(in: 0..<count, using: &random), place < sample.count {
                    sample[place] = passage
                }
            }
        }
        guard !sample.isEmpty else {
            throw ImpRAGError(.invalidArgument, "the corpus holds no passage to measure with")
        }
        return (sample, count)
    }

    /// What 4-bit numbers are rounded by: questions that are answered from a passage, with their answers, of two thirds
    /// of `limit` tokens at most, and passages of about what is left, or fewer where the corpus is small. Nothing that
    /// is measured is among them: no scored passage, and not the first `answered` questions.
    ///
    /// - Parameter found: each question's best passages, best first.
    func readings(_ model: ImpRAGModel, limit: Int, found: [[Int]], answered: Int) throws(ImpRAGError) -> [Reading] {
        var readings: [Reading] = []
        var count = 0
        let measured = Set(scored)
        let given = zip(probes, found).filter { $0.0.question != nil }
        let configuration = model.configuration
        let room = configuration.maxPositions - configuration.topK * configuration.maxPassageTokens
        for (probe, found) in given.dropFirst(answered) where count < limit * 2 / 3 {
            guard let answer = probe.question?.answers.first,
                let place = found.first(where: { isFound(probe, at: $0) }), !measured.contains(place)
            else { continue }
            let text = try model.promptTokens(probe.prompt) + model.completionTokens(" " + answer)
            guard text.count <= room else { continue }
            readings.append(
                Reading(
                    text: text, passages: [try model.passageTokens(passages[place])],
                    requestedPassages: configuration.topK))
            count += readings[readings.count - 1].tokenCount
        }
        for place in unscored where count < limit {
            readings.append(Reading(text: try model.passageTokens(passages[place])))
            count += readings[readings.count - 1].tokenCount
        }
        return readings
    }

    /// Whether passage `place` answers `probe`.
    func isFound(_ probe: Probe, at place: Int) -> Bool {
        switch probe.target {
        case .answers(let question): question.isAnswered(by: passages[place])
        case .passage(let own): own == place
        }
    }
}
