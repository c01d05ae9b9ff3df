import Core
import Testing

@testable import Gateway

/// What requests for embeddings may have.
struct EmbeddingsRequestTests {
    private func read(_ body: String) throws(GatewayFailure) -> EmbeddingsRequest {
        try EmbeddingsRequest(Array(body.utf8))
    }

    @Test("a text or several arrive, as passages unless the request says otherwise")
    func taken() throws {
        let one = try read(#"{"input": "a", "model": "wiki", "user": "u", "encoding_format": "base64"}"#)
        #expect(one.texts == ["a"] && one.role == .passage && one.model == "wiki" && one.milliseconds == 30_000)
        let two = try read(
            #"{"input": ["a", "b"], "input_type": "query", "encoding_format": "float", "dimensions": 64, "imprag": {"timeout_ms": 5}}"#
        )
        #expect(two.texts == ["a", "b"] && two.role == .query && two.model.isEmpty && two.milliseconds == 5)
        let most = try read("{\"input\": [\(Array(repeating: "\"a\"", count: 2048).joined(separator: ","))]}")
        #expect(most.texts.count == 2048)
    }

    @Test(
        "what is not supported is refused by its name",
        arguments: [
            ("{}", "input"), (#"{"input": null}"#, "input"), (#"{"input": 1}"#, "input"), (#"{"input": []}"#, "input"),
            (#"{"input": [1, 2]}"#, "input[0]"), (#"{"input": ["a", [1]]}"#, "input[1]"),
            (#"{"input": [{"text": "a"}]}"#, "input[0]"), (#"{"input": {"a": 1}}"#, "input"),
            (#"{"input": "a", "encoding_format": "int8"}"#, "encoding_format"),
            (#"{"input": "a", "input_type": "document"}"#, "input_type"),
            (#"{"input": "a", "dimensions": 0}"#, "dimensions"), (#"{"input": "a", "other": 1}"#, "other"),
            (#"{"input": "a", "imprag": {"k": 1}}"#, "imprag.k"), (#"{"input": "a", "user": 1}"#, "user"),
            (#"{"input": "a", "imprag": {"timeout_ms": 0}}"#, "imprag.timeout_ms"), ("[]", nil), ("", nil),
        ] as [(String, String?)])
    func refused(body: String, param: String?) {
        let failure = #expect(throws: GatewayFailure.self) { try read(body) }
        #expect(failure?.param == param && failure?.status == 400, "\(failure?.json.line ?? "")")
    }
}
