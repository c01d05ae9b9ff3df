/// Every token: its content as the file writes it, and the bytes it stands for in a text.
struct Vocabulary: Sendable {
    /// Content, as UTF-8, to id: the model's tokens and the added ones.
    let contents: TokenTable
    /// The bytes of all ids, in the order of the ids.
    private var bytes: [UInt8] = []
    /// Where each id's bytes end; an id without a token has none.
    private var ends: [Int] = []
    private var flags: [UInt8] = []
    private static let present: UInt8 = 1
    private static let special: UInt8 = 2

    /// - Parameters:
    ///   - contents: ids are unique.
    ///   - count: greater than every id.
    ///   - isByteLevel: whether the contents are written in the alphabet of bytes; otherwise the decoder takes them as
    ///     they are.
    ///   - rewritten: the contents, by id, of added tokens that the normalizer changes: decoding gives what it made of
    ///     them.
    init(
        contents: TokenTable, count: Int, specialIDs: [Int32], isByteLevel: Bool, rewritten: [Int32: [UInt8]] = [:]
    ) {
        self.contents = contents
        var entries = [Int32](repeating: -1, count: count)
        for entry in 0..<contents.count { entries[Int(contents[entry].id)] = Int32(truncatingIfNeeded: entry) }
        ends.reserveCapacity(count)
        flags.reserveCapacity(count)
        for entry in entries {
            if entry >= 0 {
                let (string, id) = contents[Int(entry)]
                let content = rewritten[id]?[...] ?? string
                if isByteLevel { _ = ByteAlphabet.appendBytes(of: content, to: &bytes) } else { bytes += content }
            }
            ends.append(bytes.count)
            flags.append(entry >= 0 ? Self.present : 0)
        }
        for id in specialIDs { flags[Int(id)] |= Self.special }
    }

    /// Ids are 0 ..< this number.
    var count: Int { flags.count }

    func contains(_ id: Int32) -> Bool {
        id >= 0 && Int(id) < flags.count && flags[Int(id)] & Self.present != 0
    }

    func isSpecial(_ id: Int32) -> Bool { contains(id) && flags[Int(id)] & Self.special != 0 }

    /// The bytes that `id`, which must be contained, brings to a text: its part of it, or what the decoder takes.
    func bytes(of id: Int32) -> ArraySlice<UInt8> {
        bytes[(id == 0 ? 0 : ends[Int(id) - 1])..<ends[Int(id)]]
    }
}
