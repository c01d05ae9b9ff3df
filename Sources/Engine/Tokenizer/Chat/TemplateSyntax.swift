/// A part of a parsed template.
indirect enum TemplateNode: Sendable {
    case text(ChatText)
    case output(TemplateExpression)
    case set(TemplateTarget, TemplateExpression)
    /// `{% set x %} … {% endset %}`.
    case capture(TemplateTarget, [TemplateNode])
    case loop(TemplateLoop)
    case branch([TemplateBranch], otherwise: [TemplateNode])
    /// `{% generation %} … {% endgeneration %}`, which marks what a model is trained on, and no more.
    case group([TemplateNode])
    case macro(TemplateMacro)
    case leaveLoop
    case nextRound
}

/// `{% if condition %} body`.
struct TemplateBranch: Sendable {
    let condition: TemplateExpression
    let body: [TemplateNode]
}

/// `{% for names in elements if condition %} body {% else %} otherwise`.
struct TemplateLoop: Sendable {
    let names: [String]
    let elements: TemplateExpression
    let condition: TemplateExpression?
    let body: [TemplateNode]
    let otherwise: [TemplateNode]
}

/// `{% macro name(parameters) %} body`.
struct TemplateMacro: Sendable {
    let name: String
    let parameters: [(name: String, value: TemplateExpression?)]
    let body: [TemplateNode]
}

/// What `set` gives a value to.
enum TemplateTarget: Sendable {
    case names([String])
    case member(of: String, String)
}

struct TemplateExpression: Sendable {
    indirect enum Kind: Sendable {
        case literal(ChatValue)
        case name(String)
        case list([TemplateExpression])
        case dictionary(keys: [TemplateExpression], values: [TemplateExpression])
        case not(TemplateExpression)
        case negative(TemplateExpression)
        case binary(TemplateOperator, TemplateExpression, TemplateExpression)
        case and(TemplateExpression, TemplateExpression)
        case or(TemplateExpression, TemplateExpression)
        case conditional(TemplateExpression, then: TemplateExpression, otherwise: TemplateExpression?)
        case member(TemplateExpression, String)
        case element(TemplateExpression, TemplateExpression)
        case slice(TemplateExpression, TemplateSlice)
        case call(TemplateExpression, TemplateArguments)
        case filter(TemplateExpression, TemplateFilter, TemplateArguments)
        case test(TemplateExpression, TemplateTest, TemplateExpression?, isNegated: Bool)
        /// What templates may have for cases that do not occur here; the message says what it is.
        case unsupported(String)
    }

    let kind: Kind
    let line: Int
    /// Levels of expressions inside one another: what evaluating it takes of the stack.
    let depth: Int
}

/// `[start:end:step]`.
struct TemplateSlice: Sendable {
    let start: TemplateExpression?
    let end: TemplateExpression?
    let step: TemplateExpression?
}

struct TemplateArguments: Sendable {
    var positional: [TemplateExpression] = []
    var named: [(name: String, value: TemplateExpression)] = []

    var all: [TemplateExpression] { positional + named.map(\.value) }
}

enum TemplateOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case divideDown = "//"
    case remainder = "%"
    case concatenate = "~"
    case isEqual = "=="
    case isUnequal = "!="
    case isLess = "<"
    case isAtMost = "<="
    case isGreater = ">"
    case isAtLeast = ">="
    case isIn = "in"
    case isNotIn = "not in"
}

enum TemplateFilter: String, CaseIterable, Sendable {
    case trim, length, count, tojson, join, `default`, upper, lower, title, first, last, list, items, replace, string,
        int, float, abs, round, reverse, capitalize, safe, unique, map, select, reject, selectattr, rejectattr
}

enum TemplateTest: String, CaseIterable, Sendable {
    case defined, undefined, none, string, mapping, iterable, sequence, boolean, integer, float, number, even, odd
    case `true`, `false`
    // Those that compare with another value.
    case equalto, eq, ne, sameas, `in`, lt, le, gt, ge, divisibleby

    /// Whether it compares with another value.
    var takesValue: Bool {
        switch self {
        case .equalto, .eq, .ne, .sameas, .in, .lt, .le, .gt, .ge, .divisibleby: true
        default: false
        }
    }
}
