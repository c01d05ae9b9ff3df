import Core
import Kernels
import Platform

extension Checkpoint {
    /// Checks that the tensors are those that the layers need, no more and no less, without touching their bytes.
    ///
    /// - Throws: `invalidArgument` listing what is missing, has another shape or type, or would be ignored without a
    ///   word.
    func check(_ architecture: Architecture, _ compute: Compute) throws(ImpRAGError) {
        var problems: [String] = []
        func note(_ check: () throws(ImpRAGError) -> Void) {
            do throws(ImpRAGError) { try check() } catch { problems.append(error.message) }
        }
        var known: Set<String> = []
        for wanted in architecture.tensors {
            known.insert(wanted.name)
            guard compute == .int8, wanted.isMatrix else {
                note { () throws(ImpRAGError) in try checkNumbers(wanted, compute) }
                continue
            }
            known.insert(wanted.scales.name)
            if stored(wanted.name)?.dtype == ElementType.uint8.rawValue {
                known.formUnion(wanted.parts(PackedRows.grouping).map(\.name))
            }
            note { () throws(ImpRAGError) in try checkQuantized(wanted) }
        }
        if architecture.tiesEmbeddings {
            known.insert(architecture.head.name)
            note { () throws(ImpRAGError) in try checkTiedHead(architecture) }
        }
        for tensor in files.flatMap(\.tensors)
        where !known.contains(tensor.name) && !Architecture.isHarmless(tensor.name) {
            problems.append(
                "\(tensor.file.name): tensor \(tensor.name) has no place in the \(architecture.family.rawValue) model that "
                    + "config.json describes\(Self.hint(tensor.name, architecture)); without it the model would compute something else"
            )
        }
        try Self.require(problems)
    }

    private static func hint(_ name: String, _ architecture: Architecture) -> String {
        guard name.hasSuffix(".bias") else { return "" }
        switch architecture.family {
        case .llama: return " (attention_bias and mlp_bias say which biases there are)"
        case .qwen3: return " (attention_bias says whether there are biases)"
        case .mistral, .qwen2: return ""
        }
    }

    private func checkNumbers(_ wanted: Architecture.Tensor, _ compute: Compute) throws(ImpRAGError) {
        let (tensor, element) = try tensor(wanted)
        guard element == .int8 || element == .uint8 else { return }
        throw ImpRAGError(
            .invalidArgument,
            wanted.isMatrix
                ? "\(tensor.file.name): tensor \(tensor.name) has dtype \(tensor.dtype), but the others make this a model in \(compute.rawValue)"
                : "\(tensor.file.name): tensor \(tensor.name) has dtype \(tensor.dtype); F32, F16 or BF16 is expected")
    }

    /// A copy of the embeddings is harmless; `digest`, which reads every byte, checks that it is one.
    private func checkTiedHead(_ architecture: Architecture) throws(ImpRAGError) {
        guard let head = stored(architecture.head.name), let embedding = stored(architecture.embedding.name) else {
            return
        }
        guard head.shape == embedding.shape, head.dtype == embedding.dtype else {
            throw ImpRAGError(.invalidArgument, Self.untied(head))
        }
    }

    /// What is wrong with a `lm_head.weight` that is no copy of the embeddings.
    func tiedHeadProblem() -> [String] {
        guard let head = stored("lm_head.weight"), let embedding = stored("model.embed_tokens.weight") else {
            return []
        }
        var isCopy = head.range.count == embedding.range.count && head.dtype == embedding.dtype
        guard isCopy else { return [Self.untied(head)] }
        head.forEachPiece { bytes, start in
            let piece = embedding.range.lowerBound + start..<embedding.range.lowerBound + start + bytes.byteCount
            if isCopy { isCopy = embedding.file.withBytes(in: piece) { areEqual($0, bytes) } }
            embedding.file.release(piece)
        }
        return isCopy ? [] : [Self.untied(head)]
    }

    private static func untied(_ head: StoredTensor) -> String {
        "\(head.file.name): tensor \(head.name) is no copy of model.embed_tokens.weight, but config.json's tie_word_embeddings "
            + "is true; say false to have it used, or leave the tensor out"
    }
}
