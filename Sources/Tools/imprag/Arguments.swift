import Core

/// A parsed command line. Every word is accounted for: unknown, duplicate and missing ones are refused.
struct Arguments {
    private(set) var words: [String] = []
    private var values: [String: [String]] = [:]

    /// - Parameters:
    ///   - words: what follows the command's name; `--name value` and `--name=value` are the same, `--` ends the
    ///     options.
    ///   - positional: the command's name for its positional arguments, nil when it takes none.
    init(_ words: [String], options: [Option], positional: String?) throws(UsageError) {
        var rest = words[...]
        var optionsEnded = false
        while let word = rest.popFirst() {
            guard !optionsEnded, word.hasPrefix("--") else {
                guard positional != nil, optionsEnded || !word.hasPrefix("-") || word == "-" else {
                    throw UsageError(message: "'\(word)' is not expected here; options are long, as in --help")
                }
                self.words.append(word)
                continue
            }
            if word == "--" {
                optionsEnded = true
                continue
            }
            let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init)
            guard let option = options.first(where: { $0.name == parts[0] }) else {
                let renamed = options.first { $0.formerName == parts[0] }?.name
                throw UsageError(
                    message: "there is no option --\(parts[0])"
                        + Self.suggestion(renamed ?? parts[0], options.map(\.name)))
            }
            guard values[option.name] == nil else { throw UsageError(message: "--\(option.name) stands twice") }
            if option.value == nil {
                guard parts.count == 1 else { throw UsageError(message: "--\(option.name) takes no value") }
                values[option.name] = []
            } else if parts.count == 2 {
                values[option.name] = [parts[1]]
            } else {
                let next = rest.first.flatMap { Self.option($0, of: options) }
                guard next == nil, let value = rest.popFirst() else {
                    let found = next.map { "; --\($0.name) is the next option" } ?? ""
                    throw UsageError(message: "--\(option.name) needs a value: \(option.value ?? "")\(found)")
                }
                values[option.name] = [value]
            }
            while option.isList, let value = rest.first, !value.hasPrefix("--") {
                values[option.name, default: []].append(value)
                rest.removeFirst()
            }
        }
        let missing = options.filter { $0.isRequired && values[$0.name] == nil }
        guard missing.isEmpty else {
            throw UsageError(
                message: "missing " + missing.map { "--\($0.name) \($0.value ?? "")" }.joined(separator: ", "))
        }
        // As a shell makes it of a variable that nobody has set.
        if let empty = options.first(where: { $0.isRequired && strings($0.name).contains("") }) {
            throw UsageError(message: "--\(empty.name) is empty; \(empty.value ?? "") is right")
        }
    }

    /// The option that `word` begins, as a value of another one cannot: what a shell makes of `--model $MODEL --out
    /// DIR` without that variable. `--stop=--out` says that it is meant.
    private static func option(_ word: String, of options: [Option]) -> Option? {
        options.first { word == "--\($0.name)" || word.hasPrefix("--\($0.name)=") }
    }

    func has(_ name: String) -> Bool { values[name] != nil }

    func string(_ name: String) -> String? { values[name]?.first }

    func strings(_ name: String) -> [String] { values[name] ?? [] }

    /// The value of an option that the parser has required.
    func required(_ name: String) -> String { values[name]?.first ?? "" }

    func integer(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
        guard let text = string(name) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw UsageError(
                message:
                    "--\(name) is '\(text)'; a whole number from \(range.lowerBound) to \(range.upperBound) is right")
        }
        return value
    }

    func number(_ name: String, in range: ClosedRange<Double>) throws(UsageError) -> Double? {
        guard let text = string(name) else { return nil }
        guard let value = Double(text), range.contains(value) else {
            throw UsageError(
                message: "--\(name) is '\(text)'; a number from \(range.lowerBound) to \(range.upperBound) is right")
        }
        return value
    }

    /// A number of bytes, or a text such as `2 GiB`.
    func byteCount(_ name: String) throws(UsageError) -> ByteCount? {
        guard let text = string(name) else { return nil }
        if let bytes = Int(text), bytes >= 0 { return ByteCount(bytes) }
        guard let count = ByteCount(text) else {
            throw UsageError(
                message: "--\(name) is '\(text)'; a number of bytes or a text such as '1.5 GiB' is right")
        }
        return count
    }

    /// One of an enumeration's raw values.
    func choice<Value: RawRepresentable & CaseIterable>(
        _ name: String, as type: Value.Type
    ) throws(UsageError) -> Value? where Value.RawValue == String {
        guard let text = string(name) else { return nil }
        guard let value = Value(rawValue: text) else {
            let right = Value.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            throw UsageError(message: "--\(name) is '\(text)'; one of \(right) is right")
        }
        return value
    }

    /// `; did you mean …?` when a known name is near.
    static func suggestion(_ word: String, _ known: [String]) -> String {
        nearestName(to: word, among: known).map { "; did you mean \($0)?" } ?? ""
    }
}
