import Core
import Evaluation
import Storage

/// Asks questions, picks the thresholds below which answers are refused, prints what they are worth, and keeps them
/// with the collection.
///
/// - Parameter prompt: makes the prompt of a question.
func calibrate(
    _ questions: [EvaluationQuestion], prompt: (String) -> String, _ subject: any EvaluationSubject,
    _ arguments: Arguments
) async throws {
    let words = try wordsOptions(arguments).mode
    let aim = try arguments.number("risk", in: 0...1).map { CertaintyCalibrator.Aim.risk($0) } ?? .balance
    if try arguments.integer("k", in: 0...(1 << 30)) == 0 {
        throw UsageError(message: "with --k 0 there is nothing to measure: no passage is read")
    }
    // What is wrong with it is said before the first question.
    let place = try calibrationPlace(arguments).map { try CollectionPlace($0, for: .changing) }
    _ = try place?.collection.manifest(deadline: .after(milliseconds: 60_000))
    let measured = try await measure(questions, prompt: prompt, subject, words)
    let calibrator = CertaintyCalibrator(measured.samples)
    let choice: CertaintyCalibrator.Choice
    do throws(ImpRAGError) {
        choice = try calibrator.choose(aim)
    } catch {
        if !arguments.has("json") { try writeLine(riskTable(calibrator, words)) }
        throw error
    }
    let thresholds = CertaintyThresholds(
        fingerprint: measured.making.fingerprint.description, words: words, encoding: measured.making.encoding,
        k: measured.making.k, vectorScore: choice.vectorScore, wordsScore: choice.wordsScore,
        passageMass: choice.passageMass, questions: measured.samples.count)
    try place?.collection.keep(thresholds, of: measured.making.collection, deadline: .after(milliseconds: 60_000))
    if arguments.has("json") {
        try writeLine(json(thresholds, choice, calibrator, isKept: place != nil).line)
    } else {
        try writeLine(riskTable(calibrator, words) + "\n\n" + text(thresholds, choice, calibrator))
        try writeLine(
            place.map { "kept with the collection in \($0.location), for the same words, encoding and k" }
                ?? "not kept: --store LOCATION, the collection's directory or s3://BUCKET/PREFIX, does that")
    }
    try measured.failures.throwLast(asked: questions.count, total: questions.count)
}

/// Where the thresholds are kept: by itself, only an index that is worked with in this process is known.
private func calibrationPlace(_ arguments: Arguments) -> String? {
    arguments.string("store") ?? arguments.string("index")
}

private struct Measured {
    var samples: [CertaintyCalibrator.Sample] = []
    var failures = EvaluationFailures()
    var making: EvaluatedAnswer.Making
}

private func measure(
    _ questions: [EvaluationQuestion], prompt: (String) -> String, _ subject: any EvaluationSubject, _ words: WordsMode
) async throws -> Measured {
    var (samples, failures): ([CertaintyCalibrator.Sample], EvaluationFailures) = ([], EvaluationFailures())
    var making: EvaluatedAnswer.Making?
    let progress = CountProgress(total: questions.count, unit: "questions")
    for (place, item) in questions.enumerated() {
        do {
            let found = try await subject.answer(prompt(item.question.question))
            failures.succeeded()
            making = found.making ?? making
            let signals = CertaintySignals(found.read, words: words, attention: found.attention)
            let isRight = AnswerText.isExactMatch(found.text, answers: item.question.answers)
            samples.append(CertaintyCalibrator.Sample(signals, isRight: isRight))
        } catch let error as ImpRAGError where error.code != .cancelled {
            progress.finish()
            failures.add(error, "\(item.place): question '\(item.question.id)'")
            if failures.isHopeless { try failures.throwLast(asked: place + 1, total: questions.count) }
        }
        progress.show(done: place + 1)
    }
    progress.finish()
    guard let making else {
        try failures.throwLast(asked: questions.count, total: questions.count)
        throw ImpRAGError(
            .failedPrecondition, "the coordinator does not say what its answers were made with: update it")
    }
    return Measured(samples: samples, failures: failures, making: making)
}

private let coverages = stride(from: 100, to: 0, by: -10).map { Double($0) / 100 }

private func signals(
    _ words: WordsMode
) -> [(name: String, path: KeyPath<CertaintySignals, Float?>)] {
    let mass: (name: String, path: KeyPath<CertaintySignals, Float?>) = ("by attention", \.passageMass)
    return switch words {
    case .off: [("by vector", \.vectorScore), mass]
    case .fuse: [("by vector", \.vectorScore), ("by words", \.wordsScore), mass]
    case .only: [("by words", \.wordsScore), mass]
    }
}

private func percent(_ share: Double) -> String { fixed(100 * share, 1) }

/// How many answers are wrong when only the most certain are given, by each of what tells certainty.
private func riskTable(_ calibrator: CertaintyCalibrator, _ words: WordsMode) -> String {
    let columns = signals(words)
    let rows = coverages.map { coverage in
        [fixed(100 * coverage, 0)] + columns.map { percent(calibrator.risk(of: $0.path, coverage: coverage)) }
    }
    return "% of answers that are wrong when only the most certain are given:\n"
        + table([["% given"] + columns.map(\.name)] + rows)
}

private func text(
    _ thresholds: CertaintyThresholds, _ choice: CertaintyCalibrator.Choice, _ calibrator: CertaintyCalibrator
) -> String {
    let total = thresholds.questions
    let (right, wrong) = (calibrator.rightCount, total - calibrator.rightCount)
    let least = [
        ("score by vector", thresholds.vectorScore), ("score by words", thresholds.wordsScore),
        ("attention mass", thresholds.passageMass),
    ].compactMap { name, value in value.map { "\(name) \($0)" } }
    let given = choice.right + choice.wrong
    return """
        thresholds for words \(thresholds.words), \(thresholds.encoding) encoding and k = \(thresholds.k): \
        \(least.isEmpty ? "none: they refuse nothing" : least.joined(separator: ", "))
        with them \(given) of \(total) questions get an answer, \(percent(Double(choice.wrong) / Double(max(1, given)))) % of which \
        is wrong (without: \(percent(Double(wrong) / Double(max(1, total)))) %); \
        \(percent(1 - Double(choice.wrong) / Double(max(1, wrong)))) % of what would be wrong is refused, and \
        \(percent(1 - Double(choice.right) / Double(max(1, right)))) % of what would be right
        """
}

private func json(
    _ thresholds: CertaintyThresholds, _ choice: CertaintyCalibrator.Choice, _ calibrator: CertaintyCalibrator,
    isKept: Bool
) -> JSONLine {
    var line = JSONLine()
    line.add("questions", thresholds.questions)
    line.add("right", calibrator.rightCount)
    line.add("answered", choice.right + choice.wrong)
    line.add("answered_right", choice.right)
    line.add("words", thresholds.words)
    line.add("encoding", thresholds.encoding)
    line.add("k", thresholds.k)
    if let score = thresholds.vectorScore { line.add("vector_score", score) }
    if let score = thresholds.wordsScore { line.add("words_score", score) }
    if let mass = thresholds.passageMass { line.add("passage_mass", mass) }
    line.add("kept", isKept)
    return line
}
