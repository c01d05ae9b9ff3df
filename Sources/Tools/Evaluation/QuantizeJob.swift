public import Core
import Foundation
import Model
import Platform

/// Quantizes a model to int8 or 4 bits, measures both models, and writes a model card that says what was lost.
///
/// The output directory appears once it is complete. Until then everything is in a temporary one next to it, which is
/// deleted on an error.
public struct QuantizeJob {
    private let options: QuantizeOptions
    private let progress: ProgressReporter
    private let target: URL

    /// - Parameters:
    ///   - isCancelled: called several times a second.
    ///   - progress: called as often.
    public init(
        options: QuantizeOptions, isCancelled: @escaping @Sendable () -> Bool,
        progress: @escaping (QuantizeProgress) -> Void
    ) {
        self.options = options
        self.progress = ProgressReporter(isCancelled: isCancelled, report: progress)
        target = URL(filePath: options.directory).standardizedFileURL
    }

    /// Runs the job.
    ///
    /// - Throws: `failedPrecondition` when the output exists, `cancelled` when cancelled, and what models, corpora and
    ///   questions throw. In each case nothing is left behind.
    public func run() throws(ImpRAGError) -> QuantizeReport {
        let quantizer = try ModelQuantizer(directory: options.model, bits: options.bits)
        try checkTarget(quantizer.resultBytes)
        let sample: CorpusSample? = if options.corpus.isEmpty { nil } else { try CorpusSample(options, progress) }
        let folder = try makeFolder()
        do {
            let original: ModelMeasurement? = if let sample { try measureOriginal(sample) } else { nil }
            let (rounded, readings) = try round(quantizer, sample, found: original?.found ?? [])
            let tick = progress.begin(.quantizing, total: quantizer.resultBytes.bytes)
            try quantizer.write(to: folder, rounded: rounded) { done throws(ImpRAGError) in try tick(done) }
            try copyFiles(to: folder)
            var comparison: QuantizeComparison?
            if let sample, let original {
                comparison = QuantizeComparison(
                    original: original, result: try measureResult(sample, folder), sample)
            }
            let report = QuantizeReport(
                sourceBytes: quantizer.sourceBytes, resultBytes: quantizer.resultBytes, bits: options.bits,
                roundingTokens: readings.reduce(0) { $0 + $1.tokenCount },
                roundingQuestions: readings.count { !$0.passages.isEmpty }, comparison: comparison)
            try writeCard(report, to: folder)
            try DurableFile.rename(folder, to: target.path(percentEncoded: false).trimmingSlash)
            return report
        } catch {
            try? FileManager.default.removeItem(atPath: folder)
            throw error
        }
    }

    private func checkTarget(_ needed: ByteCount) throws(ImpRAGError) {
        let path = target.path(percentEncoded: false)
        if FileManager.default.fileExists(atPath: path) {
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: path), names.isEmpty else {
                throw ImpRAGError(
                    .failedPrecondition,
                    "\(options.directory) exists and is not an empty directory; name one that does not exist")
            }
        }
        let parent = target.deletingLastPathComponent().path(percentEncoded: false)
        if let available = FreeSpace.available(at: parent), available < needed {
            throw ImpRAGError(
                .resourceExhausted,
                "the quantized model needs \(needed), but the disk of \(parent) has \(available) left")
        }
    }

    /// Makes the temporary directory next to the output.
    private func makeFolder() throws(ImpRAGError) -> String {
        let name = ".\(target.lastPathComponent).partial-\(ProcessInfo.processInfo.processIdentifier)"
        let url = target.deletingLastPathComponent().appending(path: name)
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        } catch {
            throw ImpRAGError(
                .unavailable,
                "\(url.path(percentEncoded: false)) cannot be made; its parent must be a directory that you may write to",
                cause: error)
        }
        return url.path(percentEncoded: false).trimmingSlash
    }

    /// Copies the files that stay unchanged.
    private func copyFiles(to folder: String) throws(ImpRAGError) {
        let source = URL(filePath: options.model)
        let whole: Set<String> = [
            "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "generation_config.json",
            "chat_template.jinja",
        ]
        let names = (try? FileManager.default.contentsOfDirectory(atPath: options.model)) ?? []
        for name in names.sorted() {
            let isLegal = ["LICENSE", "LICENCE", "NOTICE", "USE_POLICY"].contains { name.uppercased().hasPrefix($0) }
            guard whole.contains(name) || isLegal || name == QuantizedModelCard.fileName else { continue }
            let file = try MappedFile(path: source.appending(path: name).path(percentEncoded: false))
            let copy = name == QuantizedModelCard.fileName ? QuantizedModelCard.originalFileName : name
            try DurableFile.write(file.copyBytes(in: 0..<file.count), to: "\(folder)/\(copy)")
        }
    }

    /// What follows from readings for the weights, and these.
    private func round(
        _ quantizer: ModelQuantizer, _ sample: CorpusSample?, found: [[Int]]
    ) throws(ImpRAGError) -> (rounded: RoundedWeights, readings: [Reading]) {
        guard let sample, !sample.unscored.isEmpty else { return (RoundedWeights(), []) }
        let model = try ImpRAGModel(directory: options.model, layers: .all, threadCount: options.threads)
        let readings = try sample.readings(
            model, limit: options.bits == 4 ? options.roundingTokens : options.scalingTokens, found: found,
            answered: options.answeredQuestions)
        let tick = progress.begin(.rounding, total: model.configuration.layerCount)
        let rounded = try quantizer.rounded(with: model.model, readings: readings) { done throws(ImpRAGError) in
            try tick(done)
        }
        return (rounded, readings)
    }

    // One model after the other, so that only one is in memory.

    private func measureOriginal(_ sample: CorpusSample) throws(ImpRAGError) -> ModelMeasurement {
        try measure(
            options.model, sample,
            .init(scoring: .scoringOriginal, searching: .searchingOriginal, answering: .answeringOriginal))
    }

    private func measureResult(_ sample: CorpusSample, _ folder: String) throws(ImpRAGError) -> ModelMeasurement {
        try measure(
            folder, sample, .init(scoring: .scoringResult, searching: .searchingResult, answering: .answeringResult))
    }

    private func measure(
        _ directory: String, _ sample: CorpusSample, _ phases: ModelMeasurement.Phases
    ) throws(ImpRAGError) -> ModelMeasurement {
        let model = try ImpRAGModel(directory: directory, layers: .all, threadCount: options.threads)
        return try ModelMeasurement(
            model, sample, progress, phases: phases, answered: options.answeredQuestions)
    }

    private func writeCard(_ report: QuantizeReport, to folder: String) throws(ImpRAGError) {
        var original: String?
        let path = "\(folder)/\(QuantizedModelCard.originalFileName)"
        if FileManager.default.fileExists(atPath: path) {
            let file = try MappedFile(path: path)
            original = String(decoding: file.copyBytes(in: 0..<file.count), as: UTF8.self)
        }
        let card = QuantizedModelCard(
            name: target.lastPathComponent,
            originalName: URL(filePath: options.model).standardizedFileURL.lastPathComponent, original: original,
            report: report, hasQuestions: options.questions != nil)
        try DurableFile.write(Array(card.text.utf8), to: "\(folder)/\(QuantizedModelCard.fileName)")
    }
}

extension String {
    fileprivate var trimmingSlash: String { hasSuffix("/") && count > 1 ? String(dropLast()) : self }
}
