import Core

/// One rendering of a template: its variables and what it has written. The statements; expressions, calls and filters
/// have files of their own.
struct TemplateEvaluator {
    private let name: String
    /// What `strftime_now` writes.
    let time: WallTime
    private(set) var output: ChatText = []
    /// Innermost last: the template's, then one for each loop.
    private var scopes: [[String: ChatValue]]
    var namespaces: [[String: ChatValue]] = []
    var macros: [TemplateMacro] = []
    /// Macros that are being called.
    private var callDepth = 0
    private var stepsLeft = Self.maximumSteps

    /// What a rendering may cost: one for an expression, and one for each 16 characters or elements it makes.
    static let maximumSteps = 1_000_000
    static let maximumOutput = 8 << 20
    /// Values inside one another; what is freed or compared level by level must not exhaust the stack.
    private static let maximumValueDepth = 40

    init(name: String, variables: [String: ChatValue], time: WallTime) {
        self.name = name
        self.time = time
        scopes = [variables]
    }

    func failure(_ line: Int, _ what: String) -> ImpRAGError {
        ImpRAGError(.invalidArgument, "\(name), line \(line): \(what)")
    }

    /// Counts the work of making or reading `count` characters or elements.
    mutating func charge(_ count: Int, _ line: Int) throws(ImpRAGError) {
        stepsLeft -= 1 + count / 16
        guard stepsLeft >= 0 else {
            throw ImpRAGError(
                .resourceExhausted,
                "\(name), line \(line): the template has taken \(Self.maximumSteps) steps with these messages and is not done"
            )
        }
    }

    /// Deeper calls are refused: the stack is finite.
    private static let maximumCallDepth = 8

    private enum Flow { case next, leaveLoop, nextRound }

    mutating func render(_ nodes: [TemplateNode]) throws(ImpRAGError) { _ = try run(nodes) }

    private mutating func run(_ nodes: [TemplateNode]) throws(ImpRAGError) -> Flow {
        for node in nodes {
            let flow = try run(node)
            guard flow == .next else { return flow }
        }
        return .next
    }

    private mutating func run(_ node: TemplateNode) throws(ImpRAGError) -> Flow {
        switch node {
        case .text(let text): try write(text)
        case .output(let expression):
            try write(try text(of: try evaluate(expression), expression.line))
        case .set(let target, let expression):
            try assign(try evaluate(expression), to: target, expression.line)
        case .capture(let target, let body):
            let before = output
            output = []
            let flow = try run(body)
            try assign(.string(output), to: target, 0)
            output = before
            return flow
        case .loop(let loop): return try run(loop)
        case .branch(let branches, let otherwise):
            for branch in branches where try evaluate(branch.condition).isTrue { return try run(branch.body) }
            return try run(otherwise)
        case .group(let body): return try run(body)
        case .macro(let macro):
            try charge(0, 0)
            macros.append(macro)
            scopes[scopes.count - 1][macro.name] = .macro(macros.count - 1)
        case .leaveLoop: return .leaveLoop
        case .nextRound: return .nextRound
        }
        return .next
    }

    /// What a macro writes. It sees its arguments and the template's own variables, not those of who calls it.
    mutating func call(
        _ macro: TemplateMacro, _ arguments: TemplateValues, _ line: Int
    ) throws(ImpRAGError) -> ChatValue {
        try charge(0, line)
        let names = macro.parameters.map(\.name)
        guard arguments.positional.count <= names.count, Set(names).isSuperset(of: arguments.named.keys) else {
            throw failure(line, "\(macro.name) takes \(names.isEmpty ? "no arguments" : names.joined(separator: ", "))")
        }
        guard callDepth < Self.maximumCallDepth else {
            throw failure(line, "more than \(Self.maximumCallDepth) macros call one another")
        }
        callDepth += 1
        let (callerScopes, written) = (scopes, output)
        (scopes, output) = ([scopes[0], [:]], [])
        defer {
            callDepth -= 1
            (scopes, output) = (callerScopes, written)
        }
        for (place, parameter) in macro.parameters.enumerated() {
            var value = arguments[place, parameter.name]
            if value == nil, let expression = parameter.value { value = try evaluate(expression) }
            try check(value ?? .none, line)
            scopes[1][parameter.name] = value ?? .undefined(parameter.name)
        }
        _ = try run(macro.body)
        return .string(output)
    }

    private mutating func write(_ text: ChatText) throws(ImpRAGError) {
        guard text.count <= Self.maximumOutput - output.count else {
            throw ImpRAGError(
                .resourceExhausted, "\(name): the template writes more than \(Self.maximumOutput) characters")
        }
        output += text
    }

    private mutating func run(_ loop: TemplateLoop) throws(ImpRAGError) -> Flow {
        let line = loop.elements.line
        let value = try evaluate(loop.elements)
        guard var elements = value.elements else { throw failure(line, "\(value.kind) cannot be looped over") }
        try charge(elements.count, line)
        if let condition = loop.condition {
            var chosen: [ChatValue] = []
            for element in elements {
                scopes.append(try bound(loop.names, to: element, line))
                if try evaluate(condition).isTrue { chosen.append(element) }
                scopes.removeLast()
            }
            elements = chosen
        }
        if elements.isEmpty { return try run(loop.otherwise) }
        for index in elements.indices {
            try charge(0, line)
            var scope = try bound(loop.names, to: elements[index], line)
            scope["loop"] = Self.loopVariable(index, of: elements)
            scopes.append(scope)
            let flow = try run(loop.body)
            scopes.removeLast()
            if flow == .leaveLoop { break }
        }
        return .next
    }

    private static func loopVariable(_ index: Int, of elements: [ChatValue]) -> ChatValue {
        var members: [(String, ChatValue)] = [
            ("index", .integer(index + 1)), ("index0", .integer(index)), ("first", .bool(index == 0)),
            ("last", .bool(index == elements.count - 1)), ("length", .integer(elements.count)),
            ("revindex", .integer(elements.count - index)), ("revindex0", .integer(elements.count - index - 1)),
        ]
        if index > 0 { members.append(("previtem", elements[index - 1])) }
        if index < elements.count - 1 { members.append(("nextitem", elements[index + 1])) }
        return .dictionary(members.map { ChatValue.Entry(key: ChatText(template: $0.0), value: $0.1) })
    }

    private func bound(
        _ names: [String], to value: ChatValue, _ line: Int
    ) throws(ImpRAGError) -> [String: ChatValue] {
        if names.count == 1 { return [names[0]: value] }
        guard case .list(let values) = value, values.count == names.count else {
            throw failure(line, "\(value.kind) cannot be taken apart into \(names.joined(separator: ", "))")
        }
        return Dictionary(zip(names, values)) { $1 }
    }

    private mutating func assign(
        _ value: ChatValue, to target: TemplateTarget, _ line: Int
    ) throws(ImpRAGError) {
        try check(value, line)
        switch target {
        case .names(let names):
            scopes[scopes.count - 1].merge(try bound(names, to: value, line)) { $1 }
        case .member(let owner, let member):
            guard case .namespace(let index) = variable(owner) else {
                throw failure(line, "\(owner) is no namespace; only a namespace's members can be set")
            }
            namespaces[index][member] = value
        }
    }

    /// Throws for a value whose levels are too many to be kept.
    mutating func check(_ value: ChatValue, _ line: Int, depth: Int = 0) throws(ImpRAGError) {
        guard depth <= Self.maximumValueDepth else {
            throw failure(line, "more than \(Self.maximumValueDepth) lists stand inside one another")
        }
        switch value {
        case .list(let values):
            try charge(values.count, line)
            for value in values { try check(value, line, depth: depth + 1) }
        case .dictionary(let entries):
            try charge(entries.count, line)
            for entry in entries { try check(entry.value, line, depth: depth + 1) }
        default: break
        }
    }

    func variable(_ name: String) -> ChatValue {
        for scope in scopes.reversed() {
            if let value = scope[name] { return value }
        }
        return TemplateFunction(rawValue: name).map { .function($0) } ?? .undefined(name)
    }

    /// What is written for `value`.
    func text(of value: ChatValue, _ line: Int) throws(ImpRAGError) -> ChatText {
        guard let text = value.text else { throw failure(line, "\(value.kind) cannot be written; use tojson") }
        return text
    }
}
