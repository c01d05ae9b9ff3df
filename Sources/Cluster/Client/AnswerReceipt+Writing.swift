internal import Core
internal import Platform
internal import Wire

extension AnswerReceipt {
    /// The receipt as one line of JSON. Its `checksum` is the SHA-256 of the rest, written in the same way.
    public var text: String {
        var fields = fields
        fields["checksum"] = .string(Self.checksum(of: fields))
        return JSONValue.object(fields).canonicalText
    }

    static func checksum(of fields: [ByteString: JSONValue]) -> String {
        var rest = fields
        rest["checksum"] = nil
        return hexadecimal(SHA256.digest(of: Array(JSONValue.object(rest).canonicalText.utf8)))
    }

    private var fields: [ByteString: JSONValue] {
        [
            "imprag_receipt": .integer(Self.format),
            "build": .string(record.coordinator.build),
            "model": .object(modelFields.compactMapValues { $0 }),
            "collection": .object([
                "id": .string(record.collectionID), "name": .string(record.collectionName),
                "partitions": .array(
                    record.partitions.map {
                        .object([
                            "partition": .integer($0.partition), "epoch": .integer($0.epoch),
                            "passages": .integer($0.passages),
                        ])
                    }),
            ]),
            "request": .object(requestFields.compactMapValues { $0 }),
            "passages": .array(passages.enumerated().map { Self.json($0.element, rank: $0.offset) }),
            "answer": .object(answerFields.compactMapValues { $0 }),
        ]
    }

    private var modelFields: [ByteString: JSONValue?] {
        [
            "fingerprint": .string(record.fingerprint.description), "compute": .string(record.coordinator.compute),
            "kernels": .string(record.coordinator.kernels),
            "generator": record.generator.map {
                .object([
                    "build": .string($0.build), "compute": .string($0.compute), "kernels": .string($0.kernels),
                ])
            },
        ]
    }

    private var requestFields: [ByteString: JSONValue?] {
        let (options, sampling) = (request.options, request.sampling)
        let messages = request.messages.map {
            JSONValue.object(["role": .string($0.role), "content": .string($0.content)])
        }
        return [
            "prompt": messages.isEmpty ? .string(request.prompt) : nil,
            "messages": messages.isEmpty ? nil : .array(messages),
            "k": request.k.map { .integer($0) }, "encoding": request.encoding.map { .string($0.rawValue) },
            "words": .string(request.words.mode.rawValue), "words_weight": request.words.weight.map { .number($0) },
            "exact": .bool(options.isExact), "recall": options.recall.map { .number($0) },
            "probes": options.probes.map { .integer($0) }, "candidates": options.candidates.map { .integer($0) },
            "filter": options.filter.map { FilterText.json($0) }, "min_epoch": .integer(options.minEpoch),
            "completeness": .string(request.completeness.rawValue),
            "temperature": .number(sampling.temperature), "top_p": sampling.topP.map { .number($0) },
            "top_k": .integer(sampling.topK), "seed": sampling.seed.map { Self.json(unsigned: $0) },
            "stop": .array(sampling.stop.map { .string($0) }),
            "max_tokens": sampling.maxTokens.map { .integer($0) }, "abstain": .bool(request.abstains ?? false),
            "speculate": .bool(request.speculates),
        ]
    }

    private var answerFields: [ByteString: JSONValue?] {
        [
            "text": .string(answer), "tokens": .array(tokens.map { .integer(Int($0)) }),
            "finish": .string(end.rawValue), "attention": .array(attention.map(Self.json)),
            "abstained": abstention.map {
                .object(["reason": .string($0.reason.rawValue), "why": .string($0.why)])
            },
        ]
    }

    private static func json(_ source: Source, rank: Int) -> JSONValue {
        let fields: [ByteString: JSONValue?] = [
            "id": .string(source.id), "sha256": .string(hexadecimal(source.digest)), "rank": .integer(rank + 1),
            "score": json(source.score), "by_vector": source.byVector.map(json), "by_words": source.byWords.map(json),
        ]
        return .object(fields.compactMapValues { $0 })
    }

    private static func json(_ place: ListPlace) -> JSONValue {
        .object(["rank": .integer(place.rank + 1), "score": json(place.score)])
    }

    /// The shortest digits that read back as the same float32.
    private static func json(_ number: Float) -> JSONValue { .number(Double(number.description) ?? Double(number)) }

    private static func json(unsigned number: UInt64) -> JSONValue {
        Int(exactly: number).map { .integer($0) } ?? .digits(String(number))
    }
}
