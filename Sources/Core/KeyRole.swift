/// What the holder of a key may do in a cluster; docs/security.md has the requests.
public enum KeyRole: String, Sendable, CaseIterable {
    /// Ask and search.
    case read
    /// Also change passages.
    case write
    /// Also manage collections.
    case admin
    /// Be a node of the cluster: what nodes ask of each other, and nothing that clients do.
    case node
}
