import Core
import Platform

/// SHA-256 over the weights, what `config.json` says about numbers, the passage format and the tokenizer file.
func modelFingerprint(directory: String, model: LlamaModel) throws(ImpRAGError) -> Fingerprint {
    var hasher = SHA256()
    hasher.update(Array("imprag model 2, passage = BOS title LF text\n".utf8))
    hasher.update(try model.weightsDigest())
    let config = try ObjectReader(file: directory + "/config.json")
    hasher.update(JSONValue.object(fieldsThatCount(config.members)).canonicalBytes)
    hasher.update(SHA256.digest(of: try MappedFile(path: directory + "/tokenizer.json")))
    guard let fingerprint = Fingerprint(bytes: hasher.finish()) else {
        throw ImpRAGError(.internal, "SHA-256 did not give 32 bytes")
    }
    return fingerprint
}

/// The fields of `config.json` that may change a vector or a state: all but those that are known not to. One that
/// nobody here has heard of counts.
func fieldsThatCount(_ fields: [ByteString: JSONValue]) -> [ByteString: JSONValue] {
    var counting = fields.filter { !fieldsWithoutNumbers.contains($0.key) }
    if case .object(let own)? = counting["imprag"] {
        // Defaults of requests.
        counting["imprag"] = .object(own.filter { !["top_k", "passage_encoding"].contains($0.key) })
    }
    return counting
}

private let fieldsWithoutNumbers: Set<ByteString> = [
    // Names, and who wrote the file.
    "_name_or_path", "_commit_hash", "architectures", "auto_map", "tokenizer_class", "transformers_version",
    "transformers.js_config", "finetuning_task", "task_specific_params", "prefix", "problem_type",
    // How weights are stored, which the weights' digest says, and how they were made.
    "dtype", "torch_dtype", "use_bfloat16", "attention_dropout", "initializer_range", "pretraining_tp",
    "gradient_checkpointing",
    // How the file's own library runs a model.
    "use_cache", "torchscript", "return_dict", "return_dict_in_generate", "output_attentions", "output_hidden_states",
    "output_scores", "chunk_size_feed_forward", "_attn_implementation", "_attn_implementation_autoset",
    // Other kinds of models.
    "is_decoder", "is_encoder_decoder", "tie_encoder_decoder", "add_cross_attention", "cross_attention_hidden_size",
    "decoder_start_token_id", "id2label", "label2id", "num_labels",
    // When an answer ends, and how its tokens are chosen. Vectors and states are made before.
    "eos_token_id", "pad_token_id", "sep_token_id", "unk_token_id", "bad_words_ids", "begin_suppress_tokens",
    "diversity_penalty", "do_sample", "early_stopping", "encoder_no_repeat_ngram_size",
    "exponential_decay_length_penalty", "forced_bos_token_id", "forced_eos_token_id", "length_penalty", "max_length",
    "min_length", "no_repeat_ngram_size", "num_beam_groups", "num_beams", "num_return_sequences",
    "remove_invalid_values", "repetition_penalty", "suppress_tokens", "temperature", "top_k", "top_p", "typical_p",
]
