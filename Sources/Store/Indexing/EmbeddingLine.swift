internal import Core
internal import Platform

/// A pipeline stage that embeds batches in order, on its own thread, while its owner reads and writes others.
///
/// One owner, which takes the earliest batch's result whenever `limit` are in flight.
final class EmbeddingLine {
    /// Passages of one partition, embedded and written together.
    struct Batch: Sendable {
        let partition: Int
        let passages: [Passage]
    }

    struct Embedded: Sendable {
        let batch: Batch
        let reading: PassageReader.Reading
        /// Time spent in the model.
        let seconds: Double
    }

    /// Batches in flight: one in the model, one waiting for it, one waiting to be written.
    static let limit = 3

    /// Batches in flight: pushed, with results not taken yet.
    private(set) var underWay = 0
    private let given = BlockingQueue<Batch>(limit: limit)
    private let results = BlockingQueue<Result<Embedded, ImpRAGError>>(limit: limit)
    private let thread: NamedThread

    init(_ reader: PassageReader) throws(ImpRAGError) {
        thread = try NamedThread("embedding") { [given, results] in
            while let batch = given.pop() { _ = results.push(Self.embed(batch, reader)) }
        }
    }

    deinit { given.close() }

    var isFull: Bool { underWay == Self.limit }

    /// Adds a batch; not while the line is full.
    func push(_ batch: Batch) {
        precondition(!isFull, "\(underWay) batches are under way; the first must be taken")
        underWay += 1
        _ = given.push(batch)
    }

    /// Waits for the result of the earliest batch in flight; nil when there is none.
    func pop() throws(ImpRAGError) -> Embedded? {
        guard underWay > 0, let result = results.pop() else { return nil }
        underWay -= 1
        return try result.get()
    }

    /// Drops the batches that the model has not started.
    func dropWaiting() {
        underWay -= given.pop(upTo: Self.limit, waiting: false).count
    }

    /// Ends the thread, after the batch that is in the model.
    func stop() {
        dropWaiting()
        given.close()
        thread.join()
    }

    private static func embed(_ batch: Batch, _ reader: PassageReader) -> Result<Embedded, ImpRAGError> {
        let start = ContinuousClock.now
        do throws(ImpRAGError) {
            let reading = try reader.read(batch.passages, of: batch.partition)
            return .success(Embedded(batch: batch, reading: reading, seconds: Indexing.seconds(since: start)))
        } catch {
            return .failure(error)
        }
    }
}
