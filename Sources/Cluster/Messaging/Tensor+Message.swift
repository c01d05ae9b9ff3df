internal import Wire
internal import ZeroMQ

extension Frame: ReceivedFrame {}

extension Tensor {
    /// The frame to send.
    func message() throws(ZeroMQError) -> Message {
        switch storage {
        case .floats(let numbers): try Message(lending: numbers)
        case .integers(let numbers): try Message(lending: numbers)
        case .halves(let numbers): try Message(lending: numbers)
        case .bytes(let bytes, let companion): try Message(lending: bytes, companion: companion)
        case .received(let frame): try Message(lending: frame.numbers(UInt8.self))
        }
    }
}
