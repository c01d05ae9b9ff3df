/// An id as JSON gives it: a string, or a whole number, which stands for its decimal digits.
public struct JSONIdentifier: Decodable, Sendable {
    public let text: String

    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let text = try? value.decode(String.self) {
            self.text = text
        } else if let number = try? value.decode(Int64.self) {
            text = String(number)
        } else if let number = try? value.decode(UInt64.self) {
            text = String(number)
        } else if value.decodeNil() {
            throw DecodingError.valueNotFound(
                String.self, .init(codingPath: decoder.codingPath, debugDescription: "null"))
        } else {
            throw DecodingError.dataCorruptedError(
                in: value, debugDescription: "it must be a string or a whole number below 2^64")
        }
    }
}
