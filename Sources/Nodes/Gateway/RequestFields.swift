import Core

/// Reads a JSON object strictly: whatever was not read is refused, never ignored.
struct RequestFields {
    private let members: [ByteString: JSONValue]
    /// The object's own name; empty for the outermost.
    private let name: String
    private var known: Set<ByteString> = []

    init(body: [UInt8]) throws(GatewayFailure) {
        let value: JSONValue
        do throws(ImpRAGError) {
            value = try JSONScanner.value(.text("the body"), bytes: body)
        } catch {
            throw GatewayFailure(error)
        }
        try self.init(value, name: "")
    }

    init(_ value: JSONValue, name: String) throws(GatewayFailure) {
        guard case .object(let members) = value else {
            throw .field(name, "\(name.isEmpty ? "the body" : name) must be an object, not \(value.kind)")
        }
        self.members = members
        self.name = name
    }

    /// A field's full name, for messages.
    func path(_ field: String) -> String { name.isEmpty ? field : "\(name).\(field)" }

    /// The field `field`; nil when it is absent or null.
    mutating func value(_ field: String) -> JSONValue? {
        known.insert(ByteString(field))
        let value = members[ByteString(field)]
        return value == .null ? nil : value
    }

    mutating func required(_ field: String) throws(GatewayFailure) -> JSONValue {
        guard let value = value(field) else { throw .field(path(field), "\(path(field)) is missing") }
        return value
    }

    mutating func object(_ field: String) throws(GatewayFailure) -> RequestFields? {
        guard let value = value(field) else { return nil }
        return try RequestFields(value, name: path(field))
    }

    mutating func string(_ field: String) throws(GatewayFailure) -> String? {
        guard let value = value(field) else { return nil }
        return try text(value, path(field))
    }

    mutating func requiredString(_ field: String) throws(GatewayFailure) -> String {
        try text(try required(field), path(field))
    }

    mutating func bool(_ field: String, otherwise: Bool = false) throws(GatewayFailure) -> Bool {
        guard let value = value(field) else { return otherwise }
        guard case .bool(let truth) = value else {
            throw .field(path(field), "\(path(field)) must be true or false, not \(value.kind)")
        }
        return truth
    }

    /// Nil when the field says nothing.
    mutating func optionalBool(_ field: String) throws(GatewayFailure) -> Bool? {
        value(field) == nil ? nil : try bool(field)
    }

    mutating func integer(_ field: String, in range: ClosedRange<Int>) throws(GatewayFailure) -> Int? {
        guard let value = value(field) else { return nil }
        guard let number = Self.whole(value), range.contains(number) else {
            let right = "a whole number from \(range.lowerBound) to \(range.upperBound) is right"
            throw .field(path(field), "\(path(field)): \(right), not \(value.kind)")
        }
        return number
    }

    /// To JSON 8.0 is a whole number, too.
    private static func whole(_ value: JSONValue) -> Int? {
        switch value {
        case .integer(let number): number
        case .number(let number): Int(exactly: number)
        default: nil
        }
    }

    mutating func number(_ field: String, in range: ClosedRange<Double>) throws(GatewayFailure) -> Double? {
        guard let value = value(field) else { return nil }
        guard let number = value.double, range.contains(number) else {
            let right = "a number from \(range.lowerBound) to \(range.upperBound) is right"
            throw .field(path(field), "\(path(field)): \(right), not \(value.kind)")
        }
        return number
    }

    /// One of `Choice`'s values.
    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ field: String, _ type: Choice.Type
    ) throws(GatewayFailure) -> Choice? {
        guard let value = value(field) else { return nil }
        guard case .string(let text) = value, let choice = Choice(rawValue: text) else {
            let right = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            throw .field(path(field), "\(path(field)): one of \(right) is right, not \(value.kind)")
        }
        return choice
    }

    mutating func list(_ field: String) throws(GatewayFailure) -> [JSONValue]? {
        guard let value = value(field) else { return nil }
        guard case .array(let values) = value else {
            throw .field(path(field), "\(path(field)) must be a list, not \(value.kind)")
        }
        return values
    }

    mutating func strings(_ field: String) throws(GatewayFailure) -> [String]? {
        guard let values = try list(field) else { return nil }
        var texts: [String] = []
        for (place, value) in values.enumerated() { texts.append(try text(value, "\(path(field))[\(place)]")) }
        return texts
    }

    /// Takes `field` only with a value that changes nothing.
    mutating func neutral(_ field: String, _ isNeutral: (JSONValue) -> Bool, _ right: String) throws(GatewayFailure) {
        guard let value = value(field), !isNeutral(value) else { return }
        throw .field(path(field), "\(path(field)) is not supported; only \(right) is")
    }

    /// Throws for a field that was not asked for, unless it is null, which asks for nothing: some clients send all
    /// their fields.
    func refuseOthers() throws(GatewayFailure) {
        let others = members.filter { !known.contains($0.key) && $0.value != .null }
        guard let other = others.keys.min() else { return }
        throw .field(path(other.text), "\(path(other.text)) is not supported")
    }

    private func text(_ value: JSONValue, _ path: String) throws(GatewayFailure) -> String {
        guard case .string(let text) = value else { throw .field(path, "\(path) must be a string, not \(value.kind)") }
        return text
    }
}
