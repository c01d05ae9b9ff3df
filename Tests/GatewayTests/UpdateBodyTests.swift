import Core
import Testing

@testable import Gateway

/// What requests for changes may have.
struct UpdateBodyTests {
    @Test("passages arrive with what they have")
    func upsert() throws {
        let body = try UpsertBody(
            Array(
                #"""
                {"model": "wiki", "wait": "found", "timeout_ms": 9, "passages": [
                  {"id": "a", "title": "T", "text": "x", "metadata": {"lang": "en", "year": 1, "tags": ["p", "q"]}},
                  {"id": "b", "text": "y"}]}
                """#.utf8))
        #expect(body.model == "wiki" && body.wait == .found && body.milliseconds == 9)
        let metadata: [ByteString: MetadataValue] = [
            "lang": .string("en"), "year": .number(1), "tags": .strings(["p", "q"]),
        ]
        #expect(
            body.passages == [
                Passage(id: "a", title: "T", text: "x", metadata: metadata), Passage(id: "b", title: "", text: "y"),
            ])
    }

    @Test(
        "a wrong passage is refused by its place",
        arguments: [
            ("{}", "passages"), (#"{"passages": []}"#, "passages"), (#"{"passages": [1]}"#, "passages[0]"),
            (#"{"passages": [{"text": "x"}]}"#, "passages[0].id"),
            (#"{"passages": [{"id": "a"}]}"#, "passages[0].text"),
            (#"{"passages": [{"id": "", "text": "x"}]}"#, "passages[0]"),
            (#"{"passages": [{"id": "a", "text": "x", "other": 1}]}"#, "passages[0].other"),
            (#"{"passages": [{"id": "a", "text": "x", "metadata": 1}]}"#, "passages[0].metadata"),
            (#"{"passages": [{"id": "a", "text": "x", "metadata": {"b": true}}]}"#, "passages[0].metadata"),
            (#"{"passages": [{"id": "a", "text": "x"}], "wait": "visible"}"#, "wait"),
            (#"{"passages": [{"id": "a", "text": "x"}], "other": 1}"#, "other"),
        ])
    func refused(body: String, param: String) {
        let failure = #expect(throws: GatewayFailure.self) { try UpsertBody(Array(body.utf8)) }
        #expect(failure?.param == param && failure?.status == 400, "\(failure?.json.line ?? "")")
    }

    @Test("ids that differ in bytes alone are two")
    func ids() throws {
        let body = #"{"passages": [{"id": "\u00e9", "text": "x"}, {"id": "e\u0301", "text": "y"}]}"#
        #expect(try UpsertBody(Array(body.utf8)).passages.count == 2)
    }

    @Test("an id that stands twice is left to the coordinators, for whom the last one counts")
    func twice() throws {
        let body = #"{"passages": [{"id": "a", "text": "x"}, {"id": "a", "text": "y"}]}"#
        #expect(try UpsertBody(Array(body.utf8)).passages.map(\.text) == ["x", "y"])
    }

    @Test("a deletion has ids")
    func delete() throws {
        let body = try DeletionBody(Array(#"{"ids": ["a", "b"], "wait": "found", "model": "m", "timeout_ms": 3}"#.utf8))
        #expect(body.ids == ["a", "b"] && body.wait == .found && body.model == "m" && body.milliseconds == 3)
        for (text, param) in [
            ("{}", "ids"), (#"{"ids": []}"#, "ids"), (#"{"ids": "a"}"#, "ids"), (#"{"ids": ["a", 1]}"#, "ids[1]"),
            (#"{"ids": ["a"], "other": 1}"#, "other"),
        ] {
            let failure = #expect(throws: GatewayFailure.self) { try DeletionBody(Array(text.utf8)) }
            #expect(failure?.param == param, "\(failure?.json.line ?? "")")
        }
    }
}
