internal import Core
internal import Platform

extension Segment {
    private enum Kind {
        static let upsert: UInt8 = 1
        static let delete: UInt8 = 2
    }

    /// A change's kind, update and length.
    private static let changeHeadByteCount = 9
    /// A delete of an id of one byte.
    static let leastChangeByteCount = changeHeadByteCount + 1

    /// Not less than the change takes: `Passage.byteCount` is generous.
    static func byteCountAtMost(_ change: PassageChange) -> Int {
        switch change {
        case .upsert(let passage, let vector): changeHeadByteCount + passage.byteCount + 2 * vector.count
        case .delete(let id): changeHeadByteCount + id.utf8.count
        }
    }

    /// What keeps `change` out of a log; empty when nothing does.
    static func problems(of change: PassageChange, dimension: Int) -> [String] {
        switch change {
        case .delete(let id):
            guard !(1...Passage.idByteLimit).contains(id.utf8.count) else { return [] }
            return ["the id to delete has \(id.utf8.count) bytes; 1 to \(Passage.idByteLimit) are allowed"]
        case .upsert(let passage, let vector):
            guard vector.count == dimension else {
                return passage.problems + ["its vector has \(vector.count) numbers; \(dimension) are right"]
            }
            guard let fault = VectorLimit.fault(in: vector[...], dimension: dimension) else { return passage.problems }
            return passage.problems + ["its vector \(fault.words)"]
        }
    }

    // MARK: Writing

    /// A segment's changes in bytes; only the header depends on the epoch.
    struct Body {
        fileprivate let identity: CollectionIdentity
        /// One an update.
        let keys: [UpdateKey?]
        /// Partitions, ascending, with the number of their changes and the bytes.
        fileprivate let groups: [(partition: Int, changeCount: Int, bytes: [UInt8])]
        fileprivate let digests: [[UInt8]]
        /// 16 random bytes.
        fileprivate let tag: [UInt8]

        /// - Parameter updates: that `problems` found nothing in, within the limits.
        init(_ updates: [LogUpdate], of identity: CollectionIdentity) {
            var counts: [Int: Int] = [:]
            var writers: [Int: ByteWriter] = [:]
            for (number, update) in updates.enumerated() {
                for change in update.changes {
                    let partition = PartitionRouting.partition(
                        of: change.id, partitionCount: identity.partitionCount)
                    counts[partition, default: 0] += 1
                    append(change, of: number, to: &writers[partition, default: ByteWriter()])
                }
            }
            self.identity = identity
            keys = updates.map(\.key)
            groups = writers.sorted { $0.key < $1.key }.map { ($0.key, counts[$0.key] ?? 0, $0.value.bytes) }
            digests = groups.map { SHA256.digest(of: $0.bytes) }
            tag = (0..<16).map { _ in UInt8.random(in: 0...255) }
        }
    }

    /// The segment of `body` at `epoch`.
    ///
    /// - Parameter time: milliseconds since 1970.
    static func encode(_ body: Body, epoch: Int, time: Int) -> [UInt8] {
        var offset = headerByteCount(groups: body.groups.count, updates: body.keys.count)
        var writer = ByteWriter(capacity: body.groups.reduce(offset) { $0 + $1.bytes.count })
        writer.append(magic)
        writer.append(format)
        writer.append(UInt32(body.groups.count))
        writer.append(UInt64(epoch))
        writer.append(body.identity.id.bytes)
        writer.append(body.identity.fingerprint.bytes)
        writer.append(UInt32(body.identity.dimension))
        writer.append(UInt32(body.identity.partitionCount))
        writer.append(UInt32(body.keys.count))
        writer.append(body.tag)
        writer.append(UInt64(time))
        for (group, digest) in zip(body.groups, body.digests) {
            writer.append(UInt32(group.partition))
            writer.append(UInt32(group.changeCount))
            writer.append(UInt64(offset))
            writer.append(UInt64(group.bytes.count))
            writer.append(digest)
            offset += group.bytes.count
        }
        for key in body.keys { writer.append(key?.bytes ?? [UInt8](repeating: 0, count: UpdateKey.byteCount)) }
        writer.append(SHA256.digest(of: writer.bytes))
        for group in body.groups { writer.append(group.bytes) }
        return writer.bytes
    }

    private static func append(_ change: PassageChange, of update: Int, to writer: inout ByteWriter) {
        func append(_ kind: UInt8, _ bytes: some Collection<UInt8>) {
            writer.append(kind)
            writer.append(UInt32(update))
            writer.append(UInt32(bytes.count))
            writer.append(bytes)
        }
        switch change {
        case .upsert(let passage, let vector):
            append(Kind.upsert, PassageRecord.encode(passage))
            writer.append(vector)
        case .delete(let id): append(Kind.delete, id.utf8)
        }
    }

    // MARK: Reading

    /// The changes of `group`, a line of `header`, which stand in `bytes`.
    static func changes(
        _ bytes: [UInt8], of group: Group, in header: Header, at place: String
    ) throws(ImpRAGError) -> [LoggedChange] {
        guard bytes.count == group.range.count, SHA256.digest(of: bytes) == group.digest else {
            throw damaged(
                place,
                "bytes \(group.range.lowerBound)..<\(group.range.upperBound), the changes of partition "
                    + "\(group.partition), do not match their checksum")
        }
        var reader = ByteReader(bytes)
        // Not reserved by the count: it says nothing about the memory that changes take.
        var changes: [LoggedChange] = []
        for number in 0..<group.changeCount {
            let offset = group.range.upperBound - reader.left
            func wrong(_ what: String) -> ImpRAGError {
                damaged(place, "change \(number) of partition \(group.partition), at offset \(offset), \(what)")
            }
            guard let change = change(&reader, dimension: header.identity.dimension) else {
                throw wrong("is not readable")
            }
            guard change.update >= changes.last?.update ?? 0, change.update < header.updateCount else {
                throw wrong("is of update \(change.update) of \(header.updateCount), and out of order")
            }
            let problems = problems(of: change.change, dimension: header.identity.dimension)
            guard problems.isEmpty else { throw wrong("cannot be applied: \(problems.joined(separator: ", "))") }
            let partition = PartitionRouting.partition(
                of: change.change.id, partitionCount: header.identity.partitionCount)
            guard partition == group.partition else { throw wrong("belongs to partition \(partition)") }
            changes.append(change)
        }
        guard reader.isAtEnd else {
            throw damaged(
                place, "\(reader.left) bytes follow the \(group.changeCount) changes of partition \(group.partition)")
        }
        return changes
    }

    private static func change(_ reader: inout ByteReader, dimension: Int) -> LoggedChange? {
        guard let kind = reader.uint8(), let update = reader.uint32(), let count = reader.uint32() else { return nil }
        switch kind {
        case Kind.upsert:
            guard let passage = reader.bytes(Int(count)).flatMap(PassageRecord.decode),
                let vector = reader.bfloat16s(dimension)
            else { return nil }
            return LoggedChange(update: Int(update), .upsert(passage, vector: vector))
        case Kind.delete: return reader.text(Int(count)).map { LoggedChange(update: Int(update), .delete(id: $0)) }
        default: return nil
        }
    }
}
