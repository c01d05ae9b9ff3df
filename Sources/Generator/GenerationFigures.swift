/// What a generator's thread has in the works.
struct GenerationFigures: Sendable {
    /// Answers in the making.
    var active = 0
    /// Requests that the thread has taken and that wait for memory.
    var waiting = 0
    /// Bytes of passages and caches that active answers hold.
    var bytes = 0
    /// Since the start: answers that gave their memory back and began to read again.
    var suspensions = 0
    /// Since the start.
    var tokens = 0
}
