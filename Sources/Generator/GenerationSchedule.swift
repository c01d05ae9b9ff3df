/// Whose turn it is: answers in the making get one token each in turn, and new ones come in between. Pure.
///
/// A short answer beside long ones ends after as many rounds as it has tokens, whenever it came. At most one request is
/// taken in per round, so that reading passages delays a running answer by one reading a token, however many wait.
struct GenerationSchedule<ID: Hashable & Sendable> {
    enum Turn: Equatable {
        /// Take the next request out of the queue and read its passages.
        case admit
        /// Make one token of this answer.
        case step(ID)
        /// Nothing to do until a request arrives.
        case wait
    }

    let activeLimit: Int
    private(set) var active: [ID] = []
    /// The place in `active` of the next step.
    private var position = 0
    private var hasAdmittedThisRound = false

    init(activeLimit: Int) {
        precondition(activeLimit > 0, "a generator with \(activeLimit) places answers nothing")
        self.activeLimit = activeLimit
    }

    /// - Parameter waiting: requests in the queue.
    mutating func next(waiting: Int) -> Turn {
        if position >= active.count {
            position = 0
            hasAdmittedThisRound = false
        }
        if waiting > 0, active.count < activeLimit, !hasAdmittedThisRound || active.isEmpty {
            hasAdmittedThisRound = true
            return .admit
        }
        guard !active.isEmpty else { return .wait }
        defer { position += 1 }
        return .step(active[position])
    }

    /// The request that was taken in has an answer in the making. Its first token is this round's last.
    mutating func admitted(_ id: ID) {
        active.append(id)
    }

    /// The answer has ended, however.
    mutating func finished(_ id: ID) {
        guard let place = active.firstIndex(of: id) else { return }
        active.remove(at: place)
        if place < position { position -= 1 }
    }
}
