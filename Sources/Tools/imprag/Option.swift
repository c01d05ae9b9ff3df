/// One long option of a command, as it is parsed and as its help shows it.
struct Option: Sendable {
    let name: String
    /// The placeholder for the value in the help; nil for a switch.
    let value: String?
    let help: String
    /// Takes all values up to the next option.
    var isList = false
    var isRequired = false
    /// Its former name, which is refused with a pointer to the new one.
    var formerName: String?

    /// The values that it takes, when its placeholder lists them, as in `on|off`.
    var choices: [String] { value.map(Self.choices) ?? [] }

    /// What a placeholder such as `on|off` lists; empty for one that is a name, as `FILE` and `I/N` are.
    static func choices(_ placeholder: String) -> [String] {
        let parts = placeholder.split(separator: "|").map(String.init)
        return parts.count > 1 && parts.allSatisfy { $0 == $0.lowercased() } ? parts : []
    }

    static func flag(_ name: String, _ help: String) -> Option {
        Option(name: name, value: nil, help: help)
    }

    static func optional(
        _ name: String, _ value: String, _ help: String, formerName: String? = nil
    ) -> Option {
        Option(name: name, value: value, help: help, formerName: formerName)
    }

    static func required(_ name: String, _ value: String, _ help: String) -> Option {
        Option(name: name, value: value, help: help, isRequired: true)
    }

    static func list(_ name: String, _ value: String, _ help: String) -> Option {
        Option(name: name, value: value, help: help, isList: true, isRequired: true)
    }
}
