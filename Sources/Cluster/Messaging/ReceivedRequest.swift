internal import Wire
internal import ZeroMQ

/// The frames of one request.
struct ReceivedRequest: Sendable {
    let client: ClientKey
    let envelope: Frame
    let tensors: [Frame]
    /// Frames beyond what is allowed were dropped.
    let isCut: Bool

    /// The envelope, read and checked; see `Envelope.init(decoding:limit:)`.
    func decoded(limit: Int) -> Result<Envelope, DecodingFailure> {
        Result { () throws(DecodingFailure) in
            try envelope.withBytes { bytes throws(DecodingFailure) in try Envelope(decoding: bytes, limit: limit) }
        }
    }
}
