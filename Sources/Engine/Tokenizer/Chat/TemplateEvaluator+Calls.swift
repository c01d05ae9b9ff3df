import Core

/// The arguments of a call or filter.
struct TemplateValues {
    var positional: [ChatValue] = []
    var named: [String: ChatValue] = [:]

    /// The argument at `index`, which may be named instead.
    subscript(_ index: Int, _ name: String) -> ChatValue? {
        index < positional.count ? positional[index] : named[name]
    }
}

extension TemplateEvaluator {
    mutating func call(
        _ function: TemplateExpression, _ arguments: TemplateArguments, _ line: Int
    ) throws(ImpRAGError) -> ChatValue {
        if case .member(let owner, let method) = function.kind {
            let owner = try evaluate(owner)
            return try call(method, of: owner, try evaluate(arguments), line)
        }
        let value = try evaluate(function)
        if case .macro(let place) = value { return try call(macros[place], try evaluate(arguments), line) }
        guard case .function(let function) = value else { throw failure(line, "\(value.kind) cannot be called") }
        return try call(function, try evaluate(arguments), line)
    }

    private mutating func call(
        _ function: TemplateFunction, _ arguments: TemplateValues, _ line: Int
    ) throws(ImpRAGError) -> ChatValue {
        switch function {
        case .raiseException:
            let message = arguments[0, "message"]?.text?.prefix(500) ?? []
            throw failure(line, "the template refuses these messages: \(ChatText(message).string)")
        case .namespace:
            guard arguments.positional.isEmpty else {
                throw failure(line, "namespace takes names with values, such as namespace(found=false)")
            }
            for value in arguments.named.values { try check(value, line) }
            namespaces.append(arguments.named)
            return .namespace(namespaces.count - 1)
        case .strftimeNow:
            guard case .string(let format) = arguments[0, "format"] else {
                throw failure(line, "strftime_now takes a format, such as \"%d %b %Y\"")
            }
            guard let date = time.formatted(format.string) else {
                throw failure(line, "strftime_now supports %d, %b, %B, %m, %Y, %y, %H, %M, %S and %%")
            }
            return .string(ChatText(template: date))
        case .range: return try range(arguments, line)
        }
    }

    private mutating func range(_ arguments: TemplateValues, _ line: Int) throws(ImpRAGError) -> ChatValue {
        var bounds: [Int] = []
        for case .integer(let bound) in arguments.positional { bounds.append(bound) }
        guard bounds.count == arguments.positional.count, (1...3).contains(bounds.count) else {
            throw failure(line, "range takes one to three numbers")
        }
        let (start, end) = bounds.count == 1 ? (0, bounds[0]) : (bounds[0], bounds[1])
        let step = bounds.count == 3 ? bounds[2] : 1
        guard step != 0 else { throw failure(line, "range's step is 0") }
        var values: [ChatValue] = []
        var next = (partialValue: start, overflow: false)
        while !next.overflow, step > 0 ? next.partialValue < end : next.partialValue > end {
            try charge(0, line)
            values.append(.integer(next.partialValue))
            next = next.partialValue.addingReportingOverflow(step)
        }
        return .list(values)
    }

    private mutating func call(
        _ method: String, of owner: ChatValue, _ arguments: TemplateValues, _ line: Int
    ) throws(ImpRAGError) -> ChatValue {
        switch owner {
        case .string(let text): return try call(method, of: text, arguments, line)
        case .dictionary(let entries):
            try charge(entries.count, line)
            switch method {
            case "items": return .list(Self.items(entries))
            case "keys": return .list(entries.map { .string($0.key) })
            case "values": return .list(entries.map(\.value))
            case "get":
                guard case .string(let key) = arguments[0, "key"] else { throw failure(line, "get takes a string") }
                return entries[key] ?? arguments[1, "default"] ?? .none
            default: break
            }
        default: break
        }
        throw failure(line, "\(owner.kind) has no method \(method.prefix(40)) that is supported")
    }

    private static func items(_ entries: [ChatValue.Entry]) -> [ChatValue] {
        entries.map { .list([.string($0.key), $0.value]) }
    }

    private mutating func call(
        _ method: String, of text: ChatText, _ arguments: TemplateValues, _ line: Int
    ) throws(ImpRAGError) -> ChatValue {
        try charge(text.count, line)
        switch method {
        case "strip": return .string(try trimmed(text, arguments, line))
        case "lstrip": return .string(try trimmed(text, right: false, arguments, line))
        case "rstrip": return .string(try trimmed(text, left: false, arguments, line))
        case "upper": return .string(text.mapped(\.uppercaseMapping))
        case "lower": return .string(text.mapped(\.lowercaseMapping))
        case "capitalize": return .string(text.capitalized { _ in false })
        case "title": return .string(text.capitalized { !$0.scalar.properties.isCased })
        case "startswith": return .bool(text.starts(with: try string(arguments[0, "prefix"], method, line)))
        case "endswith":
            return .bool(text.reversed().starts(with: try string(arguments[0, "suffix"], method, line).reversed()))
        case "replace":
            return .string(try replaced(text, arguments, line))
        case "split":
            let limit: Int
            switch arguments[1, "maxsplit"] {
            case nil: limit = .max
            case .integer(let value): limit = value < 0 ? .max : value
            case let value?: throw failure(line, "split's maxsplit is \(value.kind); a number is right")
            }
            switch arguments[0, "sep"] {
            case nil, .some(.none):
                guard limit == .max else { throw failure(line, "split takes maxsplit only with a separator") }
                return .list(text.splitAtSpaces().map { .string($0) })
            case let separator:
                let separator = try string(separator, method, line)
                guard !separator.isEmpty else { throw failure(line, "split's separator is empty") }
                try chargeSearch(of: separator, in: text, line)
                return .list(text.split(at: separator, limit: limit).map { .string($0) })
            }
        default: throw failure(line, "a string has no method \(method.prefix(40)) that is supported")
        }
    }

    private func string(_ value: ChatValue?, _ taker: String, _ line: Int) throws(ImpRAGError) -> ChatText {
        guard case .string(let text) = value else {
            throw failure(line, "\(taker) takes a string, not \(value?.kind ?? "nothing")")
        }
        return text
    }

    private func trimmed(
        _ text: ChatText, left: Bool = true, right: Bool = true, _ arguments: TemplateValues, _ line: Int
    ) throws(ImpRAGError) -> ChatText {
        switch arguments[0, "chars"] {
        case nil, .some(.none): return text.trimmed(left: left, right: right)
        case let characters:
            // More would make each step of the work long.
            let characters = try string(characters, "strip", line).prefix(64)
            return text.trimmed(left: left, right: right) { characters.contains($0) }
        }
    }

    private mutating func replaced(
        _ text: ChatText, _ arguments: TemplateValues, _ line: Int
    ) throws(ImpRAGError) -> ChatText {
        let old = try string(arguments[0, "old"], "replace", line)
        let new = try string(arguments[1, "new"], "replace", line)
        guard !old.isEmpty, arguments[2, "count"] == nil else {
            throw failure(line, "replace takes what to replace, which is not empty, and what with")
        }
        try chargeSearch(of: old, in: text, line)
        let parts = text.split(at: old)
        try charge(parts.count.multipliedClamped(by: new.count), line)
        return ChatText(parts.joined(separator: new))
    }

    mutating func apply(
        _ filter: TemplateFilter, to value: ChatValue, _ arguments: TemplateValues, _ line: Int
    ) throws(ImpRAGError) -> ChatValue {
        switch filter {
        case .default:
            let replaces =
                if case .undefined = value { true } else { arguments[1, "boolean"]?.isTrue ?? false && !value.isTrue }
            return replaces ? arguments[0, "default_value"] ?? .string([]) : value
        case .tojson:
            guard arguments.positional.isEmpty, arguments.named.isEmpty else {
                throw failure(line, "tojson takes no arguments here")
            }
            return .string(try json(value, line))
        case .int:
            switch value {
            case .integer: return value
            case .float(let float): return .integer(Int(exactly: float.rounded(.towardZero)) ?? 0)
            case .bool(let bool): return .integer(bool ? 1 : 0)
            case .string(let text):
                return Int(text.trimmed().string).map { .integer($0) } ?? arguments[0, "default"] ?? .integer(0)
            default: return arguments[0, "default"] ?? .integer(0)
            }
        case .float:
            if case .string(let text) = value { return .float(Double(text.trimmed().string) ?? 0) }
            return .float(value.number ?? 0)
        case .abs, .round: return try number(filter, value, arguments, line)
        case .safe: return value
        case .reverse, .unique, .map, .select, .reject, .selectattr, .rejectattr:
            return try chosen(filter, value, arguments, line)
        case .length, .count, .first, .last, .list, .join:
            guard let elements = value.elements else { throw failure(line, "\(value.kind) has no elements") }
            try charge(elements.count, line)
            switch filter {
            case .first: return elements.first ?? .undefined("the first element of nothing")
            case .last: return elements.last ?? .undefined("the last element of nothing")
            case .list: return .list(elements)
            case .join: return .string(try joined(elements, by: arguments[0, "d"], line))
            default: return .integer(elements.count)
            }
        case .items:
            guard case .dictionary(let entries) = value else { throw failure(line, "\(value.kind) has no items") }
            return .list(Self.items(entries))
        case .trim, .upper, .lower, .title, .capitalize, .replace, .string:
            let text = try text(of: value, line)
            try charge(text.count, line)
            switch filter {
            case .trim: return .string(try trimmed(text, arguments, line))
            case .upper: return .string(text.mapped(\.uppercaseMapping))
            case .lower: return .string(text.mapped(\.lowercaseMapping))
            case .title:
                return .string(text.capitalized { $0.isSpace || ["-", "(", "{", "[", "<"].contains($0.scalar) })
            case .capitalize: return .string(text.capitalized { _ in false })
            case .replace: return .string(try replaced(text, arguments, line))
            default: return .string(text)
            }
        }
    }

    private mutating func joined(
        _ elements: [ChatValue], by separator: ChatValue?, _ line: Int
    ) throws(ImpRAGError) -> ChatText {
        let separator = try text(of: separator ?? .string([]), line)
        var result: ChatText = []
        for (index, element) in elements.enumerated() {
            let next = (index > 0 ? separator : []) + (try text(of: element, line))
            try charge(next.count, line)
            result += next
        }
        return result
    }
}
