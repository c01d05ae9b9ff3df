import Core
import Evaluation
import Foundation
import Platform
import Storage
import Synchronization
import TestSupport
import Testing
import VectorIndex
import Words

@testable import Indexing

@Suite struct IndexBuilderTests: IndexMaking {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    // MARK: Calibration

    @Test("a vector index is calibrated with questions made from passages, or with those that are given")
    func calibration() throws {
        let lines = (0..<1100).map { "{\"id\":\"d\($0)\",\"text\":\"Number \($0) is here. It stays.\"}" }
        let path = try file("c.jsonl", lines.joined(separator: "\n"))
        // So many numbers that 1100 passages are not searched exactly any more.
        var options = options([path], "made", partitions: 1)
        let made = try TestEmbedder(dimension: 4096)
        let report = try IndexBuilder(options: options, embedder: made).run()
        #expect(report.calibrated?.source == .prompts && report.calibrated?.queries == 400)
        #expect(made.prompts.count == 400 && made.prompts.first == "Q: Number 0 is here? A:")
        #expect(try contents("made").partitions[0].calibration?.isEmpty == false)

        options.directory = directory.file("given")
        options.vectorIndex.questions = (0..<1000).map { SampleQuestion(prompt: "prompt \($0)", words: "") }
        let given = try TestEmbedder(dimension: 4096)
        #expect(try IndexBuilder(options: options, embedder: given).run().calibrated?.source == .questions)
        #expect(given.prompts.count == 400 && given.prompts.last == "prompt 997")
    }

    // MARK: Contents

    @Test("every surviving passage is in the partition of its id, the last of equal ids wins, and the counts agree")
    func contentsAreRight() throws {
        let path = try file(
            "a.jsonl",
            """
            {"id":"a","text":"first"}
            {"id":"b","text":"one two three four five"}
            {"id":"c","text":"c"}
            {"id":"a","text":"last"}
            {"id":"b","text":"one two three"}
            """)
        var options = options([path], "index", partitions: 2)
        options.wordsPerPassage = 2
        let embedder = try TestEmbedder()
        let report = try IndexBuilder(options: options, embedder: embedder).run()
        #expect(report.documents == 5 && report.duplicates == 2 && report.passages == 4 && report.embedded == 4)
        #expect(report.badLines.count == 0 && !report.wasComplete)
        let index = try IndexDirectory(path: options.directory, expecting: embedder.fingerprint)
        #expect(index.passages == 4 && index.partitionCount == 2 && index.dimension == 24)
        var found: [String: String] = [:]
        for number in 0..<2 {
            let partition = try index.partition(number)
            for case let passage? in try partition.passages(rows: Array(0..<partition.count)) {
                #expect(PartitionRouting.partition(of: passage.id, partitionCount: 2) == number)
                found[passage.id] = passage.text
            }
        }
        #expect(found == ["a": "last", "b#0": "one two", "b#1": "three", "c": "c"])
    }

    @Test("vectors stand beside the passages that they were made from")
    func vectorsBelong() throws {
        let options = options([try corpus(count: 1500)], "index", partitions: 1)
        let embedder = try TestEmbedder()
        _ = try IndexBuilder(options: options, embedder: embedder).run()
        let partition = try IndexDirectory(path: options.directory).partition(0)
        let passages = try partition.passages(rows: Array(0..<partition.count)).compactMap { $0 }
        var expected: [BFloat16] = []
        for start in stride(from: 0, to: passages.count, by: IndexOptions.batchRows) {
            let end = min(start + IndexOptions.batchRows, passages.count)
            expected += try embedder.embed(Array(passages[start..<end])).map { BFloat16($0) }
        }
        #expect(try partition.loadVectors() == expected)
    }

    // MARK: Interruptions

    @Test("a run that stops at any batch and goes on ends as an uninterrupted one, and embeds nothing twice")
    func interruptions() throws {
        let corpus = try corpus()
        let whole = try TestEmbedder()
        let report = try IndexBuilder(options: options([corpus], "whole"), embedder: whole).run()
        #expect(report.duplicates > 100)
        let expected = try contents("whole")
        for callsPerRun in [1, 2, 3, 5] {
            let name = "stopped-\(callsPerRun)"
            var embedded: [String] = []
            var runs = 0
            while true {
                runs += 1
                let embedder = try TestEmbedder(failingAfter: callsPerRun)
                do throws(ImpRAGError) {
                    let last = try IndexBuilder(options: options([corpus], name), embedder: embedder).run()
                    embedded += embedder.embedded
                    #expect(last.passages == report.passages && last.duplicates == report.duplicates)
                    break
                } catch {
                    #expect(error.code == .unavailable)
                    embedded += embedder.embedded
                    let unfinished = #expect(throws: ImpRAGError.self) {
                        try IndexDirectory(path: directory.file(name))
                    }
                    #expect(unfinished?.code == .failedPrecondition)
                }
            }
            #expect(runs > 1)
            #expect(embedded.count == report.passages && Set(embedded).count == report.passages)
            #expect(try contents(name) == expected)
        }
    }

    @Test("when the model fails at one batch, those behind it do not take its rows")
    func oneFailure() throws {
        let corpus = try corpus(count: 3000)
        _ = try IndexBuilder(options: options([corpus], "whole", partitions: 1), embedder: try TestEmbedder()).run()
        for call in 1...4 {
            let embedder = try TestEmbedder(failingOnlyAt: call)
            let builder = IndexBuilder(options: options([corpus], "failed-\(call)", partitions: 1), embedder: embedder)
            let error = #expect(throws: ImpRAGError.self) { try builder.run() }
            #expect(error?.code == .unavailable)
            _ = try builder.run()
            #expect(try contents("failed-\(call)") == contents("whole"))
        }
    }

    @Test("a run that is cancelled anywhere, also before embedding, can be resumed to the same index")
    func cancelling() throws {
        let corpus = try corpus(count: 1500)
        _ = try IndexBuilder(options: options([corpus], "whole"), embedder: try TestEmbedder()).run()
        let expected = try contents("whole")
        for stop in stride(from: 1, through: 9, by: 2) {
            let name = "cancelled-\(stop)"
            for _ in 0..<200 {
                let polls = Mutex(0)
                let builder = IndexBuilder(
                    options: options([corpus], name), embedder: try TestEmbedder(),
                    monitor: RunMonitor(isCancelled: {
                        polls.withLock {
                            $0 += 1; return $0 > stop
                        }
                    }))
                do throws(ImpRAGError) {
                    _ = try builder.run()
                    break
                } catch {
                    #expect(error.code == .cancelled)
                }
                if stop < 6 { break }  // Stopped before anything was written: it never gets further by itself.
            }
            _ = try IndexBuilder(options: options([corpus], name), embedder: try TestEmbedder()).run()
            #expect(try contents(name) == expected)
        }
    }

    @Test("the same command on a complete index says so and embeds nothing")
    func complete() throws {
        let options = options([try corpus(count: 600)], "index")
        let first = try IndexBuilder(options: options, embedder: try TestEmbedder()).run()
        let embedder = try TestEmbedder(failingAfter: 0)
        let second = try IndexBuilder(options: options, embedder: embedder).run()
        #expect(second.wasComplete && second.embedded == 0 && second.passages == first.passages)
        #expect(second.duplicates == first.duplicates && second.passagesPerPartition == first.passagesPerPartition)
    }

    // MARK: Refusals

    @Test("another corpus, model or option is refused on a finished and on an unfinished index, unless it is replaced")
    func changes() throws {
        let corpus = try corpus(count: 1200)
        let other = try self.corpus("other.jsonl", count: 1200, seed: 2)
        for isFinished in [true, false] {
            let name = "index-\(isFinished)"
            let base = options([corpus], name)
            _ = try? IndexBuilder(
                options: base, embedder: try TestEmbedder(failingAfter: isFinished ? .max : 1)
            ).run()
            func refusal(_ options: IndexOptions, _ embedder: TestEmbedder) -> String {
                let error = #expect(throws: ImpRAGError.self) {
                    try IndexBuilder(options: options, embedder: embedder).run()
                }
                #expect(error?.code == .failedPrecondition)
                return error?.message ?? ""
            }
            #expect(refusal(options([other], name), try TestEmbedder()).contains("other.jsonl is not the file"))
            #expect(refusal(options([corpus, other], name), try TestEmbedder()).contains("has 1 files, now 2"))
            #expect(
                refusal(options([corpus], name, partitions: 4), try TestEmbedder()).contains("partitions is 3, now 4"))
            #expect(refusal(base, try TestEmbedder(2)).contains("the model is 0101"))
            #expect(refusal(base, try TestEmbedder(dimension: 8)).contains("the dimension is 24, now 8"))
            var changed = base
            changed.lexical = .plain
            #expect(refusal(changed, try TestEmbedder()).contains("the lexical index is english, now plain"))
            changed.lexical = nil
            #expect(refusal(changed, try TestEmbedder()).contains("the lexical index is english, now off"))
            changed = base
            changed.wordsPerPassage = 50
            #expect(refusal(changed, try TestEmbedder()).contains("words per passage are 16, now 50"))
            changed.replacesExisting = true
            _ = try IndexBuilder(options: changed, embedder: try TestEmbedder(2)).run()
            #expect(try IndexDirectory(path: base.directory).manifest.corpus.wordsPerPassage == 50)
        }
    }

    @Test("a directory with other files is refused and left alone, also with --force")
    func foreignFiles() throws {
        var options = options([try corpus(count: 10)], "index")
        try FileManager.default.createDirectory(atPath: options.directory, withIntermediateDirectories: true)
        try Data("mine".utf8).write(to: URL(filePath: options.directory + "/thesis.txt"))
        options.replacesExisting = true
        let error = #expect(throws: ImpRAGError.self) {
            try IndexBuilder(options: options, embedder: try TestEmbedder()).run()
        }
        #expect(error?.message.contains("thesis.txt") == true)
        #expect(FileManager.default.fileExists(atPath: options.directory + "/thesis.txt"))
    }

    @Test("an index from before partitions were ranges of hashes is refused, named, and replaced by --force")
    func formerFormat() throws {
        struct Former: Encodable {
            var format = 1
            var shards: [String] = []
        }
        var options = options([try corpus(count: 100)], "index")
        let (former, states) = (options.directory + "/shard-0000", options.directory + "/shard-0000.states")
        for path in [former, states] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        try ChecksummedFile.write(Former(), to: IndexDirectory.manifestPath(in: options.directory))
        func refusal() -> ImpRAGError? {
            #expect(throws: ImpRAGError.self) { try IndexBuilder(options: options, embedder: try TestEmbedder()).run() }
        }
        let refused = refusal()
        #expect(refused?.code == .failedPrecondition && refused?.message.contains("has format 1") == true)
        options.replacesExisting = true
        // What cannot be opened may have taken updates.
        #expect(refusal()?.message.contains("shard-0000 may have") == true)
        options.discardsUpdates = true
        #expect(try IndexBuilder(options: options, embedder: try TestEmbedder()).run().passages > 0)
        #expect(!FileManager.default.fileExists(atPath: former) && !FileManager.default.fileExists(atPath: states))
    }

    @Test("passage states beside the partitions are no obstacle to going on, and go with an index that is replaced")
    func storedStates() throws {
        let corpus = try corpus(count: 1200)
        var options = options([corpus], "index")
        let states = options.directory + "/partition-0000.states"
        #expect(throws: ImpRAGError.self) {
            try IndexBuilder(options: options, embedder: try TestEmbedder(failingAfter: 1)).run()
        }
        try FileManager.default.createDirectory(atPath: states, withIntermediateDirectories: true)
        _ = try IndexBuilder(options: options, embedder: try TestEmbedder()).run()
        #expect(try IndexDirectory(path: options.directory).statesPath(0) == states)
        #expect(try IndexBuilder(options: options, embedder: try TestEmbedder()).run().wasComplete)
        #expect(FileManager.default.fileExists(atPath: states))
        options.replacesExisting = true
        options.wordsPerPassage += 1
        _ = try IndexBuilder(options: options, embedder: try TestEmbedder()).run()
        #expect(!FileManager.default.fileExists(atPath: states))
    }

    @Test("an index whose partition is missing is not complete: what is missing is named, and --force makes it again")
    func missingPartition() throws {
        var options = options([try corpus(count: 100)], "index")
        let passages = try IndexBuilder(options: options, embedder: try TestEmbedder()).run().passages
        try FileManager.default.removeItem(atPath: options.directory + "/partition-0001")
        let error = #expect(throws: ImpRAGError.self) {
            try IndexBuilder(options: options, embedder: try TestEmbedder()).run()
        }
        #expect(error?.code == .dataLoss && error?.message.contains("partition-0001 is missing") == true)
        options.replacesExisting = true
        #expect(try IndexBuilder(options: options, embedder: try TestEmbedder()).run().passages == passages)
    }

    @Test("an index that has taken updates is replaced only when they may go, and says so")
    func updatesStay() throws {
        var options = options([try corpus(count: 100)], "index")
        let passages = try IndexBuilder(options: options, embedder: try TestEmbedder()).run().passages
        do {
            let partition = try IndexDirectory(path: options.directory).partition(0, access: .readWrite)
            let id = try #require(
                (0..<100).map { "new\($0)" }.first { PartitionRouting.partition(of: $0, partitionCount: 3) == 0 })
            _ = try partition.upsert(
                [Passage(id: id, title: "", text: "new")],
                vectors: [BFloat16](repeating: BFloat16(1), count: partition.dimension))
        }
        options.replacesExisting = true
        let error = #expect(throws: ImpRAGError.self) {
            try IndexBuilder(options: options, embedder: try TestEmbedder()).run()
        }
        #expect(error?.code == .failedPrecondition && error?.message.contains("--discard-updates") == true)
        #expect(try IndexDirectory(path: options.directory).partition(0).wasChanged)
        options.discardsUpdates = true
        #expect(try IndexBuilder(options: options, embedder: try TestEmbedder()).run().embedded == passages)
    }

    @Test("a file in the index's place is refused and left alone")
    func fileInPlace() throws {
        let path = try file("index", "mine")
        let options = options([try corpus(count: 10)], "index")
        let error = #expect(throws: ImpRAGError.self) {
            try IndexBuilder(options: options, embedder: try TestEmbedder()).run()
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("\(path) is a file") == true, "\(String(describing: error))")
        #expect(try String(contentsOf: URL(filePath: path), encoding: .utf8) == "mine")
    }

    @Test("two indexers never work in one directory")
    func locking() throws {
        let options = options([try corpus(count: 10)], "index")
        try FileManager.default.createDirectory(atPath: options.directory, withIntermediateDirectories: true)
        let lock = try FileLock(path: options.directory + "/lock", work: "the test")
        let error = #expect(throws: ImpRAGError.self) {
            try IndexBuilder(options: options, embedder: try TestEmbedder()).run()
        }
        #expect(error?.code == .failedPrecondition && error?.message.contains("another `imprag index`") == true)
        lock.release()
        _ = try IndexBuilder(options: options, embedder: try TestEmbedder()).run()
    }

    @Test("a damaged job or manifest is data loss that names the file")
    func damage() throws {
        let corpus = try corpus(count: 1200)
        for (name, calls) in [("job.json", 1), ("manifest.json", Int.max)] {
            let options = options([corpus], name + "-index")
            _ = try? IndexBuilder(options: options, embedder: try TestEmbedder(failingAfter: calls)).run()
            let path = options.directory + "/" + name
            let original = try Data(contentsOf: URL(filePath: path))
            var generator = SeededGenerator(seed: 9)
            for round in 0..<60 {
                var bytes = original
                if round % 3 == 0 {
                    bytes = bytes.prefix(Int.random(in: 0..<bytes.count, using: &generator))
                } else {
                    bytes[Int.random(in: 0..<bytes.count, using: &generator)] ^= UInt8(1 << (round % 7))
                }
                try bytes.write(to: URL(filePath: path))
                let error = #expect(throws: ImpRAGError.self) {
                    try IndexBuilder(options: options, embedder: try TestEmbedder()).run()
                }
                #expect(error?.code == .dataLoss && error?.message.contains(name) == true)
            }
            try original.write(to: URL(filePath: path))
            _ = try IndexBuilder(options: options, embedder: try TestEmbedder()).run()
        }
    }

    @Test("a document with the id of another's passage is refused")
    func clash() throws {
        let path = try file("a.jsonl", "{\"id\":\"a\",\"text\":\"1 2 3\"}\n{\"id\":\"a#1\",\"text\":\"x\"}\n")
        var options = options([path], "index")
        options.wordsPerPassage = 2
        let error = #expect(throws: ImpRAGError.self) {
            try IndexBuilder(options: options, embedder: try TestEmbedder()).run()
        }
        #expect(error?.message.contains("the document a#1 has the id that passage 1 of the document a gets") == true)
        #expect(error?.message.contains("a.jsonl:2: ") == true && error?.message.contains("a.jsonl:1 ") == true)
        options.wordsPerPassage = 3
        #expect(try IndexBuilder(options: options, embedder: try TestEmbedder()).run().passages == 2)
    }

    @Test("a corpus of bad lines only is refused with the reasons; bad options are refused together")
    func nothingToIndex() throws {
        let path = try file("a.jsonl", String(repeating: "{\"id\":\"1\",\"text\":\"\"}\n", count: 1000))
        var options = options([path], "index")
        options.skipsBadLines = true
        let error = #expect(throws: ImpRAGError.self) {
            try IndexBuilder(options: options, embedder: try TestEmbedder()).run()
        }
        #expect(
            error?.message.contains("bad lines passed over: 1000") == true
                && error?.message.contains("a.jsonl:5") == true)
        options.partitionCount = 0
        options.wordsPerPassage = -1
        let invalid = #expect(throws: ImpRAGError.self) {
            try IndexBuilder(options: options, embedder: try TestEmbedder()).run()
        }
        #expect(invalid?.message.contains("partitions is 0") == true && invalid?.message.contains("are -1") == true)
    }
}
