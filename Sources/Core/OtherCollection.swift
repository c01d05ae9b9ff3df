/// The cause of an `unavailable` that says: this is for a collection that others serve, or that takes updates elsewhere
/// by now. Nothing was begun, and whoever asks goes on to the next coordinator.
public struct OtherCollection: Error, Hashable, Sendable, CustomStringConvertible {
    public init() {}

    public var description: String { "it is for another collection" }
}
