import Core
import Foundation
import Platform
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Indexing

@Suite struct IndexMergerTests: IndexMaking {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Indexes part `number` of `count` below `name`.
    @discardableResult
    private func makePart(
        _ number: Int, of count: Int, _ corpus: [String], _ name: String, partitions: Int = 3,
        _ embedder: TestEmbedder? = nil, change: (inout IndexOptions) -> Void = { _ in }
    ) throws -> IndexReport {
        var options = options(corpus, name, partitions: partitions)
        options.part = IndexPart(number: number, of: count)
        change(&options)
        let embedder = try embedder ?? TestEmbedder()
        return try IndexBuilder(options: options, embedder: embedder).run()
    }

    private func mergeOptions(_ name: String, _ parts: [String] = []) -> MergeOptions {
        MergeOptions(parts: parts, directory: directory.file(name), modelName: "test")
    }

    private func part(_ name: String, _ number: Int, of count: Int) -> String {
        directory.file(name) + "/" + IndexDirectory.partName(number, of: count)
    }

    /// What merging says when it refuses.
    private func refusal(
        _ options: MergeOptions, _ code: ErrorCode = .failedPrecondition, _ embedder: TestEmbedder? = nil
    ) throws -> String {
        let embedder = try embedder ?? TestEmbedder()
        let error = #expect(throws: ImpRAGError.self) { try IndexMerger(options: options, embedder: embedder).run() }
        #expect(error?.code == code, "\(String(describing: error))")
        return error?.message ?? ""
    }

    // MARK: Equality

    @Test(
        "merged parts are the index that one process makes: duplicates, bad lines and parts without a passage included",
        arguments: [1, 3], [1, 2, 5])
    func equality(partitions: Int, count: Int) throws {
        let bad = try file("bad.jsonl", "{\"id\":\"x\"}\n{\"id\":\"d7\",\"text\":\"the last one\"}\n\nnot JSON\n")
        let corpus = [try corpus(count: 1200), bad]
        var options = options(corpus, "whole", partitions: partitions)
        options.skipsBadLines = true
        let whole = try IndexBuilder(options: options, embedder: try TestEmbedder()).run()
        #expect(whole.duplicates > 20 && whole.badLines.count == 2)

        var embedded: [String] = []
        var sizes: [Int] = []
        for number in (1...count).reversed() {
            let embedder = try TestEmbedder()
            let report = try makePart(number, of: count, corpus, "parts", partitions: partitions, embedder) {
                $0.skipsBadLines = true
            }
            #expect(report.part?.number == number && report.badLines == whole.badLines)
            #expect(report.embedded == report.passages && report.passages == embedder.embedded.count)
            embedded += embedder.embedded
            sizes.append(report.passages)
        }
        #expect(embedded.count == whole.passages && Set(embedded).count == whole.passages)
        // Four batches among five parts.
        if partitions == 1, count == 5 { #expect(sizes.contains(0)) }

        let embedder = try TestEmbedder(failingAfter: 0)
        let report = try IndexMerger(options: mergeOptions("parts"), embedder: embedder).run()
        #expect(report.passages == whole.passages && report.passagesPerPartition == whole.passagesPerPartition)
        #expect(report.duplicates == whole.duplicates && report.badLines == whole.badLines)
        #expect(try contents("parts") == contents("whole"))
        #expect(embedder.embedded.isEmpty)
    }

    @Test("vector indexes are made of merged parts as of an index in one piece, with the same calibration")
    func vectorIndex() throws {
        let lines = (0..<1100).map { "{\"id\":\"d\($0)\",\"text\":\"Number \($0) is here. It stays.\"}" }
        let corpus = [try file("c.jsonl", lines.joined(separator: "\n"))]
        _ = try IndexBuilder(
            options: options(corpus, "whole", partitions: 1), embedder: try TestEmbedder(dimension: 4096)
        ).run()
        for number in 1...2 {
            try makePart(number, of: 2, corpus, "parts", partitions: 1, try TestEmbedder(dimension: 4096))
        }
        let report = try IndexMerger(options: mergeOptions("parts"), embedder: try TestEmbedder(dimension: 4096)).run()
        #expect(report.calibrated?.queries == 400)
        #expect(try contents("parts").partitions[0].calibration?.isEmpty == false)
        #expect(try contents("parts") == contents("whole"))
    }

    @Test("parts that were made in directories of their own merge by path, and stay")
    func elsewhere() throws {
        let corpus = [try corpus(count: 1500)]
        _ = try IndexBuilder(options: options(corpus, "whole"), embedder: try TestEmbedder()).run()
        for number in 1...3 { try makePart(number, of: 3, corpus, "machine-\(number)") }
        let paths = [directory.file("machine-3"), part("machine-1", 1, of: 3), directory.file("machine-2")]
        _ = try IndexMerger(options: mergeOptions("merged", paths), embedder: try TestEmbedder()).run()
        #expect(try contents("merged") == contents("whole"))
        #expect(FileManager.default.fileExists(atPath: part("machine-1", 1, of: 3) + "/part.json"))

        let again = try IndexMerger(options: mergeOptions("merged", paths), embedder: try TestEmbedder()).run()
        #expect(try again.wasComplete && again.passages == contents("whole").passages)
    }

    // MARK: Interruptions

    @Test("a part that stops at any batch goes on at it, and embeds nothing twice")
    func stoppedPart() throws {
        let corpus = [try corpus()]
        try makePart(1, of: 2, corpus, "whole")
        let manifestPath = IndexDirectory.partManifestPath(in: "")
        for calls in [1, 3] {
            var embedded: [String] = []
            var isDone = false
            while !isDone {
                let embedder = try TestEmbedder(failingAfter: calls)
                do {
                    let report = try makePart(1, of: 2, corpus, "stopped-\(calls)", embedder)
                    #expect(report.passages == embedded.count + embedder.embedded.count)
                    isDone = true
                } catch let error as ImpRAGError {
                    #expect(error.code == .unavailable)
                }
                embedded += embedder.embedded
            }
            #expect(Set(embedded).count == embedded.count)
            let made = try Data(contentsOf: URL(filePath: part("stopped-\(calls)", 1, of: 2) + manifestPath))
            #expect(try made == Data(contentsOf: URL(filePath: part("whole", 1, of: 2) + manifestPath)))
        }
    }

    @Test("merging that is stopped anywhere is not served, and goes on to the same index")
    func stoppedMerge() throws {
        let corpus = [try corpus(count: 12_000)]
        _ = try IndexBuilder(options: options(corpus, "whole", partitions: 2), embedder: try TestEmbedder()).run()
        for number in 1...2 { try makePart(number, of: 2, corpus, "parts", partitions: 2) }
        let options = mergeOptions("merged", [directory.file("parts")])
        for stop in [0, 1, 1, 1, 1] {
            let polls = Mutex(0)
            let merger = IndexMerger(
                options: options, embedder: try TestEmbedder(),
                monitor: RunMonitor(isCancelled: {
                    polls.withLock {
                        $0 += 1
                        return $0 > stop
                    }
                }))
            let error = #expect(throws: ImpRAGError.self) { try merger.run() }
            #expect(error?.code == .cancelled)
            let unserved = #expect(throws: ImpRAGError.self) { try IndexDirectory(path: directory.file("merged")) }
            #expect(unserved?.message.contains("not finished") == true)
        }
        _ = try IndexMerger(options: options, embedder: try TestEmbedder()).run()
        #expect(try contents("merged") == contents("whole"))
    }

    // MARK: Refusals

    @Test("all that is wrong with the parts is said at once")
    func refusals() throws {
        let corpus = [try corpus(count: 1200)]
        let other = [try self.corpus("other.jsonl", count: 1200, seed: 2)]
        try makePart(1, of: 6, corpus, "parts")
        _ = try? makePart(2, of: 6, corpus, "parts", try TestEmbedder(failingAfter: 0))
        try makePart(3, of: 6, corpus, "parts") { $0.wordsPerPassage = 50 }
        try makePart(4, of: 6, corpus, "parts", try TestEmbedder(2))
        try makePart(5, of: 6, other, "parts")
        try makePart(1, of: 6, corpus, "again")
        try makePart(1, of: 5, corpus, "again")
        try makePart(2, of: 6, corpus, "partitions", partitions: 4)
        let message = try refusal(
            mergeOptions("out", ["parts", "again", "partitions", "absent"].map { directory.file($0) }))
        for expected in [
            "part-0005-of-0006: \(corpus[0]) is not the file that was read then as \(other[0])",
            "part-0003-of-0006: the words per passage are 50, in",
            "part-0004-of-0006: the model is 0202", "part-0002-of-0006 is not finished", "part 1/6 is there 2 times",
            "again/part-0001-of-0005 is part 1/5", "the number of partitions is 4",
            "absent neither is nor holds a part",
            "not among the finished ones: part 6/6",
        ] {
            #expect(message.contains(expected), "\(expected) is not in \(message)")
        }
        #expect(!FileManager.default.fileExists(atPath: directory.file("out")))
    }

    @Test("parts of another model than the one at hand are refused with both fingerprints")
    func otherModel() throws {
        try makePart(1, of: 1, [try corpus(count: 100)], "parts")
        let message = try refusal(mergeOptions("parts"), .failedPrecondition, try TestEmbedder(2))
        #expect(message.contains("the model is 0101") && message.contains("now 0202"), "\(message)")
    }

    @Test("parts are no index, and a directory of parts says what to do")
    func unmerged() throws {
        let corpus = [try corpus(count: 100)]
        for number in 1...2 { try makePart(number, of: 2, corpus, "parts") }
        let error = #expect(throws: ImpRAGError.self) { try IndexDirectory(path: directory.file("parts")) }
        #expect(error?.code == .failedPrecondition && error?.message.contains("imprag merge") == true)
        #expect(throws: ImpRAGError.self) { try IndexDirectory(path: part("parts", 1, of: 2)) }
        #expect(
            try refusal(mergeOptions("empty", [directory.file("nowhere")])).contains("nowhere neither is nor holds"))
    }

    @Test("another index in the directory is refused, unless it is replaced; the parts stay in either case")
    func otherIndex() throws {
        let corpus = [try corpus(count: 1200)]
        let other = [try self.corpus("other.jsonl", count: 100, seed: 2)]
        for isFinished in [true, false] {
            let name = "index-\(isFinished)"
            try makePart(1, of: 1, corpus, name)
            _ = try? IndexBuilder(
                options: options(other, name), embedder: try TestEmbedder(failingAfter: isFinished ? .max : 0)
            ).run()
            var options = mergeOptions(name)
            #expect(try refusal(options).contains("of something else than these parts"))
            options.replacesExisting = true
            let report = try IndexMerger(options: options, embedder: try TestEmbedder()).run()
            #expect(try contents(name).passages == report.passages)
            #expect(FileManager.default.fileExists(atPath: part(name, 1, of: 1) + "/part.json"))
        }
    }

    @Test("the command of a part finds it complete, also in the merged index when the part is gone")
    func completeParts() throws {
        let corpus = [try corpus(count: 1200)]
        for number in 1...2 { try makePart(number, of: 2, corpus, "parts") }
        _ = try IndexMerger(options: mergeOptions("parts"), embedder: try TestEmbedder()).run()
        let part = try makePart(1, of: 2, corpus, "parts", try TestEmbedder(failingAfter: 0))
        #expect(part.wasComplete && part.part?.number == 1)
        try FileManager.default.removeItem(atPath: self.part("parts", 1, of: 2))
        let whole = try makePart(1, of: 2, corpus, "parts", try TestEmbedder(failingAfter: 0))
        #expect(try whole.wasComplete && whole.part == nil && whole.passages == contents("parts").passages)
        let error = #expect(throws: ImpRAGError.self) {
            try makePart(1, of: 2, [try self.corpus("other.jsonl", count: 10)], "parts")
        }
        #expect(error?.code == .failedPrecondition)
    }

    @Test("another corpus or part is refused in a part's directory, unless it is replaced")
    func changedPart() throws {
        let corpus = [try corpus(count: 1200)]
        let other = [try self.corpus("other.jsonl", count: 1200, seed: 2)]
        for isFinished in [true, false] {
            let name = "parts-\(isFinished)"
            _ = try? makePart(1, of: 2, corpus, name, try TestEmbedder(failingAfter: isFinished ? .max : 1))
            func refused(_ number: Int, _ corpus: [String]) -> String {
                let error = #expect(throws: ImpRAGError.self) { try makePart(number, of: 2, corpus, name) }
                #expect(error?.code == .failedPrecondition)
                return error?.message ?? ""
            }
            #expect(refused(1, other).contains("other.jsonl is not the file"))
            try FileManager.default.moveItem(atPath: part(name, 1, of: 2), toPath: part(name, 2, of: 2))
            #expect(refused(2, corpus).contains("it is part 1/2, now part 2/2"))
            let report = try makePart(2, of: 2, corpus, name) { $0.replacesExisting = true }
            #expect(!report.wasComplete && report.part?.number == 2)
        }
    }

    @Test("a damaged part is data loss or refused, and never merged")
    func damage() throws {
        let corpus = [try corpus(count: 1200)]
        for number in 1...2 { try makePart(number, of: 2, corpus, "parts") }
        let manifest = URL(filePath: part("parts", 1, of: 2) + "/part.json")
        let original = try Data(contentsOf: manifest)
        var bytes = original
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: manifest)
        #expect(try refusal(mergeOptions("parts")).contains("part.json is damaged"))
        try original.write(to: manifest)
        let finished = try ChecksummedFile.read(
            PartManifest.self, from: manifest.path(percentEncoded: false), format: PartManifest.currentFormat,
            remedy: "")
        for passages in [Int.max, -1, 1 << 31] {
            var changed = finished
            changed.job.passagesPerPartition = [passages, passages, passages]
            try ChecksummedFile.write(changed, to: manifest.path(percentEncoded: false))
            #expect(try refusal(mergeOptions("parts")).contains("numbers of passages make no sense"))
        }
        try original.write(to: manifest)

        let (first, second) = (part("parts", 1, of: 2) + "/partition-0000", part("parts", 2, of: 2) + "/partition-0000")
        try FileManager.default.moveItem(atPath: first, toPath: directory.file("first"))
        #expect(try refusal(mergeOptions("out", [directory.file("parts")]), .notFound).contains(first))
        try FileManager.default.copyItem(atPath: second, toPath: first)
        #expect(
            try refusal(mergeOptions("out", [directory.file("parts")]), .dataLoss).contains("is not the partition of"))
        try FileManager.default.removeItem(atPath: first)
        try FileManager.default.moveItem(atPath: directory.file("first"), toPath: first)
        _ = try IndexMerger(options: mergeOptions("out", [directory.file("parts")]), embedder: try TestEmbedder()).run()
    }

    @Test("a worker keeps others out of its part, and of nothing else; a merger keeps others out of the index")
    func locking() throws {
        let corpus = [try corpus(count: 100)]
        try makePart(1, of: 2, corpus, "parts")
        let lock = try FileLock(path: part("parts", 1, of: 2) + "/lock", work: "the test")
        let error = #expect(throws: ImpRAGError.self) { try makePart(1, of: 2, corpus, "parts") }
        #expect(error?.code == .failedPrecondition)
        try makePart(2, of: 2, corpus, "parts")
        lock.release()
        let whole = try FileLock(path: directory.file("parts") + "/lock", work: "the test")
        #expect(try refusal(mergeOptions("parts")).contains("is at work in"))
        whole.release()
        _ = try IndexMerger(options: mergeOptions("parts"), embedder: try TestEmbedder()).run()
    }
}
