import Core
import Foundation
import Platform

/// SHA-256 over the weights, the numbers of `config.json` that decide what the layers compute, the passage format and
/// the tokenizer file.
///
/// Defaults such as `top_k` and `passage_encoding` are left out: changing them changes no vector and no state.
func modelFingerprint(directory: String, model: LlamaModel) throws(ImpRAGError) -> Fingerprint {
    var hasher = SHA256()
    hasher.update(Array("imprag model 1, passage = BOS title LF text\n".utf8))
    hasher.update(try model.weightsDigest())
    hasher.update(try semanticConfiguration(directory: directory))
    hasher.update(SHA256.digest(of: try MappedFile(path: directory + "/tokenizer.json")))
    guard let fingerprint = Fingerprint(bytes: hasher.finish()) else {
        throw ImpRAGError(.internal, "SHA-256 did not give 32 bytes")
    }
    return fingerprint
}

/// The keys of `config.json` that decide vectors and states, as JSON with sorted keys.
private func semanticConfiguration(directory: String) throws(ImpRAGError) -> [UInt8] {
    let keys: Set<String> = [
        "hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim", "rms_norm_eps",
        "rope_theta", "rope_scaling", "rope_parameters", "max_position_embeddings", "bos_token_id",
        "tie_word_embeddings",
    ]
    do {
        let data = try Data(contentsOf: URL(filePath: directory + "/config.json"))
        guard let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            throw ImpRAGError(.invalidArgument, "\(directory)/config.json is not a JSON object")
        }
        var chosen = object.filter { keys.contains($0.key) }
        let imprag = object["imprag"] as? [String: Any] ?? [:]
        chosen["imprag"] = imprag.filter { ["bottom_boundary", "top_boundary", "max_passage_tokens"].contains($0.key) }
        return Array(try JSONSerialization.data(withJSONObject: chosen, options: [.sortedKeys]))
    } catch let error as ImpRAGError {
        throw error
    } catch {
        throw ImpRAGError(.invalidArgument, "\(directory)/config.json cannot be read", cause: error)
    }
}
