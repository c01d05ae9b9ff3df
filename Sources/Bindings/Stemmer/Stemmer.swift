internal import CStemmer

/// A stemmer from the Snowball library; one owner.
@safe public struct Stemmer: ~Copyable {
    private let handle: OpaquePointer

    /// - Parameter algorithm: the library's name for it, such as `porter`.
    /// - Returns: nil when the library has no such algorithm, or memory is exhausted.
    public init?(_ algorithm: String) {
        guard let handle = unsafe sb_stemmer_new(algorithm, "UTF_8") else { return nil }
        unsafe self.handle = handle
    }

    deinit {
        unsafe sb_stemmer_delete(handle)
    }

    /// Replaces `word`, lowercase UTF-8, with its stem.
    public mutating func stem(_ word: inout [UInt8]) {
        let count = word.count
        let stem = unsafe word.withUnsafeBufferPointer { buffer in
            unsafe sb_stemmer_stem(handle, buffer.baseAddress, Int32(clamping: count))
        }
        // Nil when memory is exhausted: then the word is its own stem.
        guard let stem = unsafe stem else { return }
        word.removeAll(keepingCapacity: true)
        unsafe word.append(contentsOf: UnsafeBufferPointer(start: stem, count: Int(sb_stemmer_length(handle))))
    }
}
