/// A client of another node, by which requests of that node take turns here.
package struct RemoteClient: Hashable, Sendable {
    /// What the node calls itself.
    package let node: String
    /// By which that node knows the client; 0 is no one client.
    package let number: UInt64

    package init(node: String, number: UInt64 = 0) {
        self.node = node
        self.number = number
    }
}
