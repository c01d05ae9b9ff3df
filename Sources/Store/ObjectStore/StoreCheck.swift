public import Core
internal import Foundation
internal import Synchronization

/// Tries out whether a store keeps what `ObjectStore` promises: services differ in what they do with conditions, and
/// some accept them and do nothing.
///
/// Works on objects of its own below `imprag-check/`, which it deletes.
public struct StoreCheck: Sendable {
    private let store: any ObjectStore
    private let folder: String
    private let deadline: Deadline

    public init(_ store: any ObjectStore, deadline: Deadline) {
        self.store = store
        self.deadline = deadline
        folder = "imprag-check/\(UUID().uuidString)"
    }

    /// Everything that is tried, by name, in order.
    public static let names = trials.map(\.name)

    private static let trials: [(name: String, run: @Sendable (StoreCheck) throws(ImpRAGError) -> Void)] = [
        ("an object is read as it was written", { check throws(ImpRAGError) in try check.readBack() }),
        ("a second write of what must be absent is refused", { check throws(ImpRAGError) in try check.conditions() }),
        ("of many writers at once one wins", { check throws(ImpRAGError) in try check.race() }),
        ("a version is replaced once", { check throws(ImpRAGError) in try check.replacement() }),
        ("what is there is listed, in order", { check throws(ImpRAGError) in try check.listing() }),
        ("a file of many pieces comes back whole", { check throws(ImpRAGError) in try check.files() }),
    ]

    /// Tries everything.
    ///
    /// - Parameter report: told after each trial its name and how long it took.
    /// - Throws: `failedPrecondition` that says which promise is broken, and what the store throws.
    public func run(report: (_ name: String, _ spent: Duration) -> Void) throws(ImpRAGError) {
        defer { cleanUp() }
        for trial in Self.trials {
            let began = deadline.clock.now
            try trial.run(self)
            report(trial.name, deadline.clock.now - began)
        }
    }

    /// Tries the two conditions on writing, which commits rest on: a few small objects, for every start of who writes.
    ///
    /// - Throws: as `run`.
    public func runConditions() throws(ImpRAGError) {
        defer { cleanUp() }
        try conditions()
        try replacement()
    }

    // MARK: Trials

    private func readBack() throws(ImpRAGError) {
        let key = try key("object")
        try expect(try get(key) == nil, "an object that nobody wrote is there")
        for bytes in [[], [UInt8]("first".utf8), Array(0...255)] as [[UInt8]] {
            guard case .stored = try put(bytes, key, .always) else { throw broken("an unconditional write lost") }
            try expect(try get(key)?.bytes == bytes, "\(bytes.count) bytes that were written are read as others")
        }
        let part = try store.read(key, 250..<300, deadline: deadline)
        try expect(part == ObjectPart(bytes: Array(250...255), size: 256), "a range of bytes is read as another")
        let beyond = try store.read(key, 256..<300, deadline: deadline)
        try expect(beyond == ObjectPart(bytes: [], size: 256), "a range behind an object's end has bytes")
        try store.delete(key, deadline: deadline)
        try store.delete(key, deadline: deadline)
        try expect(try get(key) == nil, "a deleted object is still there")
        try expect(try store.read(key, 0..<1, deadline: deadline) == nil, "a range of a deleted object is still there")
    }

    private func conditions() throws(ImpRAGError) {
        let key = try key("once")
        guard case .stored = try put([1], key, .absent) else { throw broken("the first write of an object lost") }
        let second = try put([2], key, .absent)
        guard case .lost(let winner) = second else {
            throw broken(
                "it accepts If-None-Match and overwrites all the same: two writers would both believe that they won")
        }
        try expect(winner?.bytes == [1], "a write that lost has changed the object")
        // Who asks again, because the answer was lost, has won all the same.
        guard case .stored = try put([1], key, .absent) else { throw broken("the same write again has lost") }
    }

    private func race() throws(ImpRAGError) {
        for round in 0..<3 {
            let key = try key("race-\(round)")
            let won = Mutex<[UInt8]>([])
            let failure = Mutex<ImpRAGError?>(nil)
            DispatchQueue.concurrentPerform(iterations: 8) { writer in
                do throws(ImpRAGError) {
                    if case .stored = try put([UInt8(writer)], key, .absent) {
                        won.withLock { $0.append(UInt8(writer)) }
                    }
                } catch {
                    failure.withLock { $0 = error }
                }
            }
            if let failure = failure.withLock({ $0 }) { throw failure }
            let winners = won.withLock { $0 }
            try expect(winners.count == 1, "of 8 writers at once \(winners.count) won")
            try expect(try get(key)?.bytes == winners, "the object is not the winner's")
        }
    }

    private func replacement() throws(ImpRAGError) {
        let key = try key("versions")
        guard case .stored(let first) = try put([1], key, .always) else { throw broken("an unconditional write lost") }
        try expect(try get(key)?.version == first, "a read gives another version than the write that made it")
        guard case .stored(let second) = try put([2], key, .version(first)) else {
            throw broken("the version that is there cannot be replaced")
        }
        guard case .lost(let now) = try put([3], key, .version(first)) else {
            throw broken("it accepts If-Match and overwrites all the same: a write would be lost without a word")
        }
        try expect(now == StoredObject(bytes: [2], version: second), "a write that lost has changed the object")
        try store.delete(key, deadline: deadline)
        guard case .lost(to: nil) = try put([3], key, .version(second)) else {
            throw broken("a version that is deleted can be replaced")
        }
        try expect(try get(key) == nil, "a write that lost has made an object")
    }

    private func listing() throws(ImpRAGError) {
        let keys = try (0..<12).map { number throws(ImpRAGError) in try key("list/\(100 + number)") }
        for (number, key) in keys.reversed().enumerated() {
            _ = try put([UInt8](repeating: 0, count: number), key, .always)
        }
        let prefix = "\(folder)/list/1"
        let all = try store.list(prefix, after: nil, limit: 100, deadline: deadline)
        try expect(all.map(\.key) == keys, "\(all.count) of 12 objects are listed, or in another order")
        try expect(all.map(\.size) == Array((0..<12).reversed()), "objects are listed with other sizes")
        let few = try store.list(prefix, after: keys[3], limit: 5, deadline: deadline)
        try expect(
            few.map(\.key) == Array(keys[4..<9]), "a listing does not begin after the key, or not end at the limit")
        try expect(
            try store.list(prefix, after: keys[11], limit: 5, deadline: deadline).isEmpty,
            "objects are listed behind the last one")
    }

    private func files() throws(ImpRAGError) {
        let place = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path(
            percentEncoded: false)
        let (path, copy) = (place + ".up", place + ".down")
        defer { for path in [path, copy] { try? FileManager.default.removeItem(atPath: path) } }
        var generator = SplitMix64(seed: 1)
        // Pieces that differ, so that none can stand for another.
        let block = Data((0..<1 << 20).map { _ in UInt8(truncatingIfNeeded: generator.next()) })
        let data = (0..<20 as Range<UInt8>).reduce(into: Data()) { $0 += [$1] + block }
        do { try data.write(to: URL(filePath: path)) } catch {
            throw ImpRAGError(.unavailable, "cannot write \(path)", cause: error)
        }
        let key = try key("file")
        try store.upload(path, as: key, deadline: deadline)
        try expect(try store.download(key, to: copy, deadline: deadline), "a file that was written is not there")
        try expect((try? Data(contentsOf: URL(filePath: copy))) == data, "a file of 20 MiB comes back as another")
        let isThere = try store.download(try self.key("nothing"), to: copy + ".no", deadline: deadline)
        try expect(!isThere, "a file that nobody wrote is there")
    }

    // MARK: Helpers

    private func key(_ name: String) throws(ImpRAGError) -> ObjectKey { try ObjectKey("\(folder)/\(name)") }

    private func get(_ key: ObjectKey) throws(ImpRAGError) -> StoredObject? {
        try store.get(key, limit: 1 << 20, deadline: deadline)
    }

    private func put(_ bytes: [UInt8], _ key: ObjectKey, _ condition: PutCondition) throws(ImpRAGError) -> PutOutcome {
        try store.put(bytes, as: key, if: condition, deadline: deadline)
    }

    private func expect(_ holds: Bool, _ what: String) throws(ImpRAGError) {
        guard holds else { throw broken(what) }
    }

    private func broken(_ what: String) -> ImpRAGError {
        ImpRAGError(.failedPrecondition, "\(store.name) cannot keep a collection: \(what)")
    }

    private func cleanUp() {
        // Whatever stays is small, and its folder says what it is.
        for object in (try? store.list(folder + "/", after: nil, limit: 1000, deadline: deadline)) ?? [] {
            try? store.delete(object.key, deadline: deadline)
        }
    }
}
