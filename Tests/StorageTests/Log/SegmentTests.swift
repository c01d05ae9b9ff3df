import Core
import ObjectStore
import Platform
import TestSupport
import Testing

@testable import Storage

@Suite struct SegmentTests {
    private static let key = "log/00000000000000000001"

    @Test(
        "what is committed is read back, by partition, in the order of the updates", arguments: 0..<20 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let dimension = Int.random(in: 1...40, using: &generator)
        let partitions = Int.random(in: 1...9, using: &generator)
        let test = try TestCollection(.sample(dimension: dimension, partitions: partitions))
        let updates = (0..<Int.random(in: 1...20, using: &generator)).map { _ in
            LogUpdate.random(dimension: dimension, using: &generator)
        }
        #expect(try test.log().commit(updates, deadline: .soon) == 1)

        var expected: [Int: [LoggedChange]] = [:]
        for (number, update) in updates.enumerated() {
            for change in update.changes {
                let partition = PartitionRouting.partition(of: change.id, partitionCount: partitions)
                expected[partition, default: []].append(LoggedChange(update: number, change))
            }
        }
        let entry = try #require(try test.log().entry(1))
        #expect(entry.epoch == 1 && entry.updateCount == updates.count)
        #expect(entry.changes == expected)
        let bytes = try #require(test.store[Self.key])
        #expect(entry.byteCount == bytes.count)
        let header = Segment.headerByteCount(groups: expected.count, updates: updates.count)
        #expect(bytes.count - header <= updates.reduce(0) { $0 + $1.byteCount })
        for partition in 0..<partitions {
            let changes = try #require(try test.log().entry(1, [partition])).changes
            #expect(changes == expected.filter { $0.key == partition })
        }
    }

    private static func small() throws -> TestCollection {
        let test = try TestCollection()
        _ = try test.log().commit(.upsert("a"), LogUpdate([.delete(id: "b"), .delete(id: "c")]))
        return test
    }

    @Test("every flipped byte of a segment is noticed, and the object named")
    func flips() throws {
        let test = try Self.small()
        let good = try #require(test.store[Self.key])
        for place in good.indices {
            var bad = good
            bad[place] ^= 1 << UInt8(place % 8)
            test.store[Self.key] = bad
            let error = #expect(throws: ImpRAGError.self, "byte \(place)") { try test.log().entry(1) }
            // Another format is not damage, as far as anybody can tell.
            #expect(error?.code == ((8..<12).contains(place) ? .failedPrecondition : .dataLoss), "byte \(place)")
            #expect(error?.message.hasPrefix("memory/\(Self.key) ") == true, "byte \(place)")
        }
    }

    @Test("every truncation of a segment is noticed, and so are bytes behind its end")
    func truncations() throws {
        let test = try Self.small()
        let good = try #require(test.store[Self.key])
        for bad in good.indices.map({ Array(good.prefix($0)) }) + [good + [0]] {
            test.store[Self.key] = bad
            let error = #expect(throws: ImpRAGError.self, "\(bad.count) bytes") { try test.log().entry(1) }
            #expect(error?.code == .dataLoss, "\(bad.count) bytes")
        }
    }

    /// A segment with right checksums, whatever is in it.
    private func forge(
        epoch: UInt64 = 1, _ identity: CollectionIdentity, groupCount: UInt32 = 1, updates: UInt32 = 1,
        changes: UInt32 = 1, length: UInt64? = nil, _ group: [UInt8]
    ) -> [UInt8] {
        let partition = PartitionRouting.partition(of: "a", partitionCount: identity.partitionCount)
        var writer = ByteWriter()
        writer.append(Segment.magic)
        writer.append(Segment.format)
        writer.append(groupCount)
        writer.append(epoch)
        writer.append(identity.id.bytes)
        writer.append(identity.fingerprint.bytes)
        writer.append(UInt32(identity.dimension))
        writer.append(UInt32(identity.partitionCount))
        writer.append(updates)
        writer.append([UInt8](repeating: 0, count: 16))
        writer.append(UInt64(0))
        writer.append(UInt32(partition))
        writer.append(changes)
        // No header with more updates than that is read so far.
        let keys = Int(min(updates, 4))
        writer.append(UInt64(Segment.headerByteCount(groups: 1, updates: keys)))
        writer.append(length ?? UInt64(group.count))
        writer.append(SHA256.digest(of: group))
        writer.append([UInt8](repeating: 0, count: UpdateKey.byteCount * keys))
        writer.append(SHA256.digest(of: writer.bytes))
        return writer.bytes + group
    }

    /// A change in bytes.
    private func change(
        kind: UInt8 = 2, update: UInt32 = 0, count: UInt32? = nil, _ body: [UInt8], then rest: [UInt8] = []
    ) -> [UInt8] {
        var writer = ByteWriter()
        writer.append(kind)
        writer.append(update)
        writer.append(count ?? UInt32(body.count))
        return writer.bytes + body + rest
    }

    @Test("a segment with right checksums and wrong numbers is refused, and its counts take no memory")
    func hostile() throws {
        let test = try TestCollection()
        let identity = test.manifest.identity
        let good = change([UInt8]("a".utf8))
        test.store[Self.key] = forge(identity, good)
        #expect(try test.log().ids(1) == ["a"])

        let elsewhere = try #require(
            ["b", "c", "d", "e", "f"].first {
                PartitionRouting.partition(of: $0, partitionCount: 4)
                    != PartitionRouting.partition(of: "a", partitionCount: 4)
            })
        let passage = PassageRecord.encode(Passage(id: "a", title: "", text: "t"))
        let blank = PassageRecord.encode(Passage(id: "a", title: "", text: " "))
        let zeros = [UInt8](repeating: 0, count: 6)
        test.store[Self.key] = forge(identity, change(kind: 1, passage, then: zeros))
        #expect(try test.log().ids(1) == ["a"])

        let large = CollectionIdentity(
            id: identity.id, fingerprint: identity.fingerprint, dimension: 1 << 20, partitionCount: 4)
        let bad: [(String, [UInt8])] = [
            ("groups", forge(identity, groupCount: .max, good)),
            ("groups beyond the end", forge(identity, groupCount: 60_000, good)),
            ("epoch", forge(epoch: 2, identity, good)),
            ("epoch beyond Int", forge(epoch: .max, identity, good)),
            ("updates", forge(identity, updates: .max, good)),
            ("no updates", forge(identity, updates: 0, good)),
            ("changes", forge(identity, changes: .max, good)),
            ("more changes than there are", forge(identity, changes: 2, good + [UInt8](repeating: 0, count: 9))),
            ("fewer changes than there are", forge(identity, changes: 1, good + good)),
            ("no changes", forge(identity, changes: 0, good)),
            ("length", forge(identity, length: .max, good)),
            ("length beyond the end", forge(identity, length: UInt64(good.count + 1), good)),
            ("dimension", forge(large, change(kind: 1, passage, then: zeros))),
            ("kind", forge(identity, change(kind: 3, [UInt8]("a".utf8)))),
            ("update of a change", forge(identity, change(update: 1, [UInt8]("a".utf8)))),
            ("length of an id", forge(identity, change(count: .max, [UInt8]("a".utf8)))),
            ("no id", forge(identity, change([], then: [0]))),
            ("id that is no UTF-8", forge(identity, change([0xFF]))),
            ("id of 5000 bytes", forge(identity, change([UInt8](repeating: 97, count: 5000)))),
            ("another partition", forge(identity, change([UInt8](elsewhere.utf8)))),
            ("length of a passage", forge(identity, change(kind: 1, count: .max, passage, then: zeros))),
            ("passage without text", forge(identity, change(kind: 1, blank, then: zeros))),
            ("passage that is cut", forge(identity, change(kind: 1, Array(passage.dropLast()), then: zeros))),
            ("vector that is cut", forge(identity, change(kind: 1, passage, then: [0, 0, 0, 0]))),
            ("vector of infinity", forge(identity, change(kind: 1, passage, then: [0, 0, 0, 0, 0x80, 0x7F]))),
        ]
        for (name, bytes) in bad {
            test.store[Self.key] = bytes
            let error = #expect(throws: ImpRAGError.self, "\(name)") { try test.log().entry(1) }
            #expect(error?.code == .dataLoss, "\(name): \(String(describing: error))")
            #expect(error?.message.hasPrefix("memory/\(Self.key) ") == true, "\(name)")
        }
    }

    @Test("a segment of another model in the same collection is damage")
    func otherModel() throws {
        let test = try TestCollection()
        let identity = test.manifest.identity
        let fingerprint = try #require(Fingerprint(bytes: [UInt8](repeating: 1, count: 32)))
        let other = CollectionIdentity(
            id: identity.id, fingerprint: fingerprint, dimension: identity.dimension,
            partitionCount: identity.partitionCount)
        test.store[Self.key] = forge(other, change([UInt8]("a".utf8)))
        let error = #expect(throws: ImpRAGError.self) { try test.log().entry(1) }
        #expect(error?.code == .dataLoss)
        for name in [fingerprint.description, identity.fingerprint.description] {
            #expect(error?.message.contains(name) == true)
        }
    }

    @Test("a reader of one partition reads the header and that partition's bytes, neighbours at once")
    func ranges() throws {
        let test = try TestCollection(.sample(dimension: 2000, partitions: 8))
        let updates = (0..<200).map { LogUpdate.upsert("p\($0)", dimension: 2000) }
        _ = try test.log().commit(updates, deadline: .soon)
        let size = try #require(test.store[Self.key]).count
        #expect(size > 700_000)

        func reads(_ partitions: Set<Int>) throws -> (ranges: [Range<Int>], bytes: Int) {
            let (calls, bytes) = (test.store.calls.count, test.store.bytesRead)
            let entry = try #require(try test.log().entry(1, partitions))
            #expect(Set(entry.changes.keys) == partitions)
            let manifest = try #require(test.store["manifest.json"]).count
            return (test.store.calls[calls...].compactMap(\.range), test.store.bytesRead - bytes - manifest)
        }
        let one = try reads([5])
        #expect(one.ranges.count == 2 && one.ranges[0] == 0..<(64 << 10))
        #expect(one.bytes < size / 3)
        #expect(try reads([5, 6]).ranges.count == 2)
        #expect(try reads([3, 6]).ranges.count == 3)
        #expect(try reads([]).ranges.count == 1)
        let all = try reads(Set(0..<8))
        #expect(all.ranges.count == 2 && all.bytes <= size + (64 << 10))
    }

    @Test("a header longer than the first read is read on")
    func manyGroups() throws {
        let test = try TestCollection(.sample(partitions: 4000))
        let updates = (0..<2000).map { LogUpdate.delete("p\($0)") }
        _ = try test.log().commit(updates, deadline: .soon)
        let ids = try #require(try test.log().ids(1))
        #expect(ids == Set((0..<2000).map { "p\($0)" }))
        let partition = PartitionRouting.partition(of: "p7", partitionCount: 4000)
        let changes = try #require(try test.log().entry(1, [partition])).changes
        #expect(changes[partition]?.contains(LoggedChange(update: 7, .delete(id: "p7"))) == true)
    }

    @Test("updates that wait share segments within the limits, and one that is too large is refused")
    func limits() throws {
        #expect(LogUpdate.countFitting([]) == 0)
        let small = LogUpdate.delete("a")
        #expect(LogUpdate.countFitting([LogUpdate](repeating: small, count: 5000)) == Segment.updateLimit)
        let text = String(repeating: "t", count: 200_000)
        let large = LogUpdate(
            (0..<200).map { .upsert(Passage(id: "p\($0)", title: "", text: text), vector: []) })
        #expect(LogUpdate.countFitting([large, large]) == 1)
        #expect(LogUpdate.countFitting([small, large, small, large]) == 3)
        let huge = LogUpdate(large.changes + large.changes)
        #expect(LogUpdate.countFitting([huge, small]) == 1)

        let test = try TestCollection(.sample(dimension: 1))
        let error = #expect(throws: ImpRAGError.self) { try test.log().commit(huge) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.hasPrefix("the updates have 76.3 MiB; at most 64.0 MiB are committed at once") == true)
    }

    @Test("updates that no replica could apply are refused before anything is written")
    func refused() throws {
        let test = try TestCollection()
        let infinite = BFloat16(Float.infinity)
        let bad: [(updates: [LogUpdate], words: String)] = [
            ([], "0 updates are committed at once; 1 to 4096 are possible"),
            ([.delete("a"), LogUpdate([])], "update 1 changes nothing"),
            ([.delete("")], "the id to delete has 0 bytes"),
            ([.upsert("a", dimension: 4)], "'a': its vector has 4 numbers; 3 are right"),
            (
                [
                    LogUpdate([
                        .upsert(Passage(id: "a", title: "", text: " "), vector: [infinite, infinite, infinite])
                    ])
                ], "'a': its text is empty or only white space; 'a': its vector holds inf at index 0"
            ),
        ]
        for (updates, words) in bad {
            let error = #expect(throws: ImpRAGError.self, "\(words)") {
                try test.log().commit(updates, deadline: .soon)
            }
            #expect(error?.code == .invalidArgument && error?.message.contains(words) == true, "\(words)")
        }
        #expect(test.store.keys == ["manifest.json"])
    }
}
