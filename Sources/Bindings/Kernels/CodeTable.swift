import CKernels

/// All chunks of an index, list by list, as the scan reads them. Immutable, shared by all threads.
@safe public final class CodeTable: Sendable {
    /// The chunks of each list.
    public let lists: [[CodeChunk]]

    // Sendable because nobody writes after `init`; what they point to lives as long as `lists`.
    nonisolated(unsafe) let chunks: UnsafeMutablePointer<imprag_codes>
    nonisolated(unsafe) let starts: UnsafeMutablePointer<UInt32>

    /// - Parameter lists: all of the same shape.
    public init(_ lists: [[CodeChunk]]) {
        self.lists = lists
        unsafe chunks = .allocate(capacity: max(1, lists.reduce(0) { $0 + $1.count }))
        unsafe starts = .allocate(capacity: lists.count + 1)
        var place = 0
        for (list, own) in lists.enumerated() {
            unsafe (starts + list).initialize(to: UInt32(place))
            for chunk in own {
                unsafe (chunks + place).initialize(to: chunk.codes)
                place += 1
            }
        }
        unsafe (starts + lists.count).initialize(to: UInt32(place))
    }

    deinit {
        unsafe chunks.deallocate()
        unsafe starts.deallocate()
    }

    /// Bytes of the table itself, without the chunks.
    public static func byteCount(chunks: Int, lists: Int) -> Int {
        unsafe chunks * MemoryLayout<imprag_codes>.stride + lists * 4 + 4
    }
}
