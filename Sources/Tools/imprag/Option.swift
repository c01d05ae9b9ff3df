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
