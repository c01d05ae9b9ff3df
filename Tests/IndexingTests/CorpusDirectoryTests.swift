import Core
import Foundation
import TestSupport
import Testing

@testable import Indexing

@Suite struct CorpusDirectoryTests {
    private let directory: TemporaryDirectory
    private var root: String { directory.file("notes") }

    init() throws { directory = try TemporaryDirectory() }

    private func file(_ name: String, _ text: String) throws { try file(name, Array(text.utf8)) }

    private func file(_ name: String, _ bytes: [UInt8]) throws {
        let url = URL(filePath: root + "/" + name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    private func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: root + "/" + name, withDestinationPath: target)
    }

    private func read(
        _ paths: [String]? = nil, words: Int = 100, skipsBadLines: Bool = false
    ) throws -> (passages: [Passage], bad: BadLines) {
        var reader = try CorpusReader(
            files: paths ?? [root], splitter: PassageSplitter(wordsPerPassage: words), skipsBadLines: skipsBadLines)
        var passages: [Passage] = []
        while let document = try reader.next() { passages += document.passages }
        #expect(reader.consumedBytes == reader.totalBytes)
        return (passages, reader.badLines)
    }

    private func message(_ paths: [String]? = nil) -> String {
        let error = #expect(throws: ImpRAGError.self) { try read(paths) }
        return error?.message ?? ""
    }

    @Test("every text below a directory is a document, by the bytes of its path; other and hidden files are none")
    func listing() throws {
        for name in ["b.txt", "a/z.MD", "a.md", "B.txt", "e\u{301}.txt", "\u{E9}.txt"] {
            try file(name, "text of \(name)")
        }
        for name in [".hidden.md", ".git/x.txt", "a/.x/y.txt", "image.png", "a/README"] { try file(name, "no") }
        for path in [root, root + "/", root + "//"] {
            #expect(
                try read([path]).passages.map { Array($0.id.utf8) }
                    == ["B.txt", "a.md", "a/z.MD", "b.txt", "e\u{301}.txt", "\u{E9}.txt"].map { Array($0.utf8) })
        }
        #expect(try CorpusFiles([root]).otherFiles == 2)
    }

    @Test("a Markdown file's sections have its title and their headings, and its path and headings as metadata")
    func markdown() throws {
        try file(
            "g/guide.md", "\u{FEFF}# Guide\r\n\r\nFirst words.  \r\n\r\n## Set up\r\n\r\n### Linux\r\none two three\r\n"
        )
        try file("plain-name.md", "Only text.\n\n## Part\n\n## Empty\n")
        try file("log 1.txt", "\n\n  kept\n\nall \n\n")
        #expect(
            try read(words: 2).passages == [
                Passage(
                    id: "g/guide.md#0", title: "Guide", text: "First words.", metadata: ["path": .string("g/guide.md")]),
                Passage(
                    id: "g/guide.md#1", title: "Guide: Set up: Linux", text: "one two",
                    metadata: ["path": .string("g/guide.md"), "section": .strings(["Set up", "Linux"])]),
                Passage(
                    id: "g/guide.md#2", title: "Guide: Set up: Linux", text: "three",
                    metadata: ["path": .string("g/guide.md"), "section": .strings(["Set up", "Linux"])]),
                Passage(
                    id: "log 1.txt", title: "log 1", text: "  kept\n\nall", metadata: ["path": .string("log 1.txt")]),
                Passage(
                    id: "plain-name.md", title: "plain-name", text: "Only text.",
                    metadata: ["path": .string("plain-name.md")]),
            ])
    }

    @Test("directories and files are one corpus, in the order given; a format is of files only")
    func mixed() throws {
        try file("a.txt", "text")
        let lines = directory.file("x.jsonl")
        try Data("{\"id\":1,\"text\":\"y\"}".utf8).write(to: URL(filePath: lines))
        #expect(try read([lines, root]).passages.map(\.id) == ["1", "a.txt"])
        let error = #expect(throws: ImpRAGError.self) { try CorpusReader(files: [root], format: .jsonl) }
        #expect(error?.message.contains("notes is a directory, where a file of the format jsonl is right") == true)
        #expect(
            message([root + "/a.txt"]).contains("text and Markdown are read when their directory is named"))
    }

    @Test(
        "a file that is no text is named with its line, or passed over and counted",
        arguments: [
            ([0x61, 0x0A, 0xC3, 0x28], "bad.txt:2: the line is not UTF-8: its byte 1 (byte 2 of the text)"),
            ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A], "bad.txt:1: the line is not UTF-8"),
            ([0x61, 0x0A, 0x62, 0x00, 0x63], "bad.txt:2: the line holds a NUL byte"),
            ([0x1F, 0x8B, 0x08], "bad.txt:1: the line is not UTF-8"),
            ([], "bad.txt is empty"), ([0x20, 0x0A, 0x0A], "bad.txt:1: the text is empty or only white space"),
            ([0xEF, 0xBB, 0xBF], "bad.txt:1: the text is empty"),
            (
                Array(repeatElement([UInt8](repeating: 0x61, count: 1 << 20) + [0x0A], count: 16).joined()),
                "bad.txt:16: the file has more than 16.0 MiB"
            ),
        ] as [([UInt8], String)])
    func badFiles(bytes: [UInt8], expected: String) throws {
        try file("a.txt", "fine")
        try file("bad.txt", bytes)
        try file("c.txt", "fine")
        #expect(message().contains(expected), "\(message())")
        let (passages, bad) = try read(skipsBadLines: true)
        #expect(passages.map(\.id) == ["a.txt", "c.txt"] && bad.count == 1)
        #expect(bad.examples.first?.contains(expected) == true)
    }

    @Test("links to files are followed; circles, dead links and pipes are named and never walked or opened")
    func links() throws {
        try file("a.txt", "fine")
        try FileManager.default.createDirectory(atPath: root + "/deep", withIntermediateDirectories: true)
        try link("b.txt", to: "a.txt")
        #expect(try read().passages.map(\.id) == ["a.txt", "b.txt"])
        try link("deep/circle", to: "..")
        try link("deep/dead.md", to: "nowhere.md")
        try link("deep/self.md", to: "self.md")
        let pipe = try RunningProcess("/usr/bin/mkfifo", [root + "/pipe.txt"])
        #expect(try pipe.wait(seconds: 10).status == 0)
        let (passages, bad) = try read(skipsBadLines: true)
        #expect(passages.map(\.id) == ["a.txt", "b.txt"] && bad.count == 4)
        for (example, what) in zip(
            bad.examples, ["circle is a link to a directory", "dead.md", "self.md", "pipe.txt is not"])
        {
            #expect(example.contains(what), "\(example)")
        }
        #expect(message().contains("circle is a link to a directory, which is not followed"))
    }

    @Test("a name that is not UTF-8 is a bad file, also a directory's")
    func badName() throws {
        try file("a.txt", "fine")
        let made = try RunningProcess(
            "/bin/sh", ["-c", #"cd "$0" && mkdir "$(printf 'd\377')" && echo x >"$(printf 'b\376.md')""#, root])
        #expect(try made.wait(seconds: 10).status == 0)
        let (passages, bad) = try read(skipsBadLines: true)
        #expect(passages.map(\.id) == ["a.txt"] && bad.count == 2)
        #expect(bad.examples.allSatisfy { $0.contains("has a name that is not UTF-8") }, "\(bad.examples)")
    }

    @Test("a directory without a text is refused by name")
    func withoutText() throws {
        try file("image.png", "x")
        #expect(message().contains("notes holds no .txt or .md file"))
    }

    @Test("a path that is too long for a filter is a bad file")
    func longPath() throws {
        let name = (0..<5).map { _ in String(repeating: "d", count: 220) }.joined(separator: "/") + "/a.txt"
        try file(name, "x")
        #expect(
            message().contains("its metadata: a string of field 'path' has 1110 bytes; 1024 are allowed"),
            "\(message())")
    }
}
