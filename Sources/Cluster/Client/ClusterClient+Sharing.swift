public import Core
internal import Messaging
internal import Wire

/// One set of connections for several uses.
extension ClusterClient {
    /// A client for another collection of the same coordinators, over the same connections: `close` of either ends
    /// both.
    ///
    /// - Throws: `invalidArgument` when no collection has such a name.
    public func client(for collection: String) throws(ImpRAGError) -> ClusterClient {
        try Self.check(collection)
        return ClusterClient(messenger, coordinators.serving(collection))
    }

    /// Lets the thread that owns the connections also do other work, instead of handing it over between two threads,
    /// which takes longer than most of it.
    ///
    /// - Parameters:
    ///   - descriptor: readable when there is work; it has to stay open as long as `work` is held, which `close` ends.
    ///   - work: does it without blocking, and returns after how many milliseconds it has to be called again at the
    ///     latest; nil: never.
    /// - Returns: what is to be called, on any thread, when there is work although `descriptor` is not readable.
    /// - Throws: `unavailable` after `close`.
    public func drive(
        _ descriptor: Int32, work: @escaping @Sendable () -> Int?
    ) throws(ImpRAGError) -> @Sendable () -> Void {
        try messenger.drive(EventSource(descriptor: descriptor, work: work))
        return { [messenger] in messenger.signalSource() }
    }

    static func check(_ collection: String) throws(ImpRAGError) {
        guard collection.utf8.count <= Envelope.collectionLimit else {
            throw ImpRAGError(
                .invalidArgument,
                "the collection's name has \(collection.utf8.count) bytes; at most \(Envelope.collectionLimit) are right"
            )
        }
    }
}
