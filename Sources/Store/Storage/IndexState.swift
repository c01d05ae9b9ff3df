internal import Core
internal import Foundation
public import VectorIndex

/// What a partition says of its vector index: the header beside the blocks. Replaced whole, in the same write as the blocks
/// that it is true of.
public struct IndexState: Sendable, Equatable, Codable {
    static let currentFormat = 2

    var format = currentFormat
    /// Whose blocks count. A new training is a new generation, written beside the old one.
    public var generation: Int
    /// Rows below it are in lists, or dead; the others are compared with every query.
    public var indexedRows: Int
    /// Live rows when the model was trained.
    public var trainedRows: Int
    /// Mean relative error of the codes when the model was trained, and of what was coded since.
    public var trainedError: Double
    public var recentError: Double
    /// Memory of the index when this was written.
    public var residentBytes: Int
    /// The recall that searches aim at when nobody says another.
    public var target: Double
    public var calibration: Calibration

    /// The bytes to store.
    func encoded() throws(ImpRAGError) -> [UInt8] {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            return Array(try encoder.encode(self))
        } catch {
            throw ImpRAGError(.internal, "the index header cannot be encoded", cause: error)
        }
    }

    /// - Parameter place: the partition's path, for the error.
    init(stored bytes: [UInt8], place: String) throws(ImpRAGError) {
        let state: IndexState
        do {
            state = try JSONDecoder().decode(IndexState.self, from: Data(bytes))
        } catch {
            throw ImpRAGError(
                .dataLoss, "partition \(place) is damaged: its index has no readable header", cause: error)
        }
        guard state.format == Self.currentFormat else {
            throw ImpRAGError(
                .failedPrecondition,
                "the vector index of \(place) has format \(state.format), this program reads \(Self.currentFormat); "
                    + "index the corpus again")
        }
        guard state.generation >= 0, state.indexedRows >= 0,
            state.calibration.entries.allSatisfy({ $0.plan.probes > 0 })
        else {
            throw ImpRAGError(.dataLoss, "partition \(place) is damaged: the header of its index makes no sense")
        }
        self = state
    }

    init(
        generation: Int, indexedRows: Int, trainedRows: Int, trainedError: Double, residentBytes: Int, target: Double,
        calibration: Calibration
    ) {
        self.generation = generation
        self.indexedRows = indexedRows
        self.trainedRows = trainedRows
        self.trainedError = trainedError
        recentError = trainedError
        self.residentBytes = residentBytes
        self.target = target
        self.calibration = calibration
    }
}
