public import Core

extension FileLineReader.Line {
    /// The line as text.
    ///
    /// - Parameter path: the file, for messages.
    /// - Throws: `invalidArgument` naming file, line and byte when the line is too long or not UTF-8.
    public func text(in path: String) throws(ImpRAGError) -> String { try text(at: place(in: path), it: "the line") }

    private func text(at place: String, it: String) throws(ImpRAGError) -> String {
        func bad(_ what: String) -> ImpRAGError { ImpRAGError(.invalidArgument, "\(place): \(it) \(what)") }
        guard !isTooLong else { throw bad("has \(byteCount) bytes; at most \(ByteCount(limitBytes)) are read") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let first = invalidPlace
            throw bad(
                "is not UTF-8: its byte \(first + 1) (byte \(offset + first) of the text) begins no character")
        }
        return text
    }

    /// The line as one JSON object.
    ///
    /// - Parameter path: the file, for messages.
    /// - Throws: `invalidArgument` naming file, line and column, also as `text(in:)`.
    public func json(in path: String) throws(ImpRAGError) -> JSONField { try json(at: place(in: path), it: "the line") }

    /// The same; messages begin with `place`, and call the line `it`.
    public func json(at place: String, it: String) throws(ImpRAGError) -> JSONField {
        _ = try text(at: place, it: it)
        // Checked before parsing: of an array over many lines, every line would be wrong for a different reason.
        if bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "[") {
            throw ImpRAGError(
                .invalidArgument,
                "\(place): the line is not a JSON object, it begins a list; one object a line is right, which `jq -c '.[]'` makes"
            )
        }
        let value = try JSONScanner.value(.line(place), bytes: bytes)
        guard case .object = value else {
            throw ImpRAGError(.invalidArgument, "\(place): the line is not a JSON object, but \(value.kind)")
        }
        return JSONField(line: place, value: value)
    }

    /// As in `wiki.jsonl:17`.
    public func place(in path: String) -> String { "\(path):\(number)" }

    /// Whether the line has only spaces, tabs and carriage returns.
    public var isBlank: Bool { !isTooLong && bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D } }

    /// The index of the first byte that is not part of valid UTF-8.
    private var invalidPlace: Int {
        var parser = UTF8.ForwardParser()
        var rest = bytes.makeIterator()
        var place = 0
        while case .valid(let character) = parser.parseScalar(from: &rest) { place += character.count }
        return place
    }
}
