public import Core

extension Core.Clock {
    /// Returns at `instant`. Throws `cancelled` as soon as its task is.
    public func sleep(until instant: ContinuousClock.Instant) async throws(ImpRAGError) {
        let promise = Promise<Void>()
        let alarm = schedule(at: instant) { promise.fulfil(.success(())) }
        defer { alarm.cancel() }
        try await promise.value()
    }
}
