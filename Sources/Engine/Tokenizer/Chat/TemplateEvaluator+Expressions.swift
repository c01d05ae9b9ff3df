import Core

extension TemplateEvaluator {
    mutating func evaluate(_ expression: TemplateExpression) throws(ImpRAGError) -> ChatValue {
        let line = expression.line
        try charge(0, line)
        switch expression.kind {
        case .literal(let value): return value
        case .name(let name): return variable(name)
        case .list(let expressions): return .list(try evaluate(all: expressions))
        case .dictionary(let keys, let values): return try dictionary(keys, values, line)
        case .not(let operand): return .bool(!(try evaluate(operand).isTrue))
        case .negative(let operand): return try arithmetic(.subtract, .integer(0), try evaluate(operand), line)
        case .binary(let symbol, let left, let right):
            return try apply(symbol, try evaluate(left), try evaluate(right), line)
        case .and(let left, let right):
            let value = try evaluate(left)
            return value.isTrue ? try evaluate(right) : value
        case .or(let left, let right):
            let value = try evaluate(left)
            return value.isTrue ? value : try evaluate(right)
        case .conditional(let condition, let then, let otherwise):
            if try evaluate(condition).isTrue { return try evaluate(then) }
            return if let otherwise { try evaluate(otherwise) } else { .undefined("the value of an if without else") }
        case .member(let owner, let name): return try member(name, of: try evaluate(owner), line)
        case .element(let owner, let index): return try element(try evaluate(index), of: try evaluate(owner), line)
        case .slice(let value, let slice): return try self.slice(try evaluate(value), slice, line)
        case .call(let function, let arguments): return try call(function, arguments, line)
        case .filter(let value, let filter, let arguments):
            return try apply(filter, to: try evaluate(value), try evaluate(arguments), line)
        case .test(let value, let test, let compared, let isNegated):
            let compared = try compared.map { value throws(ImpRAGError) in try evaluate(value) }
            return .bool(try passes(try evaluate(value), test, compared, line) != isNegated)
        case .unsupported(let what): throw failure(line, what)
        }
    }

    private mutating func evaluate(all expressions: [TemplateExpression]) throws(ImpRAGError) -> [ChatValue] {
        var values: [ChatValue] = []
        for expression in expressions { values.append(try evaluate(expression)) }
        return values
    }

    mutating func evaluate(_ arguments: TemplateArguments) throws(ImpRAGError) -> TemplateValues {
        var values = TemplateValues(positional: try evaluate(all: arguments.positional))
        for (name, value) in arguments.named { values.named[name] = try evaluate(value) }
        return values
    }

    private mutating func dictionary(
        _ keys: [TemplateExpression], _ values: [TemplateExpression], _ line: Int
    ) throws(ImpRAGError) -> ChatValue {
        var entries: [ChatValue.Entry] = []
        for (key, value) in zip(keys, values) {
            let key = try evaluate(key)
            guard case .string(let text) = key else { throw failure(line, "\(key.kind) is a key; only strings can be") }
            let entry = ChatValue.Entry(key: text, value: try evaluate(value))
            if let place = entries.firstIndex(where: { $0.key == text }) {
                entries[place] = entry
            } else {
                entries.append(entry)
            }
        }
        return .dictionary(entries)
    }

    private mutating func apply(
        _ symbol: TemplateOperator, _ left: ChatValue, _ right: ChatValue, _ line: Int
    ) throws(ImpRAGError) -> ChatValue {
        switch symbol {
        case .concatenate:
            let (left, right) = (try text(of: left, line), try text(of: right, line))
            try charge(left.count + right.count, line)
            return .string(left + right)
        case .isEqual, .isUnequal:
            if case .string(let text) = left { try charge(text.count, line) }
            return .bool((left == right) == (symbol == .isEqual))
        case .isIn, .isNotIn: return .bool(try contains(right, left, line) == (symbol == .isIn))
        case .isLess, .isAtMost, .isGreater, .isAtLeast:
            let (isLess, isGreater) = try order(left, right, line)
            return switch symbol {
            case .isLess: .bool(isLess)
            case .isAtMost: .bool(!isGreater)
            case .isGreater: .bool(isGreater)
            default: .bool(!isLess)
            }
        case .add:
            switch (left, right) {
            case (.string(let left), .string(let right)):
                try charge(left.count + right.count, line)
                return .string(left + right)
            case (.list(let left), .list(let right)):
                try charge(left.count + right.count, line)
                return .list(left + right)
            default: return try arithmetic(symbol, left, right, line)
            }
        case .subtract, .multiply, .divide, .divideDown, .remainder: return try arithmetic(symbol, left, right, line)
        }
    }

    func unfit(
        _ symbol: TemplateOperator, _ left: ChatValue, _ right: ChatValue, _ line: Int
    ) -> ImpRAGError {
        failure(line, "\(symbol.rawValue) cannot be applied to \(left.kind) and \(right.kind)")
    }

    private func arithmetic(
        _ symbol: TemplateOperator, _ left: ChatValue, _ right: ChatValue, _ line: Int
    ) throws(ImpRAGError) -> ChatValue {
        guard symbol != .divide, case .integer(let a) = left, case .integer(let b) = right else {
            return try floatArithmetic(symbol, left, right, line)
        }
        let result: (partialValue: Int, overflow: Bool)
        switch symbol {
        case .add: result = a.addingReportingOverflow(b)
        case .subtract: result = a.subtractingReportingOverflow(b)
        case .multiply: result = a.multipliedReportingOverflow(by: b)
        default:
            // Python rounds down, so that a remainder has the divisor's sign.
            var quotient = a.dividedReportingOverflow(by: b)
            guard !quotient.overflow else { throw failure(line, "\(a) cannot be divided by \(b)") }
            var rest = a - quotient.partialValue * b
            if rest != 0, (rest < 0) != (b < 0) {
                quotient.partialValue -= 1
                rest += b
            }
            result = symbol == .remainder ? (rest, false) : quotient
        }
        guard !result.overflow else { throw failure(line, "\(a) \(symbol.rawValue) \(b) does not fit 64 bits") }
        return .integer(result.partialValue)
    }

    mutating func order(
        _ left: ChatValue, _ right: ChatValue, _ line: Int
    ) throws(ImpRAGError) -> (isLess: Bool, isGreater: Bool) {
        switch (left, right) {
        case (.integer(let left), .integer(let right)): return (left < right, left > right)
        case (.float, _), (_, .float):
            guard let left = left.number, let right = right.number else {
                throw failure(line, "\(left.kind) and \(right.kind) have no order")
            }
            return (left < right, left > right)
        case (.string(let left), .string(let right)):
            try charge(min(left.count, right.count), line)
            let isLess = left.lexicographicallyPrecedes(right) { $0.scalar < $1.scalar }
            return (isLess, !isLess && left != right)
        default: throw failure(line, "\(left.kind) and \(right.kind) have no order")
        }
    }

    mutating func contains(
        _ whole: ChatValue, _ part: ChatValue, _ line: Int
    ) throws(ImpRAGError) -> Bool {
        switch whole {
        case .undefined: return false
        case .string(let text):
            guard case .string(let part) = part else { throw unfit(.isIn, part, whole, line) }
            try chargeSearch(of: part, in: text, line)
            return part.isEmpty || text.firstIndex(of: part) != nil
        case .list(let values):
            try charge(values.count, line)
            return values.contains(part)
        case .dictionary(let entries):
            guard case .string(let key) = part else { return false }
            return entries[key] != nil
        default: throw unfit(.isIn, part, whole, line)
        }
    }

    /// Counts the comparisons of the worst case.
    mutating func chargeSearch(of part: ChatText, in text: ChatText, _ line: Int) throws(ImpRAGError) {
        try charge(text.count.multipliedClamped(by: 1 + part.count / 16), line)
    }

    func member(_ name: String, of owner: ChatValue, _ line: Int) throws(ImpRAGError) -> ChatValue {
        switch owner {
        case .undefined(let missing): throw failure(line, "\(missing) is undefined and has no member \(name)")
        case .dictionary(let entries): return entries[ChatText(template: name)] ?? .undefined(name)
        case .namespace(let index): return namespaces[index][name] ?? .undefined(name)
        default: return .undefined(name)
        }
    }

    private func element(_ index: ChatValue, of owner: ChatValue, _ line: Int) throws(ImpRAGError) -> ChatValue {
        switch (owner, index) {
        case (.undefined(let missing), _): throw failure(line, "\(missing) is undefined and has no elements")
        case (.dictionary(let entries), .string(let key)):
            return entries[key] ?? .undefined(String(key.string.prefix(40)))
        case (.list(let values), .integer(let index)):
            let place = index < 0 ? index + values.count : index
            return values.indices.contains(place) ? values[place] : .undefined("element \(index)")
        case (.string(let text), .integer(let index)):
            let place = index < 0 ? index + text.count : index
            return text.indices.contains(place) ? .string([text[place]]) : .undefined("character \(index)")
        default: return .undefined("that element of \(owner.kind)")
        }
    }

    private mutating func slice(
        _ value: ChatValue, _ slice: TemplateSlice, _ line: Int
    ) throws(ImpRAGError) -> ChatValue {
        let start = try bound(slice.start, line)
        let end = try bound(slice.end, line)
        let step = try bound(slice.step, line) ?? 1
        guard step != 0 else { throw failure(line, "a slice's step is 0") }
        let count: Int
        switch value {
        case .list(let values): count = values.count
        case .string(let text): count = text.count
        default: throw failure(line, "\(value.kind) has no slices")
        }
        try charge(count, line)
        let isUp = step > 0
        func place(_ bound: Int) -> Int {
            let place = bound < 0 ? bound + count : bound
            return isUp ? min(max(place, 0), count) : min(max(place, -1), count - 1)
        }
        let indices = stride(
            from: start.map(place) ?? (isUp ? 0 : count - 1), to: end.map(place) ?? (isUp ? count : -1),
            by: min(max(step, -count - 1), count + 1))
        return switch value {
        case .list(let values): .list(indices.map { values[$0] })
        case .string(let text): .string(indices.map { text[$0] })
        default: value
        }
    }

    private mutating func bound(
        _ expression: TemplateExpression?, _ line: Int
    ) throws(ImpRAGError) -> Int? {
        guard let expression else { return nil }
        switch try evaluate(expression) {
        case .integer(let value): return value
        case .none: return nil
        case let value: throw failure(line, "\(value.kind) bounds a slice; a number does")
        }
    }

    func passes(_ value: ChatValue, _ test: TemplateTest) -> Bool {
        switch (test, value) {
        case (.float, .float), (.number, .float): true
        case (.even, .integer(let number)): number % 2 == 0
        case (.odd, .integer(let number)): number % 2 != 0
        case (.undefined, .undefined), (.none, .none), (.true, .bool(true)), (.false, .bool(false)),
            (.boolean, .bool), (.integer, .integer), (.number, .integer), (.number, .bool), (.string, .string),
            (.mapping, .dictionary):
            true
        case (.undefined, _): false
        case (.defined, .undefined): false
        case (.defined, _): true
        case (.iterable, _): value.elements != nil
        case (.sequence, .string), (.sequence, .list), (.sequence, .dictionary), (.sequence, .undefined): true
        default: false
        }
    }
}
