import Core

/// Tests with a value, and the filters that choose among the elements of a list.
extension TemplateEvaluator {
    mutating func passes(
        _ value: ChatValue, _ test: TemplateTest, _ compared: ChatValue?, _ line: Int
    ) throws(ImpRAGError) -> Bool {
        guard let compared else { return passes(value, test) }
        if case .string(let text) = value { try charge(text.count, line) }
        switch test {
        case .equalto, .eq: return value == compared
        case .ne: return value != compared
        case .sameas:
            switch (value, compared) {
            case (.bool, .integer), (.integer, .bool), (.float, .integer), (.integer, .float): return false
            default: return value == compared
            }
        case .in: return try contains(compared, value, line)
        case .lt: return try order(value, compared, line).isLess
        case .gt: return try order(value, compared, line).isGreater
        case .le: return try !order(value, compared, line).isGreater
        case .ge: return try !order(value, compared, line).isLess
        case .divisibleby:
            guard case .integer(let number) = value, case .integer(let divisor) = compared, divisor != 0 else {
                throw failure(line, "\(value.kind) cannot be divided by \(compared.kind)")
            }
            return divisor == -1 || number % divisor == 0
        default: return passes(value, test)
        }
    }

    mutating func chosen(
        _ filter: TemplateFilter, _ value: ChatValue, _ arguments: TemplateValues, _ line: Int
    ) throws(ImpRAGError) -> ChatValue {
        if filter == .reverse, case .string(let text) = value { return .string(text.reversed()) }
        guard let elements = value.elements else { throw failure(line, "\(value.kind) has no elements") }
        try charge(elements.count, line)
        switch filter {
        case .reverse: return .list(elements.reversed())
        case .unique:
            var kept: [ChatValue] = []
            for element in elements {
                try charge(kept.count, line)
                if !kept.contains(element) { kept.append(element) }
            }
            return .list(kept)
        case .map:
            guard case .string(let name)? = arguments.named["attribute"] else {
                throw failure(line, "map takes an attribute's name here: map(attribute=\"content\")")
            }
            var values: [ChatValue] = []
            for element in elements {
                let value = try attribute(name.string, of: element, line)
                if case .undefined = value, let substitute = arguments.named["default"] {
                    values.append(substitute)
                } else {
                    values.append(value)
                }
            }
            return .list(values)
        default:
            return try selected(filter, elements, arguments, line)
        }
    }

    /// `select(test, value)`, `selectattr(name, test, value)` and their opposites.
    private mutating func selected(
        _ filter: TemplateFilter, _ elements: [ChatValue], _ arguments: TemplateValues, _ line: Int
    ) throws(ImpRAGError) -> ChatValue {
        let isByAttribute = filter == .selectattr || filter == .rejectattr
        let keeps = filter == .select || filter == .selectattr
        var rest = arguments.positional[...]
        var name: String?
        if isByAttribute {
            guard case .string(let text)? = rest.popFirst() else {
                throw failure(line, "\(filter.rawValue) takes an attribute's name")
            }
            name = text.string
        }
        var test: TemplateTest?
        if let word = rest.popFirst() {
            guard case .string(let text) = word, let known = TemplateTest(rawValue: Self.testName(text.string)) else {
                throw failure(line, "\(word.text?.string.prefix(40) ?? "that") is no test that is supported")
            }
            test = known
        }
        let compared = rest.popFirst()
        guard rest.isEmpty, (test?.takesValue ?? false) == (compared != nil) else {
            throw failure(line, "\(filter.rawValue) takes a test, and the value that it compares with")
        }
        var kept: [ChatValue] = []
        for element in elements {
            try charge(0, line)
            let value = try name.map { name throws(ImpRAGError) in try attribute(name, of: element, line) } ?? element
            let holds =
                try test.map { test throws(ImpRAGError) in try passes(value, test, compared, line) } ?? value.isTrue
            if holds == keeps { kept.append(element) }
        }
        return .list(kept)
    }

    private static func testName(_ name: String) -> String {
        ["==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"][name] ?? name
    }

    /// `a.b` by the name `a.b`; elements of lists are not reached that way here.
    private func attribute(_ path: String, of value: ChatValue, _ line: Int) throws(ImpRAGError) -> ChatValue {
        var value = value
        for name in path.split(separator: ".") { value = try member(String(name), of: value, line) }
        return value
    }
}
