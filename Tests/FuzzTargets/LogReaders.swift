import Core
import ObjectStore
import Platform

@testable import Storage

/// Readers of what lies in an object store.
///
/// What is read there has a checksum. A fuzzer would never get past it, and whoever can write into a store can also
/// compute checksums: so they are made right before the bytes are read.
enum LogReaders {
    private static let identity = CollectionIdentity(
        id: CollectionID(bytes: [UInt8](repeating: 5, count: 16)) ?? .random(), fingerprint: fingerprint, dimension: 2,
        partitionCount: 3)
    private static var fingerprint: Fingerprint {
        guard let made = Fingerprint(bytes: [UInt8](repeating: 9, count: 32)) else {
            preconditionFailure("32 bytes are a fingerprint")
        }
        return made
    }

    // MARK: Segments

    static func segment(_ bytes: [UInt8]) throws(ImpRAGError) -> Bool {
        _ = try? Segment.header(of: bytes, size: bytes.count, in: "it")
        let sealed = sealed(bytes)
        let header = try Segment.header(of: sealed, size: sealed.count, in: "it")
        let changes = try changes(sealed, header)
        var updates = [[PassageChange]](repeating: [], count: header.updateCount)
        for logged in changes { updates[logged.update].append(logged.change) }
        let keyed = zip(updates, header.keys).map { LogUpdate($0, key: $1) }
        let body = Segment.Body(keyed, of: header.identity)
        // Segments of the oldest format have no time.
        let again = Segment.encode(body, epoch: header.epoch, time: header.time ?? 0)
        let read = try Segment.header(of: again, size: again.count, in: "it")
        let found = try Self.changes(again, read)
        precondition(found == changes && read.keys == header.keys, "\(changes) are not what is read back")
        return true
    }

    private static func changes(_ bytes: [UInt8], _ header: Segment.Header) throws(ImpRAGError) -> [LoggedChange] {
        var changes: [LoggedChange] = []
        for group in header.groups {
            changes += try Segment.changes(Array(bytes[group.range]), of: group, in: header, at: "it")
        }
        return changes
    }

    /// The bytes with right checksums, as far as their table of groups makes sense.
    private static func sealed(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        guard let end = try? Segment.headerByteCount(bytes, size: bytes.count, in: "it") else { return bytes }
        var reader = ByteReader(bytes, from: Segment.magic.count)
        guard let format = reader.uint32(), let groups = reader.uint32() else { return bytes }
        let start = format == Segment.format ? 108 : 100
        for line in 0..<Int(groups) {
            let first = start + line * Segment.groupByteCount
            var reader = ByteReader(bytes, from: first + 8)
            guard let offset = reader.count(), let length = reader.count(), offset >= end, offset <= bytes.count,
                length <= bytes.count - offset
            else { continue }
            let digest = SHA256.digest(of: Array(bytes[offset..<offset + length]))
            bytes.replaceSubrange(first + 24..<first + 56, with: digest)
        }
        let table = end - Segment.digestByteCount
        bytes.replaceSubrange(table..<end, with: SHA256.digest(of: Array(bytes[..<table])))
        return bytes
    }

    static func segmentSeeds() -> [[UInt8]] {
        let one: [BFloat16] = [BFloat16(1), BFloat16(-0.5)]
        let passage = Passage(
            id: "a", title: "Peru", text: "Lima is the capital.",
            metadata: ["year": .number(Number(1990.5)), "tags": .strings(["x", ""]), "lang": .string("en")])
        let large = Passage(
            id: "é", title: "", text: "Zürich", metadata: ["n": .number(Number(Int64.max))])
        return [
            [LogUpdate([.delete(id: "a")])],
            [
                LogUpdate([.upsert(passage, vector: one)], key: UpdateKey(bytes: [UInt8](repeating: 4, count: 16))),
                LogUpdate([.upsert(large, vector: one), .delete(id: "b")]),
            ],
        ].map { Segment.encode(Segment.Body($0, of: identity), epoch: 42, time: 1_790_000_000_000) }
    }

    // MARK: Checksummed JSON

    private static let tail = 64 + ",\n  \"checksum\" : \"\"\n}\n".utf8.count

    /// The bytes with the line of their checksum, which seeds come without.
    private static func checked(_ body: [UInt8]) -> [UInt8] {
        body + Array(",\n  \"checksum\" : \"\(hexadecimal(SHA256.digest(of: body)))\"\n}\n".utf8)
    }

    static func manifest(_ bytes: [UInt8]) throws(ImpRAGError) -> Bool {
        let manifest = try ChecksummedFile.value(
            IndexManifest.self, from: checked(bytes), named: "it", format: IndexManifest.currentFormat,
            oldest: IndexManifest.formats.lowerBound, remedy: "use another")
        let stored = try StoredManifest(manifest, version: ObjectVersion("1"), in: "it")
        precondition(stored.identity.partitionCount == manifest.partitions.count)
        let again = try ChecksummedFile.bytes(of: manifest, as: "it")
        let read = try ChecksummedFile.value(
            IndexManifest.self, from: again, named: "it", format: IndexManifest.currentFormat,
            oldest: IndexManifest.formats.lowerBound, remedy: "use another")
        precondition(read == manifest, "\(manifest) is written as \(read)")
        return true
    }

    static func manifestSeeds() throws -> [[UInt8]] {
        let digest = String(repeating: "0a", count: 32)
        let manifest = IndexManifest(
            collection: identity.id.description, firstEpoch: 3, fingerprint: fingerprint.description, model: "m",
            dimension: 2,
            partitions: [
                .init(directory: "partition-0000", passages: 7, checksum: digest, checkpoint: 4),
                .init(directory: "partition-0001", passages: 0, checksum: digest, checkpoint: 2),
            ],
            corpus: .init(
                files: [.init(path: "c.jsonl", bytes: 9, sha256: digest, name: "c")], formatName: "jsonl",
                wordsPerPassage: 100, skipsBadLines: true, lexical: "english", arithmetic: "bf16", batchRows: 64,
                documents: 7, duplicates: 0, badLines: 1),
            states: .init(codec: "int8", keepsHalf: true), words: .init(weight: 0.5, questions: 8, areGiven: false),
            snapshots: [.init(name: "monday", epoch: 5, checkpoints: [4, 2])])
        return [Array(try ChecksummedFile.bytes(of: manifest, as: "it").dropLast(tail))]
    }

    static func checkpoint(_ bytes: [UInt8]) throws(ImpRAGError) -> Bool {
        let checkpoint = try Checkpoint(stored: checked(bytes), named: "it", partition: 1, epoch: 42)
        precondition(checkpoint.byteCount >= 0)
        let again = try Checkpoint(stored: checkpoint.encoded(as: "it"), named: "it", partition: 1, epoch: 42)
        precondition(again == checkpoint, "\(checkpoint) is written as \(again)")
        return true
    }

    static func checkpointSeeds() throws -> [[UInt8]] {
        let digest = String(repeating: "0a", count: 32)
        let checkpoint = Checkpoint(
            collection: identity.id, partition: 1, epoch: 42, passages: 7,
            files: [
                .init(name: "000012.sst", bytes: 1 << 33, sha256: digest),
                .init(name: "CURRENT", bytes: 16, sha256: digest),
            ])
        return [Array(try checkpoint.encoded(as: "it").dropLast(tail))]
    }
}
