public import Core

/// What a stored vector index says of itself; see `VectorIndexBlock.swift` for its bytes.
public struct VectorIndexHeader: Sendable, Equatable {
    /// Whose blocks count. A new training is a new generation, from 1.
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
    /// The recall@10 that searches aim at when nobody says another.
    public var target: Double
    public var calibration: Calibration

    public init(
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

extension VectorIndexHeader {
    private static let name = Array("IRINDEX".utf8)
    private static let version = UInt8(ascii: "3")

    /// The bytes to store.
    public var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.append(Self.name + [Self.version])
        for number in [generation, indexedRows, trainedRows, residentBytes] { writer.append(UInt64(number)) }
        for number in [trainedError, recentError, target] { writer.append(number) }
        writer.append(calibration.source.code)
        writer.append(UInt32(calibration.queries))
        writer.append(UInt8(calibration.entries.count))
        for entry in calibration.entries {
            writer.append(entry.target)
            writer.append(entry.measured)
            writer.append(UInt32(entry.plan.probes))
            writer.append(entry.plan.margin)
        }
        return writer.bytes
    }

    /// A header as it was stored.
    ///
    /// - Throws: `failedPrecondition` for another version, `dataLoss` for what is no header; the caller says whose it
    ///   is.
    public init(stored bytes: [UInt8]) throws(ImpRAGError) {
        var reader = ByteReader(bytes)
        guard reader.bytes(Self.name.count) == Self.name, let version = reader.uint8() else {
            throw ImpRAGError(.dataLoss, "its header is not readable")
        }
        guard version == Self.version else {
            throw ImpRAGError(
                .failedPrecondition,
                "it has version \(Unicode.Scalar(version)), this program reads \(Unicode.Scalar(Self.version)); index the corpus again"
            )
        }
        guard let header = Self(&reader), reader.isAtEnd else {
            throw ImpRAGError(.dataLoss, "its header has \(bytes.count) bytes that make no sense")
        }
        self = header
    }

    private init?(_ reader: inout ByteReader) {
        guard let generation = reader.count(), let indexedRows = reader.count(), let trainedRows = reader.count(),
            let residentBytes = reader.count(), let trainedError = reader.double(),
            let recentError = reader.double(), let target = reader.double(),
            let source = reader.uint8().flatMap(Calibration.Source.init(code:)), let queries = reader.uint32(),
            let count = reader.uint8(), (1..<Int(UInt32.max)).contains(generation),
            [trainedError, recentError, target].allSatisfy(\.isFinite)
        else { return nil }
        var entries: [Calibration.Entry] = []
        for _ in 0..<count {
            guard let target = reader.double(), let measured = reader.double(), let probes = reader.uint32(),
                let margin = reader.float(), probes > 0, target.isFinite, measured.isFinite, margin.isFinite
            else { return nil }
            entries.append(
                Calibration.Entry(
                    target: target, measured: measured, plan: SearchPlan(probes: Int(probes), margin: margin)))
        }
        self.init(
            generation: generation, indexedRows: indexedRows, trainedRows: trainedRows, trainedError: trainedError,
            residentBytes: residentBytes, target: target,
            calibration: Calibration(entries: entries, queries: Int(queries), source: source))
        self.recentError = recentError
    }
}

extension Calibration.Source {
    /// As it is stored.
    var code: UInt8 {
        switch self {
        case .passages: 0
        case .prompts: 1
        case .questions: 2
        case .searches: 3
        }
    }

    init?(code: UInt8) {
        guard let source = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = source
    }
}
