import Core
import Foundation
import Storage
import TestSupport
import Testing

@testable import Indexing

/// Indexes of directories of texts.
@Suite struct DirectoryIndexTests: IndexMaking {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Fills `notes` with `count` files of one section each, every tenth of two.
    private func notes(_ count: Int) throws -> String {
        for folder in 0..<3 {
            try FileManager.default.createDirectory(
                atPath: directory.file("notes/\(folder)"), withIntermediateDirectories: true)
        }
        for number in 0..<count {
            let more = number % 10 == 0 ? "\n## More\nabout it" : ""
            _ = try file("notes/\(number % 3)/\(number).md", "# Note \(number)\nIt says \(number).\(more)\n")
        }
        return directory.file("notes")
    }

    @Test("a run over a directory goes on where it stopped, and its passages have the files' paths and headings")
    func resumed() throws {
        let notes = try notes(1100)
        let whole = try IndexBuilder(options: options([notes], "whole", partitions: 2), embedder: try TestEmbedder())
            .run()
        #expect(whole.documents == 1100 && whole.passages == 1210)
        #expect(throws: ImpRAGError.self) {
            try IndexBuilder(
                options: options([notes], "half", partitions: 2), embedder: try TestEmbedder(failingAfter: 1)
            )
            .run()
        }
        let rest = try IndexBuilder(options: options([notes], "half", partitions: 2), embedder: try TestEmbedder())
            .run()
        #expect(rest.embedded < rest.passages)
        #expect(try contents("half") == contents("whole"))
        let manifest = try contents("whole")
        #expect(manifest.corpus.files.count == 1100 && manifest.corpus.files[0].name == "0/0.md")
        let partition = try IndexDirectory(path: directory.file("whole")).partition(
            PartitionRouting.partition(of: "0/0.md#1", partitionCount: 2))
        let passages = try partition.passages(rows: Array(0..<partition.count)).compactMap { $0 }
        #expect(
            passages.first { $0.id == "0/0.md#1" }
                == Passage(
                    id: "0/0.md#1", title: "Note 0: More", text: "about it",
                    metadata: ["path": .string("0/0.md"), "section": .strings(["More"])]))
    }

    @Test("a file that was changed, added or renamed makes another corpus; the directory itself may move")
    func changed() throws {
        let notes = try notes(12)
        let options = options([notes], "index", partitions: 1)
        _ = try IndexBuilder(options: options, embedder: try TestEmbedder()).run()
        func refusal() -> String {
            let error = #expect(throws: ImpRAGError.self) {
                try IndexBuilder(options: options, embedder: try TestEmbedder()).run()
            }
            #expect(error?.code == .failedPrecondition)
            return error?.message ?? ""
        }
        let path = notes + "/0/3.md"
        try FileManager.default.moveItem(atPath: path, toPath: notes + "/0/33.md")
        #expect(refusal().contains("33.md is not the file that was read then as"))
        try FileManager.default.moveItem(atPath: notes + "/0/33.md", toPath: path)
        _ = try file("notes/z.txt", "more")
        #expect(refusal().contains("the corpus has 12 files, now 13"))
        try FileManager.default.removeItem(atPath: notes + "/z.txt")
        for number in [0, 3, 6, 9] { _ = try file("notes/0/\(number).md", "other \(number)") }
        #expect(refusal().contains("; and 1 more"))
        for number in [0, 3, 6, 9] { try FileManager.default.removeItem(atPath: notes + "/0/\(number).md") }
        _ = try self.notes(12)
        try FileManager.default.moveItem(atPath: notes, toPath: directory.file("elsewhere"))
        let moved = self.options([directory.file("elsewhere")], "index", partitions: 1)
        #expect(try IndexBuilder(options: moved, embedder: try TestEmbedder(failingAfter: 0)).run().wasComplete)
    }

    @Test("bad files and files of other kinds are counted, and passages that the model cuts")
    func reported() throws {
        let notes = try notes(3)
        _ = try file("notes/empty.txt", "")
        _ = try file("notes/image.png", "x")
        try FileManager.default.createSymbolicLink(atPath: notes + "/circle", withDestinationPath: ".")
        var options = options([notes], "index", partitions: 1)
        let error = #expect(throws: ImpRAGError.self) {
            try IndexBuilder(options: options, embedder: try TestEmbedder()).run()
        }
        #expect(error?.message.contains("circle is a link to a directory") == true)
        options.skipsBadLines = true
        let report = try IndexBuilder(options: options, embedder: try TestEmbedder(cutting: "about")).run()
        #expect(report.badLines.count == 2 && report.otherFiles == 1 && report.passages == 4 && report.cut == 1)
        #expect(try IndexBuilder(options: options, embedder: try TestEmbedder()).run().wasComplete)
    }
}
