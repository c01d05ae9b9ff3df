// A segment: the updates of one epoch, by partition. Numbers are little-endian and unsigned.
//
//   offset  bytes
//        0      8  "IRSEGMNT"
//        8      4  format: 2; in format 1 there were neither time nor keys, and the groups began at 100
//       12      4  g: groups, at least 1
//       16      8  epoch, as in the object's name
//       24     16  the collection's id
//       40     32  the model's fingerprint
//       72      4  d: numbers of a vector
//       76      4  partitions of the collection
//       80      4  u: updates, at least 1
//       84     16  random: tells two writers' segments apart, even with the same updates in them
//      100      8  when it was written, in milliseconds since 1970; not before the segment that its writer knew last
//      108  56 · g  the groups, in the order of their partitions, each partition at most once:
//                    4  partition
//                    4  changes in it, at least 1
//                    8  offset of its first byte in the object: where the group before it, or this header, ends
//                    8  its length
//                   32  SHA-256 of its bytes
//   108 + 56·g           16 · u  the updates' keys (UpdateKey), each once; 16 zeros for an update without one
//   108 + 56·g + 16·u        32  SHA-256 of everything before
//   140 + 56·g + 16·u            the groups' bytes; the object ends with the last one
//
// A group is its partition's changes in the order of the updates:
//
//        1  kind: 1 upsert, 2 delete
//        4  which update it belongs to, from 0 and below u; never less than that of the change before
//        4  n: length of what follows
//        n  of an upsert the passage (PassageRecord.swift), of a delete the id in UTF-8
//      2·d  only of an upsert: the vector in bf16
//
// So a reader of few partitions reads the header and their groups, and nothing is used before its checksum was right.

internal import Core
internal import Platform

/// A segment's layout and limits.
enum Segment {
    static let magic = Array("IRSEGMNT".utf8)
    static let format: UInt32 = 2
    /// Without time and keys.
    private static let oldestFormat: UInt32 = 1
    /// Bytes before the table of groups, in the oldest format.
    private static let fixedByteCount = 100
    private static let timeByteCount = 8
    /// Where the number of updates stands.
    private static let updateCountOffset = 80
    static let groupByteCount = 56
    static let digestByteCount = 32

    /// Bytes of all changes of a segment: far below `conditionalLimit`, since whoever loses the race for an epoch may
    /// be handed the winner's bytes, and a reader holds all that it asked for.
    static let byteLimit = 64 << 20
    static let updateLimit = 4096
    static let partitionLimit = 1 << 16
    static let dimensionLimit = 1 << 20

    /// A group's line in the header.
    struct Group: Equatable {
        let partition: Int
        let changeCount: Int
        /// Of the object's bytes.
        let range: Range<Int>
        let digest: [UInt8]
    }

    /// A checked header.
    struct Header: Equatable {
        let epoch: Int
        let identity: CollectionIdentity
        let updateCount: Int
        /// Milliseconds since 1970; nil where its format has none.
        let time: Int?
        /// One an update.
        let keys: [UpdateKey?]
        let groups: [Group]
        /// Of the whole segment.
        let byteCount: Int
    }

    static func headerByteCount(groups: Int, updates: Int) -> Int {
        fixedByteCount + timeByteCount + groups * groupByteCount + updates * UpdateKey.byteCount + digestByteCount
    }

    // MARK: Reading

    /// How long the header is that `bytes` begin with.
    ///
    /// - Parameters:
    ///   - size: of the whole object.
    ///   - place: the object, for messages.
    static func headerByteCount(_ bytes: [UInt8], size: Int, in place: String) throws(ImpRAGError) -> Int {
        var reader = ByteReader(bytes)
        guard reader.bytes(magic.count) == magic, let found = reader.uint32(), let groups = reader.uint32() else {
            throw damaged(place, "its first \(min(16, bytes.count)) bytes are not those of a segment")
        }
        guard (oldestFormat...format).contains(found) else {
            throw ImpRAGError(
                .failedPrecondition,
                "\(place) has format \(found), this program reads \(oldestFormat) to \(format); run the version that wrote it, or a "
                    + "newer one")
        }
        guard (1...partitionLimit).contains(Int(groups)) else {
            throw damaged(place, "its header counts \(groups) groups; 1 to \(partitionLimit) are possible")
        }
        reader = ByteReader(bytes, from: min(updateCountOffset, bytes.count))
        guard let updates = reader.uint32(), (1...updateLimit).contains(Int(updates)) else {
            throw damaged(place, "its header counts no updates, or more than \(updateLimit)")
        }
        let count =
            found == oldestFormat
            ? fixedByteCount + Int(groups) * groupByteCount + digestByteCount
            : headerByteCount(groups: Int(groups), updates: Int(updates))
        guard count < size else {
            throw damaged(place, "its header has \(count) bytes, but the object ends after \(size)")
        }
        guard size - count <= byteLimit else {
            throw damaged(place, "it has \(ByteCount(size)); at most \(ByteCount(count + byteLimit)) are possible")
        }
        return count
    }

    /// The header that `bytes` begin with.
    static func header(of bytes: [UInt8], size: Int, in place: String) throws(ImpRAGError) -> Header {
        let count = try headerByteCount(bytes, size: size, in: place)
        let body = Array(bytes.prefix(count - digestByteCount))
        guard bytes[body.count...].prefix(digestByteCount).elementsEqual(SHA256.digest(of: body)) else {
            throw damaged(place, "its first \(body.count) bytes do not match their checksum")
        }
        var reader = ByteReader(body, from: magic.count)
        guard let format = reader.uint32(), let groupCount = reader.uint32(), let epoch = reader.count(),
            let id = reader.bytes(CollectionID.byteCount).flatMap(CollectionID.init(bytes:)),
            let fingerprint = reader.bytes(32).flatMap(Fingerprint.init(bytes:)),
            let dimension = reader.uint32(), let partitionCount = reader.uint32(), let updateCount = reader.uint32(),
            reader.bytes(16) != nil
        else { throw damaged(place, "its header is not readable") }
        let time = format == oldestFormat ? nil : reader.count()
        guard (1...dimensionLimit).contains(Int(dimension)), (1...partitionLimit).contains(Int(partitionCount)),
            (1...updateLimit).contains(Int(updateCount))
        else {
            throw damaged(
                place,
                "its header speaks of \(updateCount) updates, \(partitionCount) partitions and dimension \(dimension)")
        }
        var groups: [Group] = []
        for _ in 0..<groupCount {
            guard
                let group = group(
                    &reader, after: groups.last, from: count, size: size, partitionCount: Int(partitionCount))
            else { throw damaged(place, "line \(groups.count) of its table of groups makes no sense") }
            groups.append(group)
        }
        var keys: [UpdateKey?] = []
        for _ in 0..<updateCount {
            // Zeros are no key.
            keys.append(
                format == oldestFormat ? nil : reader.bytes(UpdateKey.byteCount).flatMap(UpdateKey.init(bytes:)))
        }
        guard reader.isAtEnd, groups.last?.range.upperBound == size else {
            throw damaged(
                place, "it has \(size) bytes, but its groups end after \(groups.last?.range.upperBound ?? count)")
        }
        return Header(
            epoch: epoch,
            identity: CollectionIdentity(
                id: id, fingerprint: fingerprint, dimension: Int(dimension), partitionCount: Int(partitionCount)),
            updateCount: Int(updateCount), time: time, keys: keys, groups: groups, byteCount: size)
    }

    private static func group(
        _ reader: inout ByteReader, after last: Group?, from start: Int, size: Int, partitionCount: Int
    ) -> Group? {
        guard let partition = reader.uint32().map(Int.init), let changes = reader.uint32().map(Int.init),
            let offset = reader.count(), let length = reader.count(), let digest = reader.bytes(digestByteCount),
            partition > last?.partition ?? -1, partition < partitionCount,
            offset == last?.range.upperBound ?? start, length > 0, length <= size - offset, changes > 0,
            changes <= length / leastChangeByteCount
        else { return nil }
        return Group(
            partition: partition, changeCount: changes, range: offset..<(offset + length), digest: digest)
    }

    /// Groups that stand one behind the other, to be read at once; `groups` in the order of a header.
    static func runs(of groups: [Group]) -> [[Group]] {
        groups.reduce(into: []) { runs, group in
            if let last = runs.last?.last, last.range.upperBound == group.range.lowerBound {
                runs[runs.count - 1].append(group)
            } else {
                runs.append([group])
            }
        }
    }

    static func damaged(_ place: String, _ what: String) -> ImpRAGError {
        ImpRAGError(.dataLoss, "\(place) is damaged: \(what)")
    }
}
