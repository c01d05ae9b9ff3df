// corpus.json, a ChecksummedFile: the files that a collection was indexed from, which nobody needs but the next `imprag
// index` into the same place, and whoever asks where a collection comes from. The manifest has the SHA-256 of it.

package import Core
internal import ObjectStore
internal import Platform

/// The corpus's files, apart from the manifest that every commit reads.
package struct CorpusFileList: Codable, Equatable {
    static let currentFormat = 1

    var format = currentFormat
    var files: [IndexManifest.File]

    private static let remedy = "bring it back from a copy, or index the corpus again into another directory"

    /// Takes the files out of a manifest, and gives it the digest instead.
    ///
    /// - Returns: the object's bytes; nil for a manifest without files.
    package static func takeOut(of manifest: inout IndexManifest) throws(ImpRAGError) -> [UInt8]? {
        guard !manifest.corpus.files.isEmpty else { return nil }
        let bytes = try ChecksummedFile.bytes(of: CorpusFileList(files: manifest.corpus.files), as: "corpus.json")
        manifest.corpus.files = []
        manifest.corpus.filesDigest = hexadecimal(SHA256.digest(of: bytes))
        return bytes
    }

    /// Puts the files that stand in `bytes` into the manifest again.
    ///
    /// - Throws: `dataLoss` when they are not what the manifest was written with.
    package static func put(
        _ bytes: [UInt8], named place: String, into manifest: inout IndexManifest
    ) throws(ImpRAGError) {
        guard hexadecimal(SHA256.digest(of: bytes)) == manifest.corpus.filesDigest else {
            throw ImpRAGError(
                .dataLoss, "\(place) is damaged: it is not what the manifest was written with; \(remedy)")
        }
        let list = try ChecksummedFile.value(
            CorpusFileList.self, from: bytes, named: place, format: currentFormat, remedy: remedy)
        manifest.corpus.files = list.files
        manifest.corpus.filesDigest = nil
    }
}

extension StoredCollection {
    /// The object with the corpus's files; nil for a collection whose manifest has them, or none.
    ///
    /// - Throws: `dataLoss` when it is missing or damaged, and as the store.
    func corpusFiles(of manifest: IndexManifest, deadline: Deadline) throws(ImpRAGError) -> [UInt8]? {
        guard manifest.corpus.filesDigest != nil else { return nil }
        let key = try CollectionKey.corpus
        let object = try store.get(key, limit: ChecksummedFile.limitBytes, deadline: deadline)
        guard let object else {
            throw ImpRAGError(.dataLoss, "\(place(of: key)) is missing, although the manifest names it")
        }
        var copy = manifest
        try CorpusFileList.put(object.bytes, named: place(of: key), into: &copy)
        return object.bytes
    }
}
