import Foundation

/// A string or a number, given back as it came: the `id` of an input line.
enum JSONScalar: Decodable {
    case string(String)
    /// Its digits.
    case number(String)

    /// As it came, without quotes.
    var text: String {
        switch self {
        case .string(let text): text
        case .number(let digits): digits
        }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if let number = try? container.decode(Int.self) {
            self = .number(String(number))
        } else if let number = try? container.decode(Decimal.self) {
            // 38 digits: an id is a name, and no digit of it may be lost.
            self = .number("\(number)")
        } else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "a string or a number is right")
        }
    }
}
