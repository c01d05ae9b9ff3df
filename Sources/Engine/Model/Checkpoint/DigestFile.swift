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
/// Whoever writes it has found every weight finite (version 1 had not looked).
///
/// It counts only when every file is as it was then; otherwise it is as good as absent, as is one that is damaged.
struct DigestFile {
    static let name = "imprag.digest"

    private let path: String
    /// All of the text before the digest.
    private let heading: String

    /// - Parameters:
    ///   - files: all files of weights of the checkpoint in `directory`.
    ///   - tied: whether a `lm_head.weight` was held against the embeddings.
    init(directory: String, files: [MappedFile], tied: Bool) {
        path = directory + "/" + Self.name
        heading =
            "imprag digest 2\n"
            + files.map { "\($0.name) \($0.stamp)\n" }.sorted().joined() + (tied ? "tied\n" : "") + "sha256 "
    }

    /// The digest, 32 bytes, when there is one of these very files.
    func read() -> [UInt8]? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8), text.hasPrefix(heading),
            text.hasSuffix("\n")
        else { return nil }
        return Fingerprint(hex: String(text.dropFirst(heading.count).dropLast()))?.bytes
    }

    /// Replaces the file. Where that cannot be done, a read-only directory for one, the next start computes again.
    func write(_ digest: [UInt8]) {
        guard let hex = Fingerprint(bytes: digest)?.description else { return }
        try? DurableFile.write(Array("\(heading)\(hex)\n".utf8), to: path)
    }
}
