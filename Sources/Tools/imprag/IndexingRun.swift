import Core
import Foundation
import Indexing
import Model

/// One run of a command that makes an index or a part of one: the model, progress, Ctrl-C, and the report at its end.
struct IndexingRun {
    let embedder: any PassageEmbedder
    /// The states that the command line asks to store.
    let states: StateOptions?
    /// Cancels on Ctrl-C, and shows progress.
    let monitor: RunMonitor

    /// Runs `body` and prints its report.
    ///
    /// - Parameter directory: the output, for the report.
    static func run(
        _ arguments: Arguments, directory: String, _ body: (IndexingRun) throws(ImpRAGError) -> IndexReport
    ) throws {
        let request = try StateRequest(arguments)
        let model = try loadModel(arguments, layers: request == nil ? .bottom : .all)
        if request != nil, model.configuration.passageEncoding != .independent {
            printError(
                "note: this model reads passages \(model.configuration.passageEncoding.rawValue); stored states serve requests that "
                    + "ask for independent only (`imprag ask --encoding independent`)")
        }
        printError("model \(model.fingerprint.short), \(model.model.weightBytes) of weights; \(model.model.kernels)")
        let interruption = try Interruption()
        let line = ProgressLine()
        let (gemmBefore, start) = (LlamaModel.gemmSeconds, ContinuousClock.now)
        do {
            let report = try body(
                IndexingRun(
                    embedder: Embedder(model: model), states: request?.options(model),
                    monitor: RunMonitor(
                        isCancelled: { interruption.hasArrived },
                        progress: { line.show($0.text, isImportant: $0.isLast) })))
            line.finish()
            let threads = try arguments.integer("threads", in: 1...1024) ?? ProcessInfo.processInfo.activeProcessorCount
            let gemmSeconds = (LlamaModel.gemmSeconds - gemmBefore) / Double(threads)
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            try writeLine(report.text(directory: directory, gemmShare: gemmSeconds / max(seconds, 1e-9)))
        } catch let error as ImpRAGError where error.code == .cancelled {
            line.finish()
            throw ImpRAGError(.cancelled, "stopped; nothing is lost, and the same command goes on from here")
        }
    }

    /// The model as the indexer sees it.
    private struct Embedder: PassageEmbedder {
        let model: ImpRAGModel

        var fingerprint: Fingerprint { model.fingerprint }
        var dimension: Int { model.configuration.embeddingDimension }
        var arithmetic: String { model.model.compute.rawValue }

        func embed(_ passages: [Passage]) throws(ImpRAGError) -> [Float] {
            try model.embed(passages: passages)
        }

        func cutCount(of passages: [Passage]) throws(ImpRAGError) -> Int {
            var count = 0
            for passage in passages where try model.isCut(passage) { count += 1 }
            return count
        }

        func embed(prompts: [String]) throws(ImpRAGError) -> [Float] {
            try model.embed(queries: prompts)
        }
    }
}
