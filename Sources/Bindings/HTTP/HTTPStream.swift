/// Takes a response's body while it comes. Both are called on the thread that sent the request.
public struct HTTPStream: Sendable {
    /// Takes the next bytes; false ends the response.
    let receive: @Sendable ([UInt8]) -> Bool
    /// Asked about once a second, also while nothing comes; false ends the response.
    let isWanted: @Sendable () -> Bool

    public init(isWanted: @escaping @Sendable () -> Bool, receive: @escaping @Sendable ([UInt8]) -> Bool) {
        self.isWanted = isWanted
        self.receive = receive
    }
}
