internal import Core

/// Where an update stands in a log.
public struct LogPlace: Hashable, Sendable {
    public let epoch: Int
    /// Its number among the updates of the segment.
    public let update: Int

    public init(epoch: Int, update: Int) {
        self.epoch = epoch
        self.update = update
    }
}

/// What a process remembers of the newest segments of a log: the keys of their updates, and the last one's time. Pure.
///
/// It holds all keys of a row of epochs up to `through`. Whoever commits at the next epoch has then seen, and not
/// repeated, every update that was committed within the row.
struct LogMemory {
    private struct Segment {
        let epoch: Int
        let keys: [UpdateKey]
    }

    /// Those with keys; those before `first` are forgotten.
    private var segments: [Segment] = []
    private var first = 0
    private var places: [UpdateKey: LogPlace] = [:]
    /// The newest epoch that was noted; nil before the first.
    private(set) var through: Int?
    /// Of the newest segments, in milliseconds since 1970; 0 when none has one.
    private(set) var time = 0

    /// About 8 MiB.
    static let keyLimit = 1 << 16

    /// Notes the segment of an epoch; one that was noted already, or comes before those, changes nothing.
    mutating func note(_ epoch: Int, keys: [UpdateKey?], time: Int?) {
        guard epoch > through ?? -1 else { return }
        through = epoch
        self.time = max(self.time, time ?? 0)
        for (number, key) in keys.enumerated() {
            // The first one counts, should there be two.
            if let key, places[key] == nil { places[key] = LogPlace(epoch: epoch, update: number) }
        }
        let known = keys.compactMap { $0 }
        if !known.isEmpty { segments.append(Segment(epoch: epoch, keys: known)) }
        while places.count > Self.keyLimit, first < segments.count { forgetFirst() }
        if first > segments.count / 2 {
            segments.removeFirst(first)
            first = 0
        }
    }

    private mutating func forgetFirst() {
        let segment = segments[first]
        for key in segment.keys where places[key]?.epoch == segment.epoch { places[key] = nil }
        first += 1
    }

    /// Where the update with `key` was committed, if that is remembered.
    func place(of key: UpdateKey) -> LogPlace? { places[key] }
}
