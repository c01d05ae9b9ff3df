/// A value of the template language.
enum ChatValue: Sendable, Equatable {
    /// What a missing variable, member or element is: empty where it is written or looped over.
    case undefined(String)
    case none
    case bool(Bool)
    case integer(Int)
    case float(Double)
    case string(ChatText)
    case list([ChatValue])
    /// In the order of insertion.
    case dictionary([Entry])
    /// A place in the evaluator's list: namespaces are shared where other values are copied.
    case namespace(Int)
    case function(TemplateFunction)
    /// A place in the evaluator's list.
    case macro(Int)

    struct Entry: Sendable, Equatable {
        let key: ChatText
        let value: ChatValue
    }

    /// Python's `bool(value)`.
    var isTrue: Bool {
        switch self {
        case .undefined, .none: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .float(let value): value != 0
        case .string(let text): !text.isEmpty
        case .list(let values): !values.isEmpty
        case .dictionary(let entries): !entries.isEmpty
        case .namespace, .function, .macro: true
        }
    }

    /// For messages.
    var kind: String {
        switch self {
        case .undefined(let name): "\(name), which is undefined,"
        case .none: "none"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): "\(value)"
        case .float(let value): "\(value)"
        case .string: "a string"
        case .list: "a list"
        case .dictionary: "a mapping"
        case .namespace: "a namespace"
        case .function, .macro: "a function"
        }
    }

    /// What is written for it; nil for what only `tojson` can write.
    var text: ChatText? {
        switch self {
        case .undefined: []
        case .none: ChatText(template: "None")
        case .bool(let value): ChatText(template: value ? "True" : "False")
        case .integer(let value): ChatText(template: "\(value)")
        case .float(let value): ChatText(template: "\(value)")
        case .string(let text): text
        case .list, .dictionary, .namespace, .function, .macro: nil
        }
    }

    /// What a loop goes over; nil for what has no elements.
    var elements: [ChatValue]? {
        switch self {
        case .undefined: []
        case .string(let text): text.map { .string([$0]) }
        case .list(let values): values
        case .dictionary(let entries): entries.map { .string($0.key) }
        default: nil
        }
    }

    static func == (left: ChatValue, right: ChatValue) -> Bool {
        switch (left, right) {
        case (.undefined, .undefined), (.none, .none): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.bool(let bool), .integer(let integer)), (.integer(let integer), .bool(let bool)):
            integer == (bool ? 1 : 0)
        case (.float(let left), .float(let right)): left == right
        case (.float(let float), let other), (let other, .float(let float)): other.number == float
        case (.string(let left), .string(let right)): left == right
        case (.list(let left), .list(let right)): left == right
        case (.dictionary(let left), .dictionary(let right)):
            left.count == right.count && left.allSatisfy { entry in right.contains { $0 == entry } }
        case (.namespace(let left), .namespace(let right)): left == right
        case (.function(let left), .function(let right)): left == right
        case (.macro(let left), .macro(let right)): left == right
        default: false
        }
    }

    /// Of a whole number, a floating-point one or a truth value: it as a floating-point number.
    var number: Double? {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .integer(let value): Double(value)
        case .float(let value): value
        default: nil
        }
    }
}

/// The functions that `transformers` gives to a template.
enum TemplateFunction: String, CaseIterable, Sendable {
    case raiseException = "raise_exception"
    case range
    case namespace
    case strftimeNow = "strftime_now"
}

extension [ChatValue.Entry] {
    subscript(_ key: ChatText) -> ChatValue? { last { $0.key == key }?.value }
}
