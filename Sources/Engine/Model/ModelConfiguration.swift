public import Core
import Foundation

/// What `config.json` says, checked: every number is in range and fits the others.
public struct ModelConfiguration: Sendable {
    /// N.
    public let layerCount: Int
    /// D.
    public let hiddenSize: Int
    /// Width of the feed-forward layers.
    public let intermediateSize: Int
    /// h_q.
    public let queryHeadCount: Int
    /// h_k.
    public let keyHeadCount: Int
    /// d_h.
    public let headSize: Int
    public let vocabularySize: Int
    /// b.
    public let bottomBoundary: Int
    /// t.
    public let topBoundary: Int
    /// The number of passages that a request asks for unless it says otherwise.
    public let topK: Int
    public let maxPassageTokens: Int
    public let passageEncoding: PassageEncoding
    public let bosToken: Int32
    /// Any of these ends an answer.
    public let endTokens: Set<Int32>
    /// Positions that the model was made for; a request beyond it is refused.
    public let maxPositions: Int
    /// Added to the mean square in RMSNorm.
    public let normEpsilon: Double
    /// Whether the embedding table is the output layer as well.
    public let tiesEmbeddings: Bool
    /// Whether the matrices are int8, as `ModelQuantizer` writes them.
    public let isQuantized: Bool
    let rotary: RotarySettings

    /// h_k · d_h: the length of query and passage embeddings and of one token's keys in one layer.
    public var embeddingDimension: Int { keyHeadCount * headSize }

    /// Reads `config.json` and, where there is one, `generation_config.json` in `directory`.
    ///
    /// - Throws: `notFound` without `config.json`; `invalidArgument` listing every problem of both files.
    public init(directory: String) throws(ImpRAGError) {
        let folder = URL(filePath: directory)
        var config = try JSONFile(path: folder.appending(path: "config.json").path(percentEncoded: false))
        Self.checkArchitecture(&config)

        // Limits keep every product of two or three of these far from overflow.
        layerCount = config.integer("num_hidden_layers", in: 1...4096)
        hiddenSize = config.integer("hidden_size", in: 1...1 << 17)
        intermediateSize = config.integer("intermediate_size", in: 1...1 << 20)
        queryHeadCount = config.integer("num_attention_heads", in: 1...4096)
        keyHeadCount = config.integer("num_key_value_heads", in: 1...4096, or: queryHeadCount)
        vocabularySize = config.integer("vocab_size", in: 1...1 << 24)
        maxPositions = config.integer("max_position_embeddings", in: 1...1 << 28, or: 2048)
        normEpsilon = config.number("rms_norm_eps", in: 0...1, or: 1e-6)
        tiesEmbeddings = config.flag("tie_word_embeddings", or: false)
        isQuantized = Self.isQuantized(&config)
        if isQuantized, tiesEmbeddings {
            config.report("tie_word_embeddings is true; an int8 model has an output layer of its own")
        }
        rotary = RotarySettings(&config)

        if config.value("head_dim") == nil, hiddenSize % queryHeadCount != 0 {
            config.report(
                "hidden_size \(hiddenSize) is no multiple of num_attention_heads \(queryHeadCount), and head_dim is missing"
            )
        }
        headSize = config.integer("head_dim", in: 1...4096, or: max(1, hiddenSize / queryHeadCount))
        if isQuantized, max(hiddenSize, intermediateSize, queryHeadCount * headSize) > Self.quantizedColumnLimit {
            config.report(
                "matrices of an int8 model have at most \(Self.quantizedColumnLimit) columns: sums of products are 32 bits"
            )
        }
        if headSize % 2 != 0 { config.report("the head size is \(headSize); rotary positions need an even one") }
        if queryHeadCount % keyHeadCount != 0 {
            config.report(
                "num_attention_heads is \(queryHeadCount); a multiple of num_key_value_heads, \(keyHeadCount), is expected"
            )
        }

        bosToken = Int32(clamping: config.integer("bos_token_id", in: 0...vocabularySize - 1))
        var ends = Self.endTokens(&config, vocabularySize)
        let generationPath = folder.appending(path: "generation_config.json").path(percentEncoded: false)
        if FileManager.default.fileExists(atPath: generationPath) {
            var generation = try JSONFile(path: generationPath)
            ends.formUnion(Self.endTokens(&generation, vocabularySize))
            config.adopt(generation)
        }
        endTokens = ends

        var own = config.object("imprag") ?? JSONFile(place: "\(config.place), imprag", fields: [:])
        if config.value("imprag") == nil {
            config.report(
                "the imprag object is missing: this model has no layer groups to retrieve with; "
                    + "`imprag-import \(directory) --out NEW` makes a directory that has it (Training/README.md, Import)"
            )
            bottomBoundary = 0
            topBoundary = 0
            topK = 0
            maxPassageTokens = 1
            passageEncoding = .concatenated
        } else {
            bottomBoundary = own.integer("bottom_boundary", in: 0...layerCount - 1)
            topBoundary = own.integer("top_boundary", in: 0...layerCount - 1)
            if topBoundary < bottomBoundary {
                own.report(
                    "top_boundary is \(topBoundary); one from bottom_boundary, \(bottomBoundary), to \(layerCount - 1) is expected"
                )
            }
            topK = own.integer("top_k", in: 0...65536)
            maxPassageTokens = own.integer("max_passage_tokens", in: 1...maxPositions)
            let encodings = PassageEncoding.allCases.map(\.rawValue).joined(separator: ", ")
            let name = own.string("passage_encoding")
            if name == nil { own.report("passage_encoding is missing; one of \(encodings) is expected") }
            let encoding = name.flatMap(PassageEncoding.init(rawValue:))
            if let name, encoding == nil {
                own.report("passage_encoding is \"\(name.prefix(60))\"; one of \(encodings) is expected")
            }
            passageEncoding = encoding ?? .concatenated
        }
        config.adopt(own)

        guard config.problems.isEmpty else {
            throw ImpRAGError(
                .invalidArgument, "\(directory) holds no usable model: " + config.problems.joined(separator: "; "))
        }
    }

    /// Refuses what this runtime would compute differently from what the file means.
    private static func checkArchitecture(_ config: inout JSONFile) {
        switch config.string("model_type") {
        case "llama": break
        case "mistral" where config.value("sliding_window") == nil: break
        case "mistral": config.report("sliding_window is set; attention to a window is not supported")
        case let name?:
            config.report("model_type is \"\(name.prefix(60))\"; only Llama-family models (\"llama\") are supported")
        case nil: config.report("model_type is missing; \"llama\" is expected")
        }
        let activation = config.string("hidden_act") ?? "silu"
        if activation != "silu" && activation != "swish" {
            config.report("hidden_act is \"\(activation.prefix(60))\"; only \"silu\" is supported")
        }
        for bias in ["attention_bias", "mlp_bias"] where config.flag(bias, or: false) {
            config.report("\(bias) is true; layers with a bias are not supported")
        }
    }

    /// What `quantization_config` must be, when there is one.
    static let quantization = JSONValue.object(["quant_method": .string("imprag"), "bits": .integer(8)])

    /// Columns of an int8 matrix: 255 · 127 times as many fit 32 bits.
    static let quantizedColumnLimit = 1 << 16

    private static func isQuantized(_ config: inout JSONFile) -> Bool {
        guard let value = config.value("quantization_config") else { return false }
        if value != quantization {
            config.report(
                "quantization_config is set; only F32, F16 and BF16 weights are supported, and int8 as `imprag quantize` "
                    + "makes them, with {\"quant_method\": \"imprag\", \"bits\": 8}")
        }
        return true
    }

    private static func endTokens(_ file: inout JSONFile, _ vocabularySize: Int) -> Set<Int32> {
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
