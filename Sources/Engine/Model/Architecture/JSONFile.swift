import Core
import Foundation
import Platform

/// One object in a JSON file, read field by field. Collects problems instead of stopping at the first.
struct JSONFile {
    /// As in `config.json` or `config.json, imprag`, for messages.
    let place: String
    let fields: [ByteString: JSONValue]
    private(set) var problems: [String] = []

    /// Files beyond this are not settings of a model.
    static let byteLimit = 64 << 20

    /// Reads the file at `path`, whose top level must be an object.
    init(path: String) throws(ImpRAGError) {
        let name = URL(filePath: path).lastPathComponent
        place = name
        let file = try MappedFile(path: path)
        guard file.count <= Self.byteLimit else {
            throw ImpRAGError(.invalidArgument, "\(path) has \(file.count) bytes; at most \(Self.byteLimit) are read")
        }
        let value = try JSONScanner.value(.file(path), bytes: file.copyBytes(in: 0..<file.count))
        guard case .object(let fields) = value else {
            throw ImpRAGError(.invalidArgument, "\(path) holds \(value.text); an object is expected")
        }
        self.fields = fields
    }

    init(place: String, fields: [ByteString: JSONValue]) {
        self.place = place
        self.fields = fields
    }

    mutating func report(_ problem: String) {
        problems.append("\(place): \(problem)")
    }

    mutating func adopt(_ other: JSONFile) {
        problems += other.problems
    }

    /// The field, unless it is absent or null.
    func value(_ name: String) -> JSONValue? {
        let value = fields[ByteString(name)]
        return value == .null ? nil : value
    }

    /// A whole number in `range`; `fallback` (reported when that is nil) where the field is absent.
    mutating func integer(_ name: String, in range: ClosedRange<Int>, or fallback: Int? = nil) -> Int {
        guard let value = value(name) else {
            if let fallback { return fallback }
            report("\(name) is missing; a whole number from \(range.lowerBound) to \(range.upperBound) is expected")
            return range.lowerBound
        }
        guard case .integer(let number) = value, range.contains(number) else {
            report(
                "\(name) is \(value.text); a whole number from \(range.lowerBound) to \(range.upperBound) is expected")
            return range.lowerBound
        }
        return number
    }

    /// A finite number in `range`.
    mutating func number(_ name: String, in range: ClosedRange<Double>, or fallback: Double? = nil) -> Double {
        guard let value = value(name) else {
            if let fallback { return fallback }
            report("\(name) is missing; a number from \(range.lowerBound) to \(range.upperBound) is expected")
            return range.lowerBound
        }
        guard let number = value.double else {
            report("\(name) is \(value.text); a number is expected")
            return range.lowerBound
        }
        guard range.contains(number) else {
            report("\(name) is \(number); a number from \(range.lowerBound) to \(range.upperBound) is expected")
            return range.lowerBound
        }
        return number
    }

    mutating func flag(_ name: String, or fallback: Bool) -> Bool {
        switch value(name) {
        case nil: return fallback
        case .bool(let flag): return flag
        case let other?:
            report("\(name) is \(other.text); true or false is expected")
            return fallback
        }
    }

    mutating func string(_ name: String) -> String? {
        switch value(name) {
        case nil: return nil
        case .string(let text): return text
        case let other?:
            report("\(name) is \(other.text); a string is expected")
            return nil
        }
    }

    mutating func object(_ name: String) -> JSONFile? {
        switch value(name) {
        case nil: return nil
        case .object(let fields): return JSONFile(place: "\(place), \(name)", fields: fields)
        case let other?:
            report("\(name) is \(other.text); an object is expected")
            return nil
        }
    }
}
