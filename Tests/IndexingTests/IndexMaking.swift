import Foundation
import Storage
import TestSupport
import Testing

@testable import Indexing

/// Corpora and indexes in a directory of a test's own.
protocol IndexMaking {
    var directory: TemporaryDirectory { get }
}

extension IndexMaking {
    func file(_ name: String, _ text: String) throws -> String {
        let path = directory.file(name)
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    /// A corpus of about `count` documents, some long, some with an id that comes again.
    func corpus(_ name: String = "corpus.jsonl", count: Int = 4000, seed: UInt64 = 1) throws -> String {
        var generator = SeededGenerator(seed: seed)
        var lines = ""
        for number in 0..<count {
            let id =
                Int.random(in: 0..<10, using: &generator) == 0 ? Int.random(in: 0..<count, using: &generator) : number
            let words = Int.random(in: 0..<20, using: &generator) == 0 ? 40 : 4
            lines += "{\"id\":\"d\(id)\",\"title\":\"t\(number % 7)\",\"text\":\""
            lines += (0..<words).map { "w\(number)x\($0)" }.joined(separator: " ") + "\"}\n"
        }
        return try file(name, lines)
    }

    func options(_ corpus: [String], _ name: String, partitions: Int = 3) -> IndexOptions {
        IndexOptions(
            corpus: corpus, directory: directory.file(name), partitionCount: partitions, wordsPerPassage: 16,
            modelName: "test")
    }

    /// The manifest, less what no two indexes have in common: the name of the collection.
    func contents(_ name: String) throws -> IndexManifest {
        let index = try IndexDirectory(path: directory.file(name))
        try index.verify()
        var manifest = try #require(try IndexWorkspace(path: index.path).finishedManifest())
        manifest.collection = ""
        return manifest
    }
}
