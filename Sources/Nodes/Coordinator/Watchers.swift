import Synchronization

/// Whoever wants to be told of something. Any thread may use it.
final class Watchers<News: Sendable>: Sendable {
    /// Identifies a handler.
    struct Place: Sendable {
        fileprivate let number: Int
    }

    private struct State {
        var last = 0
        var handlers: [Int: @Sendable (News) -> Void] = [:]
    }

    private let state = Mutex(State())

    /// Calls `handler` with all news from now on, until it is removed. It must not block.
    func add(_ handler: @escaping @Sendable (News) -> Void) -> Place {
        state.withLock { state in
            state.last += 1
            state.handlers[state.last] = handler
            return Place(number: state.last)
        }
    }

    func remove(_ place: Place) {
        state.withLock { $0.handlers[place.number] = nil }
    }

    /// Tells all, in the order in which they came.
    func tell(_ news: News) {
        let handlers = state.withLock { state in state.handlers.sorted { $0.key < $1.key }.map(\.value) }
        for handler in handlers { handler(news) }
    }
}
