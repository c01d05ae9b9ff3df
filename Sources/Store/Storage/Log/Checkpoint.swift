// A checkpoint of partition P at epoch E is, in the collection's store (20 and 4 digits):
//
//     checkpoint/P/E/contents.json       this value (ChecksummedFile); written last: what has none is not a checkpoint
//     checkpoint/P/E/NAME.HASH           the file NAME of a RocksDB checkpoint of the partition (PartitionFormat.swift);
//                                        HASH is the first 16 digits of its SHA-256
//
// The hash is in the key because two nodes that write the same checkpoint have files with the same names and other
// bytes. One that was paused and goes on, long after somebody took its claim over, so replaces nothing that a whole
// checkpoint consists of.

internal import Core

/// A partition's whole contents at an epoch: what the files in the store are, and have to be.
public struct Checkpoint: Sendable, Equatable, Codable {
    public static let currentFormat = 1
    static let contentsName = "contents.json"

    public var format: Int
    /// `CollectionID`, 32 hexadecimal digits.
    public var collection: String
    public var partition: Int
    /// It holds the log up to here, and nothing of what follows.
    public var epoch: Int
    public var passages: Int
    /// By name.
    public var files: [File]

    public struct File: Sendable, Equatable, Codable {
        /// In the partition's directory.
        public var name: String
        public var bytes: Int
        /// 64 hexadecimal digits.
        public var sha256: String

        /// Whether RocksDB never writes to such a file again, so that it may be one file in several places. It appends
        /// to its manifest and its log, and replaces others.
        var isFinal: Bool { [".sst", ".blob"].contains { name.hasSuffix($0) } }

        /// The last word of its object's key.
        var objectName: String { "\(name).\(sha256.prefix(16))" }
    }

    init(collection: CollectionID, partition: Int, epoch: Int, passages: Int, files: [File]) {
        format = Self.currentFormat
        self.collection = collection.description
        self.partition = partition
        self.epoch = epoch
        self.passages = passages
        self.files = files
    }

    /// Of all files.
    public var byteCount: Int { files.reduce(0) { $0 + $1.bytes } }

    // MARK: The file

    /// The contents of the object `name`.
    func encoded(as name: String) throws(ImpRAGError) -> [UInt8] { try ChecksummedFile.bytes(of: self, as: name) }

    /// The checkpoint of `partition` at `epoch`, as it was stored in the object `name`.
    ///
    /// - Throws: `dataLoss` for anything else.
    init(stored bytes: [UInt8], named name: String, partition: Int, epoch: Int) throws(ImpRAGError) {
        self = try ChecksummedFile.value(
            Checkpoint.self, from: bytes, named: name, format: Self.currentFormat,
            remedy: "use the program that wrote it, or a newer one")
        guard self.partition == partition, self.epoch == epoch, isSound else {
            throw ImpRAGError(
                .dataLoss,
                "\(name) is damaged: it is of partition \(self.partition) at epoch \(self.epoch), or names files that cannot be"
            )
        }
    }

    /// A store of many terabytes, and more files than a process can open: beyond that the sizes are not ours.
    private static let limitBytes = 1 << 44
    private static let limitFiles = 1 << 18

    private var isSound: Bool {
        CollectionID(hex: collection) != nil && passages >= 0 && files.count <= Self.limitFiles
            && Set(files.map(\.name)).count == files.count
            && files.allSatisfy { file in
                (0...Self.limitBytes).contains(file.bytes) && Self.isFileName(file.name)
                    && Core.bytes(hexadecimal: file.sha256)?.count == 32
            }
    }

    /// Names come from the network, and become paths.
    private static func isFileName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count) && !name.hasPrefix(".") && name.utf8.allSatisfy(\.isNameByte)
    }
}
