public import ObjectStore

public struct Collection: Sendable {
    public let store: any ObjectStore
    public init(_ store: any ObjectStore) { self.store = store }
}
