import Core
import Foundation
import Platform

/// The digest of a checkpoint's tensors, kept beside its files so that they need not all be read at every start.
///
///     imprag digest 2
///     NAME SIZE MODIFIED CHANGED      for each file of weights, by name; see `FileStamp`
///     tied                            where the output layer was found to be a copy of the embeddings, or not there
///     sha256 DIGEST                   64 hexadecimal digits
///
/// It is written only after every weight was found finite (version 1 did not check). It is ignored when a file has
/// changed since, or when it is damaged.
struct DigestFile {
    static let name = "imprag.digest"

    private let path: String
    /// All of the text before the digest.
    private let heading: String

    /// - Parameters:
    ///   - files: all files of weights of the checkpoint in `directory`.
    ///   - tied: whether a `lm_head.weight` was compared with the embeddings.
    init(directory: String, files: [MappedFile], tied: Bool) {
        path = directory + "/" + Self.name
        heading =
            "imprag digest 2\n"
            + files.map { "\($0.name) \($0.stamp)\n" }.sorted().joined() + (tied ? "tied\n" : "") + "sha256 "
    }

    /// The digest, 32 bytes, if one was kept and no file has changed since.
    func read() -> [UInt8]? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8), text.hasPrefix(heading),
            text.hasSuffix("\n")
        else { return nil }
        return Fingerprint(hex: String(text.dropFirst(heading.count).dropLast()))?.bytes
    }

    /// Replaces the file. Where that fails, as in a read-only directory, the next start computes the digest again.
    func write(_ digest: [UInt8]) {
        guard let hex = Fingerprint(bytes: digest)?.description else { return }
        try? DurableFile.write(Array("\(heading)\(hex)\n".utf8), to: path)
    }
}
