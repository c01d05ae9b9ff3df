internal import Foundation
internal import VectorIndex

/// How long making a collection takes.
public struct BuildEstimate: Sendable {
    /// Passages through layers 0…b−1, on all machines that share the work.
    public let embedSeconds: Double
    public let embedTokensPerSecond: Double
    /// On one machine, one partition after the other.
    public let writeSeconds: Double
    public let wordsSeconds: Double
    public let trainSeconds: Double
    public let codeSeconds: Double
    public let calibrateSeconds: Double

    /// Everything but the embedding.
    public var indexSeconds: Double { writeSeconds + wordsSeconds + trainSeconds + codeSeconds + calibrateSeconds }
    public var seconds: Double { embedSeconds + indexSeconds }

    public init(_ request: PlanRequest, _ model: PlanModel, partitions: Int) {
        let cores = Double(request.machineCores)
        let rate = model.operationsPerSecond * cores / max(1, 2 * model.bottomProducts)
        let tokens = Double(request.passages) * Double(min(request.passageTokens, model.maxPassageTokens))
        self.init(
            rows: request.passages, dimension: model.dimension, partitions: partitions, cores: request.machineCores,
            hasWords: request.hasWords, embedSeconds: tokens / rate / Double(request.parts), embedTokensPerSecond: rate)
    }

    /// Of vectors that are there already, as `imprag bench index` builds them.
    public init(
        rows: Int, dimension: Int, partitions: Int, cores: Int, hasWords: Bool, embedSeconds: Double = 0,
        embedTokensPerSecond: Double = 0
    ) {
        self.embedSeconds = embedSeconds
        self.embedTokensPerSecond = embedTokensPerSecond
        let (count, each, cores) = (Double(rows), Double(rows) / Double(partitions), Double(cores))
        let kibi = Double(dimension) / 1024
        writeSeconds = count * (PlanConstants.rowTime.value + 2 * kibi * PlanConstants.kibibyteTime.value) * 1e-6
        wordsSeconds = hasWords ? count * PlanConstants.wordsTime.value * 1e-6 : 0
        let training = PlanConstants.trainTime.value + kibi * PlanConstants.trainTimePerKibi.value
        trainSeconds = Double(partitions) * training * pow(each / 1e6, PlanConstants.trainExponent.value) / cores
        let width = Double(min(dimension, 256))
        let head = min(width, 128)
        let lists = Double(IndexModel.listCount(for: Int(each)))
        codeSeconds =
            count * 2 * (lists * head + width * Double(dimension)) / (PlanConstants.codeRate.value * 1e9) / cores
        calibrateSeconds =
            count * (PlanConstants.calibrateTime.value + kibi * PlanConstants.calibrateTimePerKibi.value) * 1e-6 / cores
    }
}
