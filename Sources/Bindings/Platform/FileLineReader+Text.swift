public import Core
internal import Foundation

extension FileLineReader.Line {
    /// The line as text.
    ///
    /// - Parameter path: the file, for messages.
    /// - Throws: `invalidArgument` naming file, line and byte when the line is too long or not UTF-8.
    public func text(in path: String) throws(ImpRAGError) -> String {
        guard !isTooLong else {
            throw ImpRAGError(
                .invalidArgument,
                "\(path):\(number): the line has \(byteCount) bytes; at most \(ByteCount(FileLineReader.defaultLimitBytes)) "
                    + "are read")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let place = invalidPlace
            throw ImpRAGError(
                .invalidArgument,
                "\(path):\(number): the line is not UTF-8: its byte \(place + 1) (byte \(offset + place) of the text) "
                    + "begins no character")
        }
        return text
    }

    /// Decodes the line, a JSON object, as `type`.
    ///
    /// - Parameter path: the file, for messages.
    /// - Throws: `invalidArgument` naming file, line and field, also as `text(in:)`.
    public func decode<Value: Decodable>(_ type: Value.Type, in path: String) throws(ImpRAGError) -> Value {
        _ = try text(in: path)
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw ImpRAGError(.invalidArgument, "\(path):\(number): \(Self.explanation(of: error))")
        }
    }

    /// Whether the line holds nothing but spaces, tabs and carriage returns.
    public var isBlank: Bool { !isTooLong && bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D } }

    /// The index of the first byte that is not part of valid UTF-8.
    private var invalidPlace: Int {
        var parser = UTF8.ForwardParser()
        var rest = bytes.makeIterator()
        var place = 0
        while case .valid(let character) = parser.parseScalar(from: &rest) { place += character.count }
        return place
    }

    /// What `JSONDecoder` did not like about a line, in words that name the field.
    public static func explanation(of error: any Error) -> String {
        func name(_ path: [any CodingKey]) -> String {
            path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        }
        guard let error = error as? DecodingError else { return "\(error)" }
        switch error {
        case .keyNotFound(let key, let context):
            return "the field \"\(name(context.codingPath + [key]))\" is missing"
        case .valueNotFound(_, let context):
            return "the field \"\(name(context.codingPath))\" is null"
        case .typeMismatch(let type, let context):
            if context.codingPath.isEmpty { return "the line is not a JSON object" }
            return "the field \"\(name(context.codingPath))\" must be \(kind(of: type))"
        case .dataCorrupted(let context):
            if !context.codingPath.isEmpty {
                return "the field \"\(name(context.codingPath))\": \(context.debugDescription)"
            }
            let detail = (context.underlyingError as NSError?)?.userInfo[NSDebugDescriptionErrorKey] as? String
            return "the line is not valid JSON: \(detail ?? context.debugDescription)"
        @unknown default:
            return "\(error)"
        }
    }

    private static func kind(of type: Any.Type) -> String {
        if type == String.self { return "a string" }
        if type is any BinaryInteger.Type { return "a whole number" }
        if type is any BinaryFloatingPoint.Type { return "a number" }
        if "\(type)".hasPrefix("Array") { return "a list" }
        if "\(type)".hasPrefix("Dictionary") { return "an object" }
        return "\(type)"
    }
}
