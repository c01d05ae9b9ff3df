import Core

/// Expressions, each function a level of precedence, loosest first, as in Jinja's own parser.
extension TemplateParser {
    private func make(
        _ kind: TemplateExpression.Kind, over parts: [TemplateExpression] = []
    ) throws(ImpRAGError) -> TemplateExpression {
        let depth = 1 + (parts.map(\.depth).max() ?? 0)
        guard depth <= Self.maximumDepth else {
            throw failure("the expression has more than \(Self.maximumDepth) levels")
        }
        return TemplateExpression(kind: kind, line: line, depth: depth)
    }

    /// An expression, or several with commas, which are a list.
    mutating func tuple() throws(ImpRAGError) -> TemplateExpression {
        let first = try expression()
        guard token == .symbol(",") else { return first }
        var all = [first]
        while take(",") {
            if token == .end || token == .symbol(")") { break }
            all.append(try expression())
        }
        return try make(.list(all), over: all)
    }

    mutating func expression() throws(ImpRAGError) -> TemplateExpression {
        try nested { parser throws(ImpRAGError) in
            var result = try parser.or()
            while parser.takeWord("if") {
                let condition = try parser.or()
                let otherwise = parser.takeWord("else") ? try parser.expression() : nil
                result = try parser.make(
                    .conditional(condition, then: result, otherwise: otherwise),
                    over: [condition, result] + (otherwise.map { [$0] } ?? []))
            }
            return result
        }
    }

    mutating func or() throws(ImpRAGError) -> TemplateExpression {
        var left = try and()
        while takeWord("or") {
            let right = try and()
            left = try make(.or(left, right), over: [left, right])
        }
        return left
    }

    private mutating func and() throws(ImpRAGError) -> TemplateExpression {
        var left = try not()
        while takeWord("and") {
            let right = try not()
            left = try make(.and(left, right), over: [left, right])
        }
        return left
    }

    private mutating func not() throws(ImpRAGError) -> TemplateExpression {
        guard token == .name("not") else { return try comparison() }
        advance()
        let operand = try nested { parser throws(ImpRAGError) in try parser.not() }
        return try make(.not(operand), over: [operand])
    }

    /// `a < b < c` is `a < b and b < c`, as in Python.
    private mutating func comparison() throws(ImpRAGError) -> TemplateExpression {
        var left = try sum()
        var all: TemplateExpression?
        while let symbol = takeComparison() {
            let right = try sum()
            let one = try make(.binary(symbol, left, right), over: [left, right])
            if let before = all { all = try make(.and(before, one), over: [before, one]) } else { all = one }
            left = right
        }
        return all ?? left
    }

    private mutating func takeComparison() -> TemplateOperator? {
        switch token {
        case .symbol(let symbol) where ["==", "!=", "<", "<=", ">", ">="].contains(symbol):
            advance()
            return TemplateOperator(rawValue: symbol)
        case .name("in"):
            advance()
            return .isIn
        case .name("not") where nextToken == .name("in"):
            advance()
            advance()
            return .isNotIn
        default: return nil
        }
    }

    private mutating func sum() throws(ImpRAGError) -> TemplateExpression {
        try chain(["+", "-"]) { parser throws(ImpRAGError) in
            try parser.chain(["~"]) { parser throws(ImpRAGError) in
                try parser.chain(["*", "/", "//", "%"]) { parser throws(ImpRAGError) in try parser.unary() }
            }
        }
    }

    /// Operands with operators of one precedence between them.
    private mutating func chain(
        _ symbols: [String], of operand: (inout TemplateParser) throws(ImpRAGError) -> TemplateExpression
    ) throws(ImpRAGError) -> TemplateExpression {
        var left = try operand(&self)
        while case .symbol(let symbol) = token, symbols.contains(symbol),
            let operation = TemplateOperator(rawValue: symbol)
        {
            advance()
            let right = try operand(&self)
            left = try make(.binary(operation, left, right), over: [left, right])
        }
        return left
    }

    private mutating func unary(withFilters: Bool = true) throws(ImpRAGError) -> TemplateExpression {
        var result: TemplateExpression
        if token == .symbol("-") {
            advance()
            let operand = try nested { parser throws(ImpRAGError) in try parser.unary(withFilters: false) }
            result = try make(.negative(operand), over: [operand])
        } else {
            result = try postfix(try primary())
        }
        while withFilters {
            if take("|") {
                result = try filter(of: result)
            } else if takeWord("is") {
                result = try test(of: result)
            } else if token == .symbol("(") {
                result = try call(result)
            } else {
                break
            }
        }
        return result
    }

    private mutating func primary() throws(ImpRAGError) -> TemplateExpression {
        switch token {
        case .name(let name):
            advance()
            switch name {
            case "true", "True": return try make(.literal(.bool(true)))
            case "false", "False": return try make(.literal(.bool(false)))
            case "none", "None": return try make(.literal(.none))
            default: return try make(.name(name))
            }
        case .integer(let value):
            advance()
            return try make(.literal(.integer(value)))
        case .float(let value):
            advance()
            return try make(.literal(.float(value)))
        case .string(var text):
            advance()
            while case .string(let more) = token {
                text += more
                advance()
            }
            return try make(.literal(.string(ChatText(template: text))))
        case .symbol("("):
            advance()
            if take(")") { return try make(.list([])) }
            let inner = try tuple()
            try expect(")")
            return inner
        case .symbol("["):
            advance()
            let values = try values(upTo: "]") { parser throws(ImpRAGError) in try parser.expression() }
            return try make(.list(values), over: values)
        case .symbol("{"):
            advance()
            let entries = try values(upTo: "}") { parser throws(ImpRAGError) in
                let key = try parser.expression()
                try parser.expect(":")
                return (key, try parser.expression())
            }
            return try make(
                .dictionary(keys: entries.map(\.0), values: entries.map(\.1)), over: entries.flatMap { [$0.0, $0.1] })
        default: throw failure("an expression is expected, \(found) stands there")
        }
    }

    /// What stands between commas, up to and past `closing`.
    mutating func values<Value>(
        upTo closing: String, _ read: (inout TemplateParser) throws(ImpRAGError) -> Value
    ) throws(ImpRAGError) -> [Value] {
        var values: [Value] = []
        while !take(closing) {
            if !values.isEmpty {
                try expect(",")
                if take(closing) { break }
            }
            values.append(try read(&self))
        }
        return values
    }

    private mutating func postfix(_ start: TemplateExpression) throws(ImpRAGError) -> TemplateExpression {
        var result = start
        while true {
            if take(".") {
                if case .integer(let index) = token {
                    advance()
                    result = try make(.element(result, try make(.literal(.integer(index)))), over: [result])
                } else {
                    result = try make(.member(result, try expectName()), over: [result])
                }
            } else if take("[") {
                result = try subscripted(result)
            } else if token == .symbol("(") {
                result = try call(result)
            } else {
                return result
            }
        }
    }

    private mutating func subscripted(_ value: TemplateExpression) throws(ImpRAGError) -> TemplateExpression {
        var places: [TemplateExpression?] = []
        repeat {
            let isEmpty = token == .symbol(":") || token == .symbol("]")
            places.append(isEmpty ? nil : try expression())
        } while places.count < 3 && take(":")
        try expect("]")
        let parts = [value] + places.compactMap(\.self)
        if places.count == 1 {
            guard let index = places[0] else { throw failure("an index is expected, ] stands there") }
            return try make(.element(value, index), over: parts)
        }
        let slice = TemplateSlice(start: places[0], end: places[1], step: places.count > 2 ? places[2] : nil)
        return try make(.slice(value, slice), over: parts)
    }

    private mutating func call(_ function: TemplateExpression) throws(ImpRAGError) -> TemplateExpression {
        let arguments = try arguments()
        return try make(.call(function, arguments), over: [function] + arguments.all)
    }

    private mutating func arguments() throws(ImpRAGError) -> TemplateArguments {
        var arguments = TemplateArguments()
        guard take("(") else { return arguments }
        let all = try values(upTo: ")") { parser throws(ImpRAGError) -> (String?, TemplateExpression) in
            guard case .name(let name) = parser.token, parser.nextToken == .symbol("=") else {
                return (nil, try parser.expression())
            }
            parser.advance()
            parser.advance()
            return (name, try parser.expression())
        }
        for (name, value) in all {
            if let name { arguments.named.append((name, value)) } else { arguments.positional.append(value) }
        }
        return arguments
    }

    private mutating func filter(of value: TemplateExpression) throws(ImpRAGError) -> TemplateExpression {
        let name = try expectName()
        let arguments = try arguments()
        guard let filter = TemplateFilter(rawValue: name) else {
            let message = "the filter \(name.prefix(40)) is not supported; \(Self.list(TemplateFilter.self)) are"
            return try make(.unsupported(message), over: [value] + arguments.all)
        }
        return try make(.filter(value, filter, arguments), over: [value] + arguments.all)
    }

    private mutating func test(of value: TemplateExpression) throws(ImpRAGError) -> TemplateExpression {
        let isNegated = takeWord("not")
        let name = try expectName()
        let compared = startsOperand ? try postfix(try primary()) : nil
        let parts = [value] + (compared.map { [$0] } ?? [])
        guard let test = TemplateTest(rawValue: name.lowercased()) else {
            let message = "the test \(name.prefix(40)) is not supported; \(Self.list(TemplateTest.self)) are"
            return try make(.unsupported(message), over: parts)
        }
        guard test.takesValue == (compared != nil) else {
            throw failure("the test \(name) takes \(test.takesValue ? "a value" : "no value")")
        }
        return try make(.test(value, test, compared, isNegated: isNegated), over: parts)
    }

    /// Whether what stands here can be the value that a test compares with.
    private var startsOperand: Bool {
        switch token {
        case .integer, .float, .string: true
        case .name(let word): !["else", "or", "and", "is", "if", "in", "not", "recursive"].contains(word)
        case .symbol(let symbol): ["(", "[", "{"].contains(symbol)
        default: false
        }
    }

    private static func list<Kind: CaseIterable & RawRepresentable<String>>(_ kind: Kind.Type) -> String {
        kind.allCases.map(\.rawValue).joined(separator: ", ")
    }
}
