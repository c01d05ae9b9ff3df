import Core

/// Makes a template's tokens a tree: the statements. `TemplateParser+Expressions.swift` has the expressions.
struct TemplateParser {
    private let name: String
    private let tokens: [TemplateLexer.Token]
    private var place = 0
    /// Statements and brackets inside one another.
    private var depth = 0

    /// Deeper templates are refused: the stack is finite.
    static let maximumDepth = 100

    /// Reads a whole template.
    static func nodes(of template: String, name: String) throws(ImpRAGError) -> [TemplateNode] {
        var parser = TemplateParser(name: name, tokens: try TemplateLexer.tokens(of: template, name: name))
        let nodes = try parser.body(until: [])
        return nodes
    }

    private init(name: String, tokens: [TemplateLexer.Token]) {
        self.name = name
        self.tokens = tokens
    }

    var token: TemplateLexer.Kind { tokens[place].kind }
    var line: Int { tokens[place].line }
    var nextToken: TemplateLexer.Kind { tokens[min(place + 1, tokens.count - 1)].kind }

    func failure(_ what: String) -> ImpRAGError { ImpRAGError(.invalidArgument, "\(name), line \(line): \(what)") }

    /// What stands here, for messages.
    var found: String {
        switch token {
        case .text, .beginOutput, .beginBlock, .endOfTemplate: "the end"
        case .end: "the end of the expression"
        case .name(let name): name
        case .integer(let value): "\(value)"
        case .float(let value): "\(value)"
        case .string(let text): "\"\(text.prefix(40))\""
        case .symbol(let symbol): symbol
        }
    }

    mutating func advance() { if place < tokens.count - 1 { place += 1 } }

    /// Goes past `symbol` if it stands here.
    mutating func take(_ symbol: String) -> Bool {
        guard token == .symbol(symbol) else { return false }
        advance()
        return true
    }

    mutating func takeWord(_ word: String) -> Bool {
        guard token == .name(word) else { return false }
        advance()
        return true
    }

    mutating func expect(_ symbol: String) throws(ImpRAGError) {
        guard take(symbol) else { throw failure("\(symbol) is expected, \(found) stands there") }
    }

    mutating func expectName() throws(ImpRAGError) -> String {
        guard case .name(let name) = token else { throw failure("a name is expected, \(found) stands there") }
        advance()
        return name
    }

    private mutating func expectEnd() throws(ImpRAGError) {
        guard token == .end else { throw failure("the end of the block is expected, \(found) stands there") }
        advance()
    }

    mutating func nested<Value>(
        _ read: (inout TemplateParser) throws(ImpRAGError) -> Value
    ) throws(ImpRAGError) -> Value {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else {
            throw failure("more than \(Self.maximumDepth) levels stand inside one another")
        }
        return try read(&self)
    }

    /// The nodes up to a block that begins with one of `words`, which stays; with no words, up to the end.
    private mutating func body(until words: Set<String>) throws(ImpRAGError) -> [TemplateNode] {
        try nested { parser throws(ImpRAGError) in
            var nodes: [TemplateNode] = []
            while true {
                switch parser.token {
                case .text(let text):
                    nodes.append(.text(ChatText(template: text)))
                    parser.advance()
                case .beginOutput:
                    parser.advance()
                    nodes.append(.output(try parser.tuple()))
                    try parser.expectEnd()
                case .beginBlock:
                    if case .name(let word) = parser.nextToken, words.contains(word) { return nodes }
                    parser.advance()
                    nodes.append(try parser.statement())
                default:
                    guard words.isEmpty else {
                        throw parser.failure("the template ends before \(words.sorted().joined(separator: " or "))")
                    }
                    return nodes
                }
            }
        }
    }

    /// Goes past `{% word`, which `body` stopped at, if it is this word.
    private mutating func takeBlock(_ word: String) -> Bool {
        guard token == .beginBlock, nextToken == .name(word) else { return false }
        advance()
        advance()
        return true
    }

    private mutating func body(untilOnly word: String) throws(ImpRAGError) -> [TemplateNode] {
        let nodes = try body(until: [word])
        _ = takeBlock(word)
        try expectEnd()
        return nodes
    }

    private mutating func statement() throws(ImpRAGError) -> TemplateNode {
        let word = try expectName()
        switch word {
        case "set": return try set()
        case "for": return try loop()
        case "if": return try branch()
        case "break", "continue":
            try expectEnd()
            return word == "break" ? .leaveLoop : .nextRound
        case "macro": return .macro(try macro())
        case "generation":
            try expectEnd()
            return .group(try body(untilOnly: "endgeneration"))
        default:
            throw failure(
                "the statement {% \(word.prefix(40)) %} is not supported; set, for, if, macro, break, continue and generation are"
            )
        }
    }

    private mutating func names() throws(ImpRAGError) -> [String] {
        let isBracketed = take("(")
        var names = [try expectName()]
        while take(",") { names.append(try expectName()) }
        if isBracketed { try expect(")") }
        return names
    }

    private mutating func set() throws(ImpRAGError) -> TemplateNode {
        let names = try names()
        let target: TemplateTarget =
            names.count == 1 && take(".") ? .member(of: names[0], try expectName()) : .names(names)
        if take("=") {
            let value = try tuple()
            try expectEnd()
            return .set(target, value)
        }
        try expectEnd()
        return .capture(target, try body(untilOnly: "endset"))
    }

    private mutating func loop() throws(ImpRAGError) -> TemplateNode {
        let names = try names()
        guard takeWord("in") else { throw failure("in is expected, \(found) stands there") }
        let elements = try or()
        let condition = takeWord("if") ? try expression() : nil
        try expectEnd()
        let body = try body(until: ["else", "endfor"])
        var otherwise: [TemplateNode] = []
        if takeBlock("else") {
            try expectEnd()
            otherwise = try self.body(until: ["endfor"])
        }
        _ = takeBlock("endfor")
        try expectEnd()
        return .loop(
            TemplateLoop(
                names: names, elements: elements, condition: condition, body: body, otherwise: otherwise))
    }

    private mutating func macro() throws(ImpRAGError) -> TemplateMacro {
        let name = try expectName()
        try expect("(")
        let parameters = try values(upTo: ")") {
            parser throws(ImpRAGError) -> (name: String, value: TemplateExpression?) in
            let parameter = try parser.expectName()
            return (parameter, parser.take("=") ? try parser.expression() : nil)
        }
        try expectEnd()
        let body = try body(until: ["endmacro"])
        _ = takeBlock("endmacro")
        // Its name may be repeated there.
        if token == .name(name) { advance() }
        try expectEnd()
        return TemplateMacro(name: name, parameters: parameters, body: body)
    }

    private mutating func branch() throws(ImpRAGError) -> TemplateNode {
        var branches: [TemplateBranch] = []
        repeat {
            let condition = try expression()
            try expectEnd()
            branches.append(
                TemplateBranch(condition: condition, body: try body(until: ["elif", "else", "endif"])))
        } while takeBlock("elif")
        var otherwise: [TemplateNode] = []
        if takeBlock("else") {
            try expectEnd()
            otherwise = try body(until: ["endif"])
        }
        _ = takeBlock("endif")
        try expectEnd()
        return .branch(branches, otherwise: otherwise)
    }
}
