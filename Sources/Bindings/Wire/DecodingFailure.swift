public import Core

/// Bytes that are no envelope of this protocol version.
public struct DecodingFailure: Error, Hashable, Sendable {
    /// The request that they belong to, so that it can be answered; nil when that could not be read.
    public let requestID: UInt64?
    /// Whether they are a reply, which gets no answer; nil when that could not be read.
    public let isReply: Bool?
    /// A whole sentence.
    public let message: String

    public init(requestID: UInt64?, isReply: Bool? = nil, message: String) {
        self.requestID = requestID
        self.isReply = isReply
        self.message = message
    }

    /// The same as `invalidArgument`.
    public var error: ImpRAGError { ImpRAGError(.invalidArgument, message) }
}
