import Core

/// Reading `config.json`. Defaults are those of `transformers`, which wrote most of these files.
extension Architecture {
    /// Reports into `config` what is out of range, contradictory, or asks for something that would not be computed.
    init(_ config: inout ObjectReader) {
        family = Self.family(&config)
        // Limits keep every product of two or three of these far from overflow.
        layerCount = config.requiredInteger("num_hidden_layers", in: 1...4096)
        hiddenSize = config.requiredInteger("hidden_size", in: 1...1 << 17)
        intermediateSize = config.requiredInteger("intermediate_size", in: 1...1 << 20)
        queryHeadCount = config.requiredInteger("num_attention_heads", in: 1...4096)
        let keyHeads = "num_key_value_heads"
        keyHeadCount =
            family == .llama
            ? config.integer(keyHeads, in: 1...4096) ?? queryHeadCount
            : config.requiredInteger(keyHeads, in: 1...4096)
        headSize = Self.headSize(&config, family, hiddenSize: hiddenSize, queryHeadCount: queryHeadCount)
        vocabularySize = config.requiredInteger("vocab_size", in: 1...1 << 24)
        maxPositions = config.integer("max_position_embeddings", in: 1...1 << 28) ?? family.defaultPositions
        normEpsilon = config.number("rms_norm_eps", in: 0...1) ?? 1e-6
        tiesEmbeddings = config.boolean("tie_word_embeddings") ?? false
        quantizedBits = Self.quantizedBits(&config)
        normalizesHeads = family == .qwen3
        biases = Self.biases(&config, family)
        windows = Self.windows(&config, family, layerCount: layerCount).map { [maxPositions] window in
            // A window that no sequence fills has no effect.
            window.flatMap { $0 < maxPositions ? $0 : nil }
        }
        rotary = RotarySettings(&config)
        checkTogether(&config)
    }

    private static func family(_ config: inout ObjectReader) -> ModelFamily {
        let known = ModelFamily.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        guard let name = config.string("model_type") else {
            if config.value("model_type") == nil { config.report("model_type is missing; one of \(known) is expected") }
            return .llama
        }
        guard let family = ModelFamily(rawValue: name) else {
            config.report("model_type is \"\(name.prefix(60))\"; supported are \(known)")
            return .llama
        }
        if let value = config.value("architectures"), value != .array([.string(family.className)]) {
            config.report(
                "architectures is \(value.listText); [\"\(family.className)\"] is expected with model_type \"\(name)\", "
                    + "and supported are \(ModelFamily.allCases.map(\.className).joined(separator: ", "))")
        }
        let activation = config.string("hidden_act") ?? "silu"
        if activation != "silu" && activation != "swish" {
            config.report("hidden_act is \"\(activation.prefix(60))\"; only \"silu\" is supported")
        }
        return family
    }

    private static func headSize(
        _ config: inout ObjectReader, _ family: ModelFamily, hiddenSize: Int, queryHeadCount: Int
    ) -> Int {
        // Qwen3's head size does not follow from the other sizes.
        if config.value("head_dim") == nil, family != .qwen3, hiddenSize % queryHeadCount != 0 {
            config.report(
                "hidden_size \(hiddenSize) is no multiple of num_attention_heads \(queryHeadCount), and head_dim is missing"
            )
        }
        guard family != .qwen3 else { return config.requiredInteger("head_dim", in: 1...4096) }
        return config.integer("head_dim", in: 1...4096) ?? max(1, hiddenSize / queryHeadCount)
    }

    private static func biases(_ config: inout ObjectReader, _ family: ModelFamily) -> Set<LinearPart> {
        let attention = config.boolean("attention_bias") ?? false
        let feedForward = config.boolean("mlp_bias") ?? false
        if attention, family == .mistral || family == .qwen2 {
            config.report("attention_bias is true, which means nothing in a model of type \"\(family.rawValue)\"")
        }
        if feedForward, family != .llama {
            config.report("mlp_bias is true, which means nothing in a model of type \"\(family.rawValue)\"")
        }
        var biases: Set<LinearPart> = []
        if family == .qwen2 { biases.formUnion([.query, .key, .value]) }
        if attention { biases.formUnion([.query, .key, .value, .output]) }
        if feedForward { biases.formUnion([.gate, .up, .down]) }
        return biases
    }

    private static func windows(_ config: inout ObjectReader, _ family: ModelFamily, layerCount: Int) -> [Int?] {
        let none = [Int?](repeating: nil, count: layerCount)
        let sizes = 1...1 << 28
        switch family {
        case .llama:
            if config.value("sliding_window") != nil {
                config.report("sliding_window is set, which means nothing in a model of type \"llama\"")
            }
            return none
        case .mistral:
            // Missing is not null here: Mistral's first models had a window, and the later ones say that they have
            // none.
            if case .null? = config.members["sliding_window"] { return none }
            return [Int?](repeating: config.integer("sliding_window", in: sizes) ?? 4096, count: layerCount)
        case .qwen2, .qwen3:
            guard config.boolean("use_sliding_window") == true else { return none }
            let window = config.integer("sliding_window", in: sizes) ?? 4096
            let first = config.integer("max_window_layers", in: 0...1 << 20) ?? 28
            guard let types = config.value("layer_types") else {
                return (0..<layerCount).map { $0 < first ? nil : window }
            }
            let (whole, sliding) = (JSONValue.string("full_attention"), JSONValue.string("sliding_attention"))
            guard case .array(let list) = types, list.count == layerCount,
                list.allSatisfy({ $0 == whole || $0 == sliding })
            else {
                config.report(
                    "layer_types is \(types.text); \(layerCount) of \(whole.text) and \(sliding.text) are expected")
                return none
            }
            return list.map { $0 == sliding ? window : nil }
        }
    }

    private func checkTogether(_ config: inout ObjectReader) {
        if headSize % 2 != 0 { config.report("the head size is \(headSize); rotary positions need an even one") }
        if queryHeadCount % keyHeadCount != 0 {
            config.report(
                "num_attention_heads is \(queryHeadCount); a multiple of num_key_value_heads, \(keyHeadCount), is expected"
            )
        }
        guard quantizedBits != nil else { return }
        if tiesEmbeddings {
            config.report("tie_word_embeddings is true; a quantized model has an output layer of its own")
        }
        if largestColumnCount > Self.quantizedColumnLimit {
            config.report(
                "matrices of a quantized model have at most \(Self.quantizedColumnLimit) columns: sums of products are 32 bits"
            )
        }
    }

    /// What `quantization_config` is of a model whose matrices have so many bits.
    static func quantization(bits: Int) -> JSONValue {
        .object(["quant_method": .string("imprag"), "bits": .integer(bits)])
    }

    /// Columns of an int8 matrix at most: a sum of so many products, each at most 255 · 127, fits 32 bits.
    static let quantizedColumnLimit = 1 << 16

    private static func quantizedBits(_ config: inout ObjectReader) -> Int? {
        guard let value = config.value("quantization_config") else { return nil }
        if let bits = [8, 4].first(where: { value == quantization(bits: $0) }) { return bits }
        config.report(
            "quantization_config is set; only F32, F16 and BF16 weights are supported, and what `imprag quantize` makes, "
                + "with {\"quant_method\": \"imprag\", \"bits\": 8} or 4")
        return 8
    }
}
