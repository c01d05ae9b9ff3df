import Core
import Foundation
import TestSupport
import Testing

@testable import Indexing

@Suite struct CorpusReaderTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func file(_ name: String, _ text: String) throws -> String { try file(name, Array(text.utf8)) }

    private func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let path = directory.file(name)
        try Data(bytes).write(to: URL(filePath: path))
        return path
    }

    /// All passages, and what was passed over.
    private func read(
        _ files: [String], format: CorpusFormat? = nil, words: Int = 100, skipsBadLines: Bool = false
    ) throws -> (documents: [CorpusDocument], bad: BadLines) {
        var reader = try CorpusReader(
            files: files, format: format, splitter: PassageSplitter(wordsPerPassage: words),
            skipsBadLines: skipsBadLines)
        var documents: [CorpusDocument] = []
        while let document = try reader.next() { documents.append(document) }
        #expect(reader.consumedBytes == reader.totalBytes)
        return (documents, reader.badLines)
    }

    /// The message of the error that reading `files` ends in.
    private func message(_ files: [String], format: CorpusFormat? = nil, words: Int = 100) -> String {
        let error = #expect(throws: ImpRAGError.self) { try read(files, format: format, words: words) }
        return error.map { "\($0)" } ?? ""
    }

    // MARK: Formats

    @Test("JSONL: text is kept to the last space, titles may be absent or null, ids may be numbers")
    func jsonl() throws {
        let path = try file(
            "a.jsonl",
            """
            {"id":"x","title":"T","text":" a  b\\u0000\\n "}

            {"text":"b","id":17,"extra":{"deep":[1]}}\r
            {"id":18446744073709551615,"title":null,"text":"\\ud83d\\ude42 é\u{2028}c"}
            """)
        let passages = try read([path]).documents.flatMap(\.passages)
        #expect(
            passages == [
                Passage(id: "x", title: "T", text: " a  b\u{0}\n "), Passage(id: "17", title: "", text: "b"),
                Passage(id: "18446744073709551615", title: "", text: "🙂 é\u{2028}c"),
            ])
    }

    @Test("JSONL: MS MARCO's segments and documents, as TREC's RAG track has them")
    func msMARCO() throws {
        let path = try file(
            "msmarco.jsonl",
            """
            {"docid":"msmarco_v2.1_doc_00_1#2_34","url":"u","title":"T","headings":"h","segment":"a part","start_char":0}
            {"docid":"msmarco_v2.1_doc_00_1","url":"u","title":"T","headings":"h","body":"all of it"}
            """)
        let passages = try read([path]).documents.flatMap(\.passages)
        #expect(passages.map(\.id) == ["msmarco_v2.1_doc_00_1#2_34", "msmarco_v2.1_doc_00_1"])
        #expect(passages.map(\.text) == ["a part", "all of it"])
    }

    @Test("JSONL: BEIR's corpora call the id _id")
    func beir() throws {
        let path = try file("corpus.jsonl", #"{"_id":"MED-1","title":"T","text":"a","metadata":{"url":"u"}}"#)
        let passages = try read([path]).documents.flatMap(\.passages)
        #expect(passages == [Passage(id: "MED-1", title: "T", text: "a", metadata: ["url": .string("u")])])
    }

    @Test("JSONL: Atlas's section follows the title after a colon")
    func sections() throws {
        let path = try file(
            "a.jsonl",
            """
            {"id":"1","title":"Oslo","section":"History","text":"a"}
            {"id":"2","title":"Oslo","section":"","text":"a"}
            {"id":"3","section":"History","text":"a"}
            """)
        #expect(try read([path]).documents.flatMap(\.passages).map(\.title) == ["Oslo: History", "Oslo", "History"])
    }

    @Test("JSONL: metadata is kept, null fields are none, and every piece of a cut document has it")
    func metadata() throws {
        let path = try file(
            "a.jsonl",
            """
            {"id":"1","text":"a b","metadata":{"s":"é","n":-1.5e3,"l":["x",""],"none":null,"e":[]}}
            {"id":"2","text":"a","metadata":null}
            """)
        let documents = try read([path], words: 1).documents
        let expected: [ByteString: MetadataValue] = [
            "s": .string("é"), "n": .number(-1500), "l": .strings(["x", ""]), "e": .strings([]),
        ]
        #expect(documents.flatMap(\.passages).map(\.id) == ["1#0", "1#1", "2"])
        #expect(documents.flatMap(\.passages).map(\.metadata) == [expected, expected, [:]])
    }

    @Test("DPR: quoted fields, doubled quotation marks, a carriage return at the end, columns in any order")
    func dpr() throws {
        let path = try file(
            "psgs_w100.tsv",
            "id\ttext\ttitle\r\n1\t\"Aaron said \"\"no\"\" and\tleft\"\tAaron\r\n2\tan inner \" mark\t\"\"\"A\"\"\"\n")
        #expect(
            try read([path]).documents.flatMap(\.passages) == [
                Passage(id: "1", title: "Aaron", text: "Aaron said \"no\" and\tleft"),
                Passage(id: "2", title: "\"A\"", text: "an inner \" mark"),
            ])
        let other = try file("other", "title\tid\ttext\nT\t9\tx\n")
        #expect(try read([other]).documents.flatMap(\.passages) == [Passage(id: "9", title: "T", text: "x")])
    }

    @Test("DPR: an open quotation mark, a wrong number of fields and a missing header are errors with a line")
    func badDPR() throws {
        #expect(message([try file("a.tsv", "id\ttext\ttitle\n1\t\"open\ttitle\n")]).contains("a.tsv:2: field 2"))
        #expect(message([try file("b.tsv", "id\ttext\ttitle\n1\tx\n")]).contains("b.tsv:2: the line has 2 fields"))
        #expect(message([try file("c.tsv", "1\tx\ty\n")]).contains("c.tsv:1: the first line must name"))
        #expect(message([try file("f.pdf", Array("%PDF-1.7\n".utf8))]).contains("f.pdf is a PDF file"))
        for (text, name) in [
            ("\"ID\", Text\na,b\n", "commas"), ("id;title;text\n", "semicolons"), ("text|id\n", "bars"),
        ] {
            let text = message([try file("g.csv", text)])
            #expect(text.contains("g.csv:1: the columns are separated by \(name), and tabs are right"))
        }
        #expect(message([try file("d.tsv", "id\ttext\ttitle\n1\t\"x\"y\tz\n")]).contains("d.tsv:2: field 2 goes on"))
    }

    @Test("KILT: paragraphs are joined as they stand, with either id")
    func kilt() throws {
        let path = try file(
            "kilt.json",
            """
            {"_id":"290","wikipedia_id":"290","wikipedia_title":"A","text":["A\\n","First.\\n","Second."],"anchors":[]}
            {"_id":"291","wikipedia_title":"B","text":["One","Two"]}
            """)
        #expect(
            try read([path]).documents.flatMap(\.passages) == [
                Passage(id: "290", title: "A", text: "A\nFirst.\nSecond."),
                Passage(id: "291", title: "B", text: "One\nTwo"),
            ])
    }

    @Test("the format is told by content before the name, and can be given")
    func formats() throws {
        let tsv = try file("a.jsonl", "id\ttext\ttitle\n1\tx\ty\n")
        #expect(try CorpusFormat.detect(path: tsv) == .dpr)
        #expect(try CorpusFormat.detect(path: try file("b.tsv", "\n{\"id\":1,\"text\":\"x\"}\n")) == .jsonl)
        #expect(try CorpusFormat.detect(path: try file("c", "{\"wikipedia_title\":\"x\"")) == .kilt)
        #expect(try CorpusFormat.detect(path: try file("d.jsonl", "rubbish")) == .jsonl)
        #expect(try CorpusFormat.detect(path: try file("e.jsonl", "")) == nil)
        #expect(message([try file("f.txt", "rubbish")]).contains("the formats are jsonl, dpr, kilt"))
        #expect(message([tsv], format: .jsonl).contains("a.jsonl:1: the line is not valid JSON"))
    }

    @Test("a byte order mark at the start of a file is passed over")
    func byteOrderMark() throws {
        let json = try file("a.jsonl", [0xEF, 0xBB, 0xBF] + Array("{\"id\":1,\"text\":\"x\"}\n".utf8))
        let tsv = try file("b.tsv", [0xEF, 0xBB, 0xBF] + Array("id\ttext\ttitle\n1\tx\t\n".utf8))
        #expect(try read([json, tsv]).documents.map(\.id) == ["1", "1"])
    }

    // MARK: Bad lines

    @Test(
        "a bad line ends the reading with file, line and field",
        arguments: [
            ("{\"title\":\"x\",\"text\":\"y\"}", "the field \"id\" is missing"),
            ("{\"id\":\"1\"}", "the field \"text\" is missing"),
            ("{\"id\":\"1\",\"text\":null}", "the field \"text\" is null"),
            ("{\"id\":null,\"text\":\"y\"}", "the field \"id\" is null"),
            ("{\"id\":\"1\",\"text\":[\"y\"]}", "the field \"text\" must be a string"),
            ("{\"id\":\"1\",\"title\":3,\"text\":\"y\"}", "the field \"title\" must be a string"),
            ("{\"id\":1.5,\"text\":\"y\"}", "the field \"id\": it must be a string or a whole number"),
            ("{\"id\":\"\",\"text\":\"y\"}", "the id is empty"),
            ("{\"id\":\"1\",\"text\":\"\"}", "the text is empty"),
            ("{\"id\":\"1\",\"title\":\"t\",\"text\":\" \\n\\u00a0\"}", "the text is empty or only white space"),
            ("[1]", "the line is not a JSON object"), ("[1]", "jq -c"),
            (#"{"id":"1","text":"y"}{"id":"2","text":"z"}"#, "column 22: a second value"),
            (#"{"id":"1","text":"y",}"#, "column 22: a comma stands"), (#"{"id":"1","text":"y"},"#, "a comma follows"),
            (#"{"id":"1","text":"x","metadata":{"f":9223372036854775808}}"#, "\"metadata.f\" is 9223372036854775808"),
            (#"{"id":"1","text":"x","metadata":{"f":NaN}}"#, "column 38: NaN is no value"),
            ("{\"id\":\"1\",\"text\":\"y\"", "not valid JSON"),
            ("{\"id\":\"1\",\"text\":\"\\ud800\"}", "not valid JSON"),
            (String(repeating: "[", count: 100_000), "a.jsonl:2:"),
            (#"{"id":"1","text":"x","metadata":{"f":true}}"#, "\"metadata.f\": it must be a string, a finite number"),
            (#"{"id":"1","text":"x","metadata":{"f":["a",1]}}"#, "\"metadata.f\": it must be a string, a finite"),
            (#"{"id":"1","text":"x","metadata":{"f":{"g":1}}}"#, "\"metadata.f\": it must be a string, a finite"),
            (#"{"id":"1","text":"x","metadata":{"f":1e999}}"#, "a.jsonl:2:"),
            (#"{"id":"1","text":"x","metadata":{"":1}}"#, "\"metadata\": a field's name has 0 bytes"),
            (#"{"id":"1","text":"x","metadata":["f"]}"#, "the field \"metadata\""),
        ])
    func badLine(line: String, expected: String) throws {
        let path = try file("a.jsonl", "{\"id\":\"0\",\"text\":\"fine\"}\n\(line)\n{\"id\":\"2\",\"text\":\"fine\"}")
        let text = message([path])
        #expect(text.contains("a.jsonl:2: ") && text.contains(expected), "\(text)")
        let (documents, bad) = try read([path], skipsBadLines: true)
        #expect(documents.map(\.id) == ["0", "2"] && bad.count == 1 && bad.examples.count == 1)
    }

    @Test("files that are something else are told for what they are; so are lines that end in CR alone")
    func foreignFiles() throws {
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
        #expect(message([try file("a.jsonl", pointer)]).contains("a.jsonl is a Git LFS pointer"))
        #expect(message([try file("b.jsonl.zst", [0x28, 0xB5, 0x2F, 0xFD, 0, 0])]).contains("is compressed with zstd"))
        #expect(message([try file("c.zip", [0x50, 0x4B, 3, 4, 0, 0])], format: .jsonl).contains("is a zip file"))
        #expect(message([try file("d.tsv", "id\ttext\ttitle\r1\tx\ty\r")]).contains("end in CR alone"))
        #expect(message([try file("e.jsonl", "{\"id\":1,\"text\":\"x\"}\r{}\r")]).contains("not in CR alone"))
    }

    @Test("whole numbers of 64 bits are kept exactly, and names of fields by their bytes")
    func exactMetadata() throws {
        let path = try file(
            "a.jsonl", #"{"id":1,"text":"x","metadata":{"n":9007199254740993,"\u00e9":1,"e\u0301":2}}"#)
        let metadata = try #require(try read([path]).documents.first?.passages.first?.metadata)
        #expect(metadata == ["n": .number(9_007_199_254_740_993), "\u{E9}": .number(1), "e\u{301}": .number(2)])
    }

    @Test("invalid UTF-8 is named with line and byte")
    func invalidUTF8() throws {
        let path = try file(
            "a.jsonl", Array("{}\n{\"id\":\"é".utf8) + [0xC3, 0x28] + Array("\",\"text\":\"x\"}\n".utf8))
        let (documents, bad) = try read([path], skipsBadLines: true)
        #expect(documents.isEmpty && bad.count == 2)
        #expect(
            bad.examples[1].contains("a.jsonl:2: the line is not UTF-8: its byte 10 (byte 12 of the text)"), "\(bad)")
    }

    @Test("a line of 50 MB is refused or passed over, whatever is in it")
    func longLine() throws {
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 50_000_000)
        let start = Array("{\"id\":\"1\",\"text\":\"x\"}\n".utf8)
        let end = Array("\n{\"id\":\"2\",\"text\":\"x\"}\n".utf8)
        let path = try file("a.jsonl", start + long + end)
        #expect(message([path]).contains("a.jsonl:2: the line has 50000000 bytes; at most 16.0 MiB"))
        let (documents, bad) = try read([path], skipsBadLines: true)
        #expect(documents.map(\.id) == ["1", "2"] && bad.count == 1)
    }

    @Test("a passage that can be cut nowhere and an over-long id are refused")
    func limits() throws {
        let text = String(repeating: "x", count: CorpusReader.passageLimitBytes + 1)
        #expect(message([try file("a.jsonl", "{\"id\":\"1\",\"text\":\"\(text)\"}")]).contains("262145 bytes without"))
        let whole = String(repeating: "a ", count: CorpusReader.passageLimitBytes)
        let uncut = message([try file("c.jsonl", "{\"id\":\"1\",\"text\":\"\(whole)\"}")], words: 0)
        #expect(uncut.contains("at most 262144 are allowed, and --words N cuts it into such"))
        let id = String(repeating: "i", count: Passage.idByteLimit + 1)
        #expect(message([try file("b.jsonl", "{\"id\":\"\(id)\",\"text\":\"x\"}")]).contains("the id has 4097 bytes"))
    }

    @Test("100,000 empty texts are counted, and the first few reasons kept")
    func manyBadLines() throws {
        let path = try file("a.jsonl", String(repeating: "{\"id\":\"1\",\"text\":\"\"}\n", count: 100_000))
        #expect(message([path]).contains("a.jsonl:1: the text is empty"))
        let (documents, bad) = try read([path], skipsBadLines: true)
        #expect(documents.isEmpty && bad.count == 100_000 && bad.examples.count == BadLines.exampleLimit)
    }

    @Test("empty, missing and unreadable files are named, all of the missing at once")
    func files() throws {
        let empty = try file("empty.jsonl", "")
        #expect(message([empty]).contains("empty.jsonl is empty"))
        #expect(try read([empty], skipsBadLines: true).bad.count == 1)
        let text = message([directory.file("none"), "/dev/null", directory.file("nor-this")])
        #expect(text.contains("none does not exist") && text.contains("nor-this does not exist"))
        #expect(text.contains("/dev/null is not a regular file"))
        #expect(message([]).contains("no file is named"))
        let link = directory.file("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "gone")
        #expect(message([link]).contains("link is a link that leads nowhere"))
    }

    @Test(
        "a file in a directory that the user may not look into is not said to be missing",
        .enabled(if: NSUserName() != "root", "root may look into every directory"))
    func hidden() throws {
        let closed = directory.file("closed")
        try FileManager.default.createDirectory(atPath: closed, withIntermediateDirectories: false)
        let path = try file("closed/a.jsonl", "{\"id\":\"1\",\"text\":\"a\"}\n")
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: closed)
        defer { try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: closed) }
        #expect(message([path]).contains("may not look into its directory"))
    }
}
