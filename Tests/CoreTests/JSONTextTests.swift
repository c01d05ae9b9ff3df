import Core
import Testing

struct JSONTextTests {
    /// As JSON and terminals want it, character by character.
    private static func form(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": "\\\""
        case "\\": "\\\\"
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        case _ where TerminalText.isControl(scalar):
            "\\u" + String(repeating: "0", count: 4 - String(scalar.value, radix: 16).count)
                + String(scalar.value, radix: 16)
        default: String(scalar)
        }
    }

    @Test("every character is written as itself, or escaped if it means something to JSON or to a terminal")
    func characters() {
        for value in Array(UInt32(0)...0x2fff) + [0xfffd, 0xfffe, 0xffff, 0x10000, 0x1f600, 0x10ffff] {
            guard let scalar = Unicode.Scalar(value) else { continue }
            #expect(jsonString("\(scalar)a\(scalar)") == "\"\(Self.form(scalar))a\(Self.form(scalar))\"", "\(value)")
        }
        #expect(jsonString("") == "\"\"")
    }
}
