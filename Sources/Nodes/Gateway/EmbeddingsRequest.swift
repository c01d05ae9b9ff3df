import Client
import Core
import Foundation
import Wire

/// A request for embeddings, in OpenAI's shape, and its answer.
struct EmbeddingsRequest {
    let texts: [String]
    /// What the texts are to the model; `passage` unless the request says otherwise, as clients embed what they store.
    let role: EmbeddingRole
    /// As the client wrote it.
    let model: String
    let milliseconds: Int
    private let isBase64: Bool
    /// What the client takes for the vectors' length; nil: whatever it is.
    private let dimension: Int?

    private enum Form: String, CaseIterable {
        case float
        case base64
    }

    init(_ body: [UInt8]) throws(GatewayFailure) {
        var fields = try RequestFields(body: body)
        model = try fields.string("model") ?? ""
        texts = try Self.texts(&fields)
        role = try fields.choice("input_type", EmbeddingRole.self) ?? .passage
        isBase64 = try fields.choice("encoding_format", Form.self) == .base64
        dimension = try fields.integer("dimensions", in: 1...(1 << 30))
        _ = try fields.string("user")
        var milliseconds = RequestFields.defaultMilliseconds
        if var own = try fields.object("imprag") {
            milliseconds = try own.timeout()
            try own.refuseOthers()
        }
        self.milliseconds = milliseconds
        try fields.refuseOthers()
    }

    private static func texts(_ fields: inout RequestFields) throws(GatewayFailure) -> [String] {
        guard case .array(let inputs) = try fields.required("input") else {
            return [try fields.requiredString("input")]
        }
        guard (1...EmbedRequest.textLimit).contains(inputs.count) else {
            throw .field("input", "input has \(inputs.count) texts; 1 to \(EmbedRequest.textLimit) are right")
        }
        for (place, input) in inputs.enumerated() {
            switch input {
            case .integer, .array:
                throw .field(
                    "input[\(place)]",
                    "input[\(place)] is of tokens; only texts are embedded: the tokens of another model mean nothing here"
                )
            default: break
            }
        }
        return try fields.strings("input") ?? []
    }

    /// Throws when the vectors have another length than `dimensions` says.
    func json(_ embeddings: Embeddings) throws(GatewayFailure) -> JSONLine {
        if let dimension, dimension != embeddings.dimension {
            throw .field(
                "dimensions", "dimensions is \(dimension), and this model's embeddings have \(embeddings.dimension)")
        }
        var line = JSONLine()
        line.add("object", "list")
        line.add(
            "data",
            texts.indices.map { place in
                var entry = JSONLine()
                entry.add("object", "embedding")
                entry.add("index", place)
                let vector = embeddings.vector(place)
                if isBase64 {
                    entry.add("embedding", Self.base64(vector))
                } else {
                    entry.add("embedding", Array(vector))
                }
                return entry
            })
        line.add("model", model.isEmpty ? "default" : model)
        let tokens = embeddings.tokenCounts.reduce(0, +)
        var usage = JSONLine()
        usage.add("prompt_tokens", tokens)
        usage.add("total_tokens", tokens)
        line.add("usage", usage)
        var own = JSONLine()
        own.add("input_type", role.rawValue)
        own.add("cut", texts.indices.filter { embeddings.cuts[$0] })
        own.add("fingerprint", embeddings.fingerprint.description)
        line.add("imprag", own)
        return line
    }

    /// float32, little-endian.
    private static func base64(_ vector: ArraySlice<Float>) -> String {
        var bytes = Data(capacity: 4 * vector.count)
        for number in vector {
            let bits = number.bitPattern
            for shift in stride(from: 0 as UInt32, to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: bits >> shift))
            }
        }
        return bytes.base64EncodedString()
    }
}
