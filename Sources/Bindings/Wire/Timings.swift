import CWire

/// Where the time of a request went.
public struct Timings: Hashable, Sendable {
    /// Waiting for a batch.
    public var queue: Duration
    /// The prompt through the bottom layers.
    public var prompt: Duration
    /// Fan-out to the shards and merge.
    public var search: Duration
    /// The passages through layers 0…t, and the prompt through the remaining layers.
    public var read: Duration
    /// From the arrival of the request to its first token.
    public var firstToken: Duration
    /// From the arrival of the request to its end.
    public var total: Duration

    public init(
        queue: Duration = .zero, prompt: Duration = .zero, search: Duration = .zero, read: Duration = .zero,
        firstToken: Duration = .zero, total: Duration = .zero
    ) {
        self.queue = queue
        self.prompt = prompt
        self.search = search
        self.read = read
        self.firstToken = firstToken
        self.total = total
    }
}

extension Timings: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__Timings>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            queue: try unsafe duration(stored.queue_us, "timings.queue_us"),
            prompt: try unsafe duration(stored.prompt_us, "timings.prompt_us"),
            search: try unsafe duration(stored.search_us, "timings.search_us"),
            read: try unsafe duration(stored.read_us, "timings.read_us"),
            firstToken: try unsafe duration(stored.first_token_us, "timings.first_token_us"),
            total: try unsafe duration(stored.total_us, "timings.total_us"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__Timings> {
        let stored = unsafe arena.make(imprag__timings__init)
        unsafe stored.pointee.queue_us = microseconds(queue)
        unsafe stored.pointee.prompt_us = microseconds(prompt)
        unsafe stored.pointee.search_us = microseconds(search)
        unsafe stored.pointee.read_us = microseconds(read)
        unsafe stored.pointee.first_token_us = microseconds(firstToken)
        unsafe stored.pointee.total_us = microseconds(total)
        return unsafe stored
    }
}
