// A claim, as JSON:
//
//   {"beat":17,"holder":"shard-0","token":"6f0e…"}
//
// beat grows with each renewal; token, 32 hexadecimal digits, is drawn anew with each taking, so that no two holders
// write the same bytes; holder, for people, is missing once the claim was released.

public import Core
internal import Foundation
public import ObjectStore
internal import Synchronization

/// Says in a store who does a piece of work that one should do and not many.
///
/// It spares double work and is no lock: a holder that was paused goes on until it renews. What must not happen twice
/// is for the store's conditions to prevent.
///
/// Nobody's clock is compared with another's. A contender that has seen the same beat for `expiry`, on its own clock,
/// takes the claim over; by replacing that very version, so that of a holder that renews and several contenders one
/// succeeds.
///
/// Any thread may call.
public final class Claim: Sendable {
    /// How long a contender watches a claim that is not renewed. Renew three times as often.
    public static let expiry = Duration.seconds(30)

    private let key: ObjectKey
    private let store: any ObjectStore
    /// What stands there if nobody has taken it over. Locked while the store works.
    private let held: Mutex<(record: Record, version: ObjectVersion)>

    private struct Record: Codable {
        var holder: String?
        var token: String
        var beat: Int
    }

    private static let byteLimit = 4096

    private init(_ record: Record, _ version: ObjectVersion, _ key: ObjectKey, _ store: any ObjectStore) {
        self.key = key
        self.store = store
        held = Mutex((record, version))
    }

    /// Takes the claim if it is free or has expired; nil when another holds it.
    ///
    /// - Parameters:
    ///   - holder: a name for people.
    ///   - clock: what the contender measures `expiry` on.
    ///   - watch: what this contender saw last of this claim, nil at first: to be handed to its next call.
    public static func take(
        _ key: ObjectKey, holder: String, store: any ObjectStore, clock: any Clock, watching watch: inout ClaimWatch?,
        deadline: Deadline
    ) throws(ImpRAGError) -> Claim? {
        // Before the read: what it brings was there at that time or later.
        let now = clock.now
        let found = try store.get(key, limit: byteLimit, deadline: deadline)
        var condition = PutCondition.absent
        if let found {
            let isFree = record(found.bytes).map { $0.holder == nil } ?? false
            if !isFree {
                guard let seen = watch, seen.version == found.version else {
                    watch = ClaimWatch(version: found.version, since: clock.now)
                    return nil
                }
                guard now - seen.since >= expiry else { return nil }
            }
            condition = .version(found.version)
        }
        watch = nil
        let record = Record(holder: String(holder.prefix(200)), token: CollectionID.random().description, beat: 0)
        switch try store.put(bytes(record), as: key, if: condition, deadline: deadline) {
        case .stored(let version): return Claim(record, version, key, store)
        case .lost: return nil
        }
    }

    /// Shows contenders that the holder lives.
    ///
    /// - Throws: `failedPrecondition` when another has taken the claim over, and as the store; after `unavailable` and
    ///   `deadlineExceeded` it may be renewed or not, and a further call is right.
    public func renew(deadline: Deadline) throws(ImpRAGError) {
        try replace(deadline) { $0.beat += 1 }
    }

    /// Gives the claim to whoever wants it next. The object stays, as a free one: deleting takes no condition, and
    /// could hit another's.
    ///
    /// - Throws: as `renew`.
    public func release(deadline: Deadline) throws(ImpRAGError) {
        try replace(deadline) { $0.holder = nil }
    }

    private func replace(_ deadline: Deadline, _ change: (inout Record) -> Void) throws(ImpRAGError) {
        try held.withLock { held throws(ImpRAGError) in
            while true {
                var record = held.record
                change(&record)
                let bytes = try Self.bytes(record)
                let winner: StoredObject?
                switch try store.put(bytes, as: key, if: .version(held.version), deadline: deadline) {
                case .stored(let version):
                    held = (record, version)
                    return
                case .lost(to: let object): winner = object
                }
                let found = winner.flatMap { Self.record($0.bytes) }
                if let winner, let found, found.token == record.token, found.beat > held.record.beat {
                    // Our own, from a write that seemed to have failed.
                    held = (found, winner.version)
                    continue
                }
                throw ImpRAGError(
                    .failedPrecondition,
                    "\(key) in \(store.name) was taken over by \(found?.holder ?? "another"); the work goes on there")
            }
        }
    }

    private static func bytes(_ record: Record) throws(ImpRAGError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(record))
        } catch {
            throw ImpRAGError(.internal, "a claim cannot be encoded", cause: error)
        }
    }

    /// Nil for bytes that are no claim: they never change either, and expire.
    private static func record(_ bytes: [UInt8]) -> Record? {
        try? JSONDecoder().decode(Record.self, from: Data(bytes))
    }
}

/// What a contender saw of a claim, and since when it has not changed.
public struct ClaimWatch: Sendable {
    let version: ObjectVersion
    let since: ContinuousClock.Instant
}
