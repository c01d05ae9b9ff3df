public import Core
import Foundation

/// What `config.json` says, checked: every number is in range and fits the others.
public struct ModelConfiguration: Sendable {
    public let architecture: Architecture
    public let bosToken: Int32
    /// Any of these ends an answer.
    public let endTokens: Set<Int32>
    private let groups: LayerGroups

    /// Reads `config.json` and, where there is one, `generation_config.json` in `directory`.
    ///
    /// - Throws: `notFound` without `config.json`; `invalidArgument` listing every problem of both files.
    public init(directory: String) throws(ImpRAGError) {
        let folder = URL(filePath: directory)
        var config = try ObjectReader(file: folder.appending(path: "config.json").path(percentEncoded: false))
        architecture = Architecture(&config)
        bosToken = Int32(clamping: config.requiredInteger("bos_token_id", in: 0...architecture.vocabularySize - 1))
        var ends = Self.endTokens(&config, architecture.vocabularySize)
        let generationPath = folder.appending(path: "generation_config.json").path(percentEncoded: false)
        if FileManager.default.fileExists(atPath: generationPath) {
            var generation = try ObjectReader(file: generationPath, problems: config.problems)
            ends.formUnion(Self.endTokens(&generation, architecture.vocabularySize))
        }
        endTokens = ends
        groups = LayerGroups(&config, architecture, directory: directory)
        let problems = config.problems.lines
        guard problems.isEmpty else {
            throw ImpRAGError(
                .invalidArgument, "\(directory) holds no usable model: " + problems.joined(separator: "; "))
        }
    }

    private static func endTokens(_ file: inout ObjectReader, _ vocabularySize: Int) -> Set<Int32> {
        let values: [JSONValue]
        switch file.value("eos_token_id") {
        case nil: return []
        case .array(let list): values = list
        case let single?: values = [single]
        }
        var tokens: Set<Int32> = []
        for value in values {
            guard case .integer(let token) = value, (0..<vocabularySize).contains(token) else {
                file.report(
                    "eos_token_id contains \(value.text); token ids from 0 to \(vocabularySize - 1) are expected")
                continue
            }
            tokens.insert(Int32(clamping: token))
        }
        return tokens
    }
}

extension ModelConfiguration {
    /// N.
    public var layerCount: Int { architecture.layerCount }
    /// D.
    public var hiddenSize: Int { architecture.hiddenSize }
    /// Width of the feed-forward layers.
    public var intermediateSize: Int { architecture.intermediateSize }
    /// h_q.
    public var queryHeadCount: Int { architecture.queryHeadCount }
    /// h_k.
    public var keyHeadCount: Int { architecture.keyHeadCount }
    /// d_h.
    public var headSize: Int { architecture.headSize }
    public var vocabularySize: Int { architecture.vocabularySize }
    /// Positions that the model was made for; a request beyond it is refused.
    public var maxPositions: Int { architecture.maxPositions }
    /// Added to the mean square in RMSNorm.
    public var normEpsilon: Double { architecture.normEpsilon }
    /// Whether the embedding table is the output layer as well.
    public var tiesEmbeddings: Bool { architecture.tiesEmbeddings }
    /// Whether the matrices have 8 or 4 bits, as `ModelQuantizer` writes them.
    public var isQuantized: Bool { architecture.quantizedBits != nil }
    /// h_k · d_h: the length of query and passage embeddings and of one token's keys in one layer.
    public var embeddingDimension: Int { architecture.embeddingDimension }
    /// b.
    public var bottomBoundary: Int { groups.bottomBoundary }
    /// t.
    public var topBoundary: Int { groups.topBoundary }
    /// The number of passages that a request asks for unless it says otherwise.
    public var topK: Int { groups.topK }
    public var maxPassageTokens: Int { groups.maxPassageTokens }
    public var passageEncoding: PassageEncoding { groups.passageEncoding }
}
