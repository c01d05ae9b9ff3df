internal import Core

/// A field of the metadata of `CorpusFormat.jsonl`: a string, a number or a list of strings; null is none.
struct JSONLField: Decodable {
    let value: MetadataValue?

    init(from decoder: any Decoder) throws {
        let field = try decoder.singleValueContainer()
        if field.decodeNil() {
            value = nil
        } else if let text = try? field.decode(String.self) {
            value = .string(text)
        } else if let number = try? field.decode(Double.self), number.isFinite {
            value = .number(number)
        } else if let texts = try? field.decode([String].self) {
            value = .strings(texts)
        } else {
            throw DecodingError.dataCorruptedError(
                in: field, debugDescription: "it must be a string, a finite number or a list of strings")
        }
    }
}
