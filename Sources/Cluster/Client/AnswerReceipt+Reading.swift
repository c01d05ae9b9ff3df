public import Core
internal import Wire

extension AnswerReceipt {
    /// Reads a receipt.
    ///
    /// - Parameter name: what messages call it, usually its path.
    /// - Throws: `invalidArgument` for what is no receipt, `failedPrecondition` for one of another format, `dataLoss`
    ///   for one that is not as it was written.
    public init(_ bytes: [UInt8], name: String) throws(ImpRAGError) {
        let value = try JSONScanner.value(.file(name), bytes: bytes)
        let root = JSONField(path: name, name: "", value: value)
        guard case .object(let fields) = value, root.has("imprag_receipt") else {
            throw ImpRAGError(.invalidArgument, "\(name) is no receipt: `imprag ask --receipt` writes them")
        }
        let format = try root.required("imprag_receipt").integer()
        guard format == Self.format else {
            throw ImpRAGError(
                .failedPrecondition, "\(name) has format \(format), this program reads \(Self.format); update it")
        }
        guard try root.required("checksum").string() == Self.checksum(of: fields) else {
            throw ImpRAGError(
                .dataLoss, "\(name) is not as it was written: what it says does not match its checksum")
        }
        let request = try Self.request(root.required("request"))
        let answer = try root.required("answer")
        self.init(
            record: try Self.record(root, request), request: request,
            passages: try root.required("passages").list(Self.source),
            text: try answer.required("text").string(),
            tokens: try answer.required("tokens").list { field throws(ImpRAGError) in try field.id() },
            end: try answer.required("finish").choice(),
            attention: try answer.required("attention").list { field throws(ImpRAGError) in try field.float() },
            abstention: try answer.optional("abstained").map { field throws(ImpRAGError) in
                Abstention(try field.required("reason").choice(), try field.required("why").string())
            })
    }

    private static func record(_ root: JSONField, _ request: AskRequest) throws(ImpRAGError) -> AskRecord {
        let (model, collection) = (try root.required("model"), try root.required("collection"))
        let hex = try model.required("fingerprint")
        guard let fingerprint = Fingerprint(hex: try hex.string()) else {
            throw hex.problem("64 hexadecimal digits are right")
        }
        return AskRecord(
            fingerprint: fingerprint,
            coordinator: Arithmetic(
                build: try root.required("build").string(), compute: try model.required("compute").string(),
                kernels: try model.required("kernels").string()),
            collectionID: try collection.required("id").string(),
            collectionName: try collection.required("name").string(), k: request.k ?? 0,
            encoding: request.encoding ?? .concatenated, wordsWeight: request.words.weight, sampling: request.sampling,
            partitions: try collection.required("partitions").list { field throws(ImpRAGError) in
                PartitionFigures(
                    partition: try field.required("partition").natural(),
                    passages: try field.required("passages").natural(), epoch: try field.required("epoch").natural())
            }, abstains: request.abstains ?? false,
            generator: try model.optional("generator").map { field throws(ImpRAGError) in
                Arithmetic(
                    build: try field.required("build").string(), compute: try field.required("compute").string(),
                    kernels: try field.required("kernels").string())
            })
    }

    private static func request(_ fields: JSONField) throws(ImpRAGError) -> AskRequest {
        guard fields.has("prompt") != fields.has("messages") else {
            throw fields.problem("a prompt or messages are right, one of both")
        }
        var sampling = SamplingOptions()
        sampling.temperature = try fields.required("temperature").double()
        sampling.topP = try fields.optional("top_p")?.double()
        sampling.topK = try fields.required("top_k").natural()
        sampling.seed = try fields.optional("seed")?.unsigned()
        sampling.stop = try fields.required("stop").strings()
        sampling.maxTokens = try fields.required("max_tokens").natural()
        let options = SearchOptions(
            isExact: try fields.required("exact").bool(), recall: try fields.optional("recall")?.double(),
            probes: try fields.optional("probes")?.natural(), candidates: try fields.optional("candidates")?.natural(),
            filter: try fields.optional("filter").map { field throws(ImpRAGError) in try FilterText.parse(field.value)
            },
            minEpoch: try fields.required("min_epoch").natural())
        return AskRequest(
            prompt: try fields.optional("prompt")?.string() ?? "", k: try fields.required("k").natural(),
            encoding: try fields.required("encoding").choice(), sampling: sampling,
            completeness: try fields.required("completeness").choice(), options: options,
            words: WordsOptions(
                mode: try fields.required("words").choice(), weight: try fields.optional("words_weight")?.double()),
            messages: try fields.optional("messages")?.list { field throws(ImpRAGError) in
                ChatMessage(
                    role: try field.required("role").string(), content: try field.required("content").string())
            } ?? [], speculates: try fields.required("speculate").bool(),
            abstains: try fields.required("abstain").bool())
    }

    private static func source(_ field: JSONField) throws(ImpRAGError) -> Source {
        let hex = try field.required("sha256")
        guard let digest = bytes(hexadecimal: try hex.string()), digest.count == 32 else {
            throw hex.problem("64 hexadecimal digits are right")
        }
        func place(_ name: String) throws(ImpRAGError) -> ListPlace? {
            guard let field = try field.optional(name) else { return nil }
            return ListPlace(
                score: try field.required("score").float(), rank: try field.required("rank").natural() - 1)
        }
        return Source(
            id: try field.required("id").string(), digest: digest,
            score: try field.required("score").float(), byVector: try place("by_vector"),
            byWords: try place("by_words"))
    }
}

extension JSONField {
    fileprivate func list<Element>(
        _ element: (JSONField) throws(ImpRAGError) -> Element
    ) throws(ImpRAGError) -> [Element] {
        var elements: [Element] = []
        for field in try self.elements() { elements.append(try element(field)) }
        return elements
    }

    /// 0 or more, and far from what a sum could overflow by.
    fileprivate func natural() throws(ImpRAGError) -> Int {
        let number = try integer()
        guard (0...(1 << 62)).contains(number) else { throw failure("must be from 0 to 2^62") }
        return number
    }

    /// Within what a float32 can be.
    fileprivate func float() throws(ImpRAGError) -> Float {
        let number = Float(try double())
        guard number.isFinite else { throw failure("does not fit 32 bits") }
        return number
    }

    fileprivate func unsigned() throws(ImpRAGError) -> UInt64 {
        switch value {
        case .integer(let number) where number >= 0: return UInt64(number)
        case .digits(let text):
            guard let number = UInt64(text) else { throw failure("must be a whole number below 2^64") }
            return number
        default: throw failure("must be a whole number below 2^64")
        }
    }

    fileprivate func choice<Choice: RawRepresentable<String> & CaseIterable>() throws(ImpRAGError) -> Choice {
        guard let choice = Choice(rawValue: try string()) else {
            throw problem("one of \(Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")) is right")
        }
        return choice
    }
}
