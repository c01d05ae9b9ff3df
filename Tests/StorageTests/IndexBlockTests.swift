import TestSupport
import Testing
import VectorIndex

@testable import Storage

/// The blocks of a vector index in its partition's database.
@Suite struct IndexBlockTests {
    @Test("index blocks come in the order of lists and numbers, are replaced and removed in one write, and stay")
    func indexBlocks() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("partition-0000")
        _ = try PartitionTests.make(at: path, count: 1, dimension: 4)
        func open(_ access: Partition.Access = .readWrite) throws -> Partition {
            try Partition(path: path, access: access)
        }
        func scan(_ generation: Int) throws -> [String] {
            var found: [String] = []
            try open(.readOnly).scanIndexBlocks(generation: generation) { name, bytes in
                switch name {
                case .chunk(_, let list, let number): found.append("\(list).\(number):\(bytes.byteCount)")
                default: found.append("\(name):\(bytes.byteCount)")
                }
                return found.count < 5
            }
            return found
        }
        func name(_ generation: Int, _ list: Int, _ number: Int) -> VectorIndexBlock.Name {
            .chunk(generation: generation, list: list, number: number)
        }
        let header = VectorIndexHeader(
            generation: 2, indexedRows: 1, trainedRows: 1, trainedError: 0.5, residentBytes: 7, target: 0.9,
            calibration: Calibration(entries: [], queries: 0, source: .questions))
        do {
            let partition = try open()
            #expect(try partition.indexHeader() == nil)
            let blocks = [(2, 300, 0), (2, 1, 256), (2, 1, 1), (1, 9, 9), (3, 0, 0), (2, 299, 0)].map {
                VectorIndexBlock(name($0, $1, $2), [UInt8](repeating: 1, count: $1))
            }
            let others = [
                VectorIndexBlock(.queries, [4]), VectorIndexBlock(.model(generation: 2), [5, 6]),
            ]
            try partition.writeIndex(blocks + others, header: header, synced: false)
            try partition.writeIndex(
                [VectorIndexBlock(name(2, 1, 1), [1, 2, 3])], removing: [name(2, 300, 0)], synced: true)
            #expect(try partition.indexBlock(name(2, 1, 1)) == [1, 2, 3])
            #expect(try partition.indexBlock(name(2, 300, 0)) == nil)
        }
        #expect(try open().indexHeader() == header)
        #expect(try scan(2) == ["model(generation: 2):2", "1.1:3", "1.256:1", "299.0:299"])
        #expect(try scan(1) == ["9.9:9"] && scan(4) == [])
        try open().removeIndex(generation: 2)
        #expect(try scan(2) == [] && scan(1) == ["9.9:9"] && scan(3) == ["0.0:0"])
        #expect(try open().indexBlock(.queries) == [4])
    }
}
