import Core
import Testing

@testable import Indexing

@Suite struct EmbeddingLineTests {
    private func batch(_ number: Int) -> EmbeddingLine.Batch {
        EmbeddingLine.Batch(partition: number, passages: [Passage(id: "p\(number)", title: "", text: "text")])
    }

    @Test("results come in the order of the batches, and nothing comes of an empty line")
    func order() throws {
        let line = try EmbeddingLine(PassageReader(try TestEmbedder()))
        defer { line.stop() }
        #expect(try line.pop() == nil)
        var next = 0
        for number in 0..<50 {
            if line.isFull {
                #expect(try line.pop()?.batch.partition == next)
                next += 1
            }
            line.push(batch(number))
        }
        while let result = try line.pop() {
            #expect(result.batch.partition == next && result.reading.vectors.count == 24)
            next += 1
        }
        #expect(next == 50 && line.underWay == 0)
    }

    @Test("a failure comes in its turn, and batches that the model has not begun can be dropped")
    func failure() throws {
        let line = try EmbeddingLine(PassageReader(try TestEmbedder(failingOnlyAt: 2)))
        for number in 0..<EmbeddingLine.limit { line.push(batch(number)) }
        #expect(try line.pop()?.batch.partition == 0)
        #expect(throws: ImpRAGError.self) { try line.pop() }
        line.stop()
        #expect(line.underWay <= 1)
        while let result = try line.pop() { #expect(result.batch.partition == 2) }
        #expect(line.underWay == 0)
    }
}
