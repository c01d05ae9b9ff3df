/// Something else that a messenger's thread does besides its messages, such as serving clients that these messages
/// answer: handing each of them over to a thread of their own would take longer than most of what there is to do.
public struct EventSource: Sendable {
    /// Readable when there is something to do; stays open as long as `work` is held.
    let descriptor: Int32
    /// Does what there is to do, without blocking. Returns after how many milliseconds it has to be called again,
    /// readable or not; nil: never.
    let work: @Sendable () -> Int?

    public init(descriptor: Int32, work: @escaping @Sendable () -> Int?) {
        self.descriptor = descriptor
        self.work = work
    }
}
