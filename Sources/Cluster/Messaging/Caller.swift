public import Core

/// Who sent a request, as far as it is proven.
public enum Caller: Hashable, Sendable, CustomStringConvertible {
    /// A process of this machine, on a socket without keys: who may open it may do everything.
    case local
    /// The holder of a key of the key list.
    case holder(name: String, role: KeyRole)

    /// Nil: every role.
    public var role: KeyRole? {
        switch self {
        case .local: nil
        case .holder(_, let role): role
        }
    }

    /// `local`, or the key's name.
    public var description: String {
        switch self {
        case .local: "local"
        case .holder(let name, _): name
        }
    }
}
