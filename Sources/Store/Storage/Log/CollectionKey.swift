// A collection's objects, below its prefix:
//
//   manifest.json                                  IndexManifest
//   corpus.json                                    the files that it was indexed from (CorpusFileList)
//   log/00000000000000000042                       the segment of epoch 42 (SegmentFormat.swift)
//   checkpoint/0003/00000000000000000042/NAME      a file of partition 3's checkpoint at epoch 42
//   claim/checkpoint-0003                          who makes a checkpoint of partition 3 (Claim.swift)
//   draft.json                                     only until there is a manifest: what is being made here (CollectionDraft.swift)
//
// Epochs have 20 digits and partitions at least 4, so that keys sort as the numbers do.

package import Core
package import ObjectStore

/// The names of a collection's objects.
package enum CollectionKey {
    package static let logPrefix = "log/"
    package static let checkpointPrefix = "checkpoint/"
    package static let claimPrefix = "claim/"
    /// Names come from whoever can write to the store, and the next epoch must be one, too.
    static let epochLimit = SearchOptions.minEpochRange.upperBound

    package static var manifest: ObjectKey {
        get throws(ImpRAGError) { try ObjectKey("manifest.json") }
    }

    package static var corpus: ObjectKey {
        get throws(ImpRAGError) { try ObjectKey("corpus.json") }
    }

    package static var draft: ObjectKey {
        get throws(ImpRAGError) { try ObjectKey("draft.json") }
    }

    package static func segment(_ epoch: Int) throws(ImpRAGError) -> ObjectKey {
        try ObjectKey(logPrefix + text(epoch))
    }

    /// - Parameter name: of a file of the checkpoint.
    package static func checkpoint(
        partition: Int, epoch: Int, _ name: String
    ) throws(ImpRAGError) -> ObjectKey {
        try ObjectKey("\(checkpointPrefix)\(text(partition, digits: 4))/\(text(epoch))/\(name)")
    }

    package static func checkpointClaim(partition: Int) throws(ImpRAGError) -> ObjectKey {
        try ObjectKey("\(claimPrefix)checkpoint-\(text(partition, digits: 4))")
    }

    /// The epoch of the segment that `key` names; nil for other keys.
    package static func epoch(ofSegment key: ObjectKey) -> Int? {
        guard key.text.hasPrefix(logPrefix) else { return nil }
        return epoch(key.text.dropFirst(logPrefix.count))
    }

    /// Which checkpoint a file belongs to; nil for keys of other objects.
    package static func checkpoint(ofFile key: ObjectKey) -> (partition: Int, epoch: Int)? {
        let words = key.text.split(separator: "/")
        guard words.count == 4, words[0] + "/" == checkpointPrefix,
            let partition = number(words[1], { text($0, digits: 4) }), let epoch = epoch(words[2])
        else { return nil }
        return (partition, epoch)
    }

    /// Whether `key` names an object of a collection: one that is neither its manifest nor its draft.
    package static func isCollection(_ key: ObjectKey) -> Bool {
        key.text == "corpus.json" || epoch(ofSegment: key) != nil || checkpoint(ofFile: key) != nil
            || partition(ofClaim: key) != nil
    }

    /// The partition whose checkpoints `key` is a claim to make; nil for other keys.
    package static func partition(ofClaim key: ObjectKey) -> Int? {
        let prefix = claimPrefix + "checkpoint-"
        guard key.text.hasPrefix(prefix) else { return nil }
        return number(key.text.dropFirst(prefix.count)) { text($0, digits: 4) }
    }

    private static func epoch(_ text: Substring) -> Int? {
        number(text) { self.text($0) }.flatMap { $0 < epochLimit ? $0 : nil }
    }

    private static func text(_ number: Int, digits: Int = 20) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    /// The number that `spelling` writes as `text`, and no other way.
    private static func number(_ text: Substring, _ spelling: (Int) -> String) -> Int? {
        guard let number = Int(text), number >= 0, spelling(number) == text else { return nil }
        return number
    }
}
