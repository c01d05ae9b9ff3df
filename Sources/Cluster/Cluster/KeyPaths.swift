import Core
import Messaging

/// Where a node's keys are: the fields `keys` and `key` of the cluster file.
public struct KeyPaths: Hashable, Sendable {
    /// `keys`: the cluster's key list, which `imprag keys` makes and changes. Holds no secret; a node looks at it again
    /// and again.
    public let list: String
    /// `key`: the node's own key file, of the role node. Read when the node starts.
    public let own: String

    public init(list: String, own: String) {
        self.list = list
        self.own = own
    }

    /// Reads both.
    ///
    /// - Parameter log: gets a line when the list changes later.
    func load(log: @escaping @Sendable (String) -> Void) throws(ImpRAGError) -> MessengerKeys {
        try MessengerKeys(node: try KeyFile(path: own), ring: try KeyRing(path: list, log: log))
    }
}
