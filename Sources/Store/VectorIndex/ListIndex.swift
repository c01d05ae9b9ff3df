public import Core
public import Kernels

/// Inverted lists of coded vectors. Copies share their chunks.
public struct ListIndex: Sendable {
    public let model: IndexModel
    /// The chunks of each list.
    public private(set) var lists: [[CodeChunk]]
    /// The same in the form that searches read; made by `seal`.
    private(set) var table: CodeTable?
    /// Nil where it would save nothing.
    let ranking: ListRanking?
    /// Coded vectors, dead ones included.
    public private(set) var count: Int
    /// Bytes of all chunks.
    private var chunkBytes: Int

    public init(_ model: IndexModel) {
        self.model = model
        ranking = ListRanking(heads: model.heads, headWidth: model.headWidth)
        lists = [[CodeChunk]](repeating: [], count: model.listCount)
        count = 0
        chunkBytes = 0
    }

    /// Makes the index searchable. Needed again after every change.
    public mutating func seal() { table = CodeTable(lists) }

    /// Replaces the chunks of one list.
    public mutating func replace(_ list: Int, with chunks: [CodeChunk]) {
        table = nil
        for chunk in lists[list] {
            count -= chunk.count
            chunkBytes -= chunk.byteCount
        }
        lists[list] = chunks
        for chunk in chunks {
            count += chunk.count
            chunkBytes += chunk.byteCount
        }
    }

    public mutating func append(_ chunk: CodeChunk, to list: Int) {
        table = nil
        lists[list].append(chunk)
        count += chunk.count
        chunkBytes += chunk.byteCount
    }

    /// The rows of all lists, list by list.
    public func forEachRow(_ body: (Int) -> Void) {
        for chunk in lists.joined() {
            for place in 0..<chunk.count { body(chunk.row(place)) }
        }
    }

    /// Memory of codes, model and list tables.
    public var residentBytes: ByteCount {
        ByteCount(
            chunkBytes + model.residentBytes.bytes + lists.count * 64
                + ListRanking.residentBytes(listCount: lists.count, headWidth: model.headWidth))
    }

    /// An estimate of `residentBytes` for `count` vectors, counting half a block of padding per list.
    ///
    /// - Parameter codeSize: nil for the usual one.
    public static func requiredBytes(count: Int, dimension: Int, codeSize: CodeSize? = nil) -> ByteCount {
        let lists = IndexModel.listCount(for: count)
        let width = IndexModel.width(dimension: dimension)
        let size = codeSize ?? .usual(dimension: dimension)
        // Rows, scales and the first segment are padded.
        let codes = count * (size.rawValue + 6) + lists * (64 + 8 * (size.shape.segmentBytes + 6))
        let ranking = ListRanking.residentBytes(listCount: lists, headWidth: IndexModel.headWidth(width: width))
        return ByteCount(codes + 2 * (lists + dimension) * width + dimension * 4 + lists * 64 + ranking)
    }
}
