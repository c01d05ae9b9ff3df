import Core
import Testing

struct JSONScannerTests {
    private func value(_ text: String, comments: Bool = false) throws(ImpRAGError) -> JSONValue {
        try JSONScanner.value(.line("a.jsonl:7"), bytes: Array(text.utf8), allowsComments: comments)
    }

    @Test("values of every kind are read, numbers as they are kept")
    func values() throws {
        let text =
            #"{"a":[1,-2.5,1e2,18446744073709551615,true,false,null,"\u00e9\ud83d\ude00\n"],"e\u0301":{},"é":{}}"#
        #expect(
            try value(text)
                == .object([
                    "a": .array([
                        .integer(1), .number(-2.5), .number(100), .digits("18446744073709551615"), .bool(true),
                        .bool(false),
                        .null, .string("é😀\n"),
                    ]), "e\u{301}": .object([:]), "\u{E9}": .object([:]),
                ]))
    }

    @Test(
        "what is no JSON is named with its column and its cause",
        arguments: [
            (#"{"a":NaN}"#, "column 6: NaN is no value of JSON"), (#"{"a":1e999}"#, "column 6: 1e999 is beyond"),
            (#"{"a":"\ud800"}"#, "column 7: \\u stands for half of a surrogate pair"),
            (#"{"a":1,}"#, "column 8: a comma stands before the closing bracket"), ("{}{}", "column 3: a second value"),
            ("{},", "column 3: a comma follows"), ("{}\r{}", "lines end in LF or CR LF"),
            (#"{"a":1,"a":2}"#, #"the key "a" stands twice"#), ("{\"a\":", "where it ends"),
            ("{a:1}", "a key must be a string"),
            (#"{"a":01}"#, "01 is no value"), (#"{"a":+1}"#, "+1 is no value"), (#"{"a":.5}"#, ".5 is no value"),
            (#"{"a":"x"#, "a string is not closed"), ("{\"a\":\"\u{1}\"}", "a control character"),
            ("// x\n1", "a value was expected"),
            (String(repeating: "[", count: 100_000), "column 65: nested deeper than 64 levels"),
        ])
    func mistakes(text: String, expected: String) {
        let error = #expect(throws: ImpRAGError.self) { try value(text) }
        #expect(error?.message.hasPrefix("a.jsonl:7: the line is not valid JSON at ") == true)
        #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    }

    @Test("comments and commas before brackets are for files that may have them")
    func comments() throws {
        let text = "// first\n{ /* a */ \"a\": [1, 2,], // b\n }"
        #expect(try value(text, comments: true) == .object(["a": .array([.integer(1), .integer(2)])]))
        #expect(throws: ImpRAGError.self) { try value("/* open", comments: true) }
    }

    @Test("in a file, line, column and byte are named; a byte order mark is passed over")
    func file() throws {
        let bytes = [0xEF, 0xBB, 0xBF] + Array("{\n  \"a\" 1\n}".utf8)
        let error = #expect(throws: ImpRAGError.self) { try JSONScanner.value(.file("config.json"), bytes: bytes) }
        #expect(
            error?.message.contains("config.json: bad JSON at byte 11 (line 2, column 7)") == true, "\(error as Any)")
        #expect(try JSONScanner.value(.file("a"), bytes: [0xEF, 0xBB, 0xBF, 0x31]) == .integer(1))
    }

    @Test("a pointer of Git LFS and other foreign files are told for what they are")
    func foreign() {
        let pointer = Array("version https://git-lfs.github.com/spec/v1\noid sha256:aa\n".utf8)
        for (bytes, name) in [
            (pointer, "Git LFS"), ([0x28, 0xB5, 0x2F, 0xFD, 1], "zstd"), ([0x50, 0x4B, 3, 4], "zip"),
            ([0xFF, 0xFE, 0x7B, 0], "UTF-16"), (Array("GGUF\u{3}\0\0\0".utf8), "imprag-import"),
            (Array("SQLite format 3\0".utf8), "SQLite"),
        ] as [([UInt8], String)] {
            let error = #expect(throws: ImpRAGError.self) { try JSONScanner.value(.file("config.json"), bytes: bytes) }
            #expect(error?.message.contains(name) == true && error?.message.contains("config.json") == true)
        }
        #expect(
            ForeignFile.problem(head: Array("{\"id\":1}".utf8)) == nil && ForeignFile.problem(head: [UInt8]()) == nil)
    }
}
