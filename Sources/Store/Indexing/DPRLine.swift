/// A line of `CorpusFormat.dpr`: tab-separated fields, quoted as in Python's `csv`: a quoted field ends at the next
/// quotation mark that is not doubled, and a doubled one stands for one. A carriage return at the end of the line is
/// dropped.
enum DPRLine {
    /// What is wrong with a line.
    struct Problem: Error {
        let message: String
    }

    /// The names in a header line; empty when it is not one.
    static func columns(_ line: String) -> [String] { (try? fields(line)) ?? [] }

    static func fields(_ line: String) throws(Problem) -> [String] {
        var bytes = Array(line.utf8)
        if bytes.last == 0x0D { bytes.removeLast() }
        let (tab, quote) = (UInt8(ascii: "\t"), UInt8(ascii: "\""))
        var fields: [String] = []
        var index = 0
        while true {
            var field: [UInt8] = []
            if index < bytes.count, bytes[index] == quote {
                index += 1
                while true {
                    guard let end = bytes[index...].firstIndex(of: quote) else {
                        throw Problem(
                            message: "field \(fields.count + 1) begins with a quotation mark that nothing closes")
                    }
                    field += bytes[index..<end]
                    index = end + 1
                    guard index < bytes.count, bytes[index] == quote else { break }
                    field.append(quote)
                    index += 1
                }
                guard index == bytes.count || bytes[index] == tab else {
                    throw Problem(message: "field \(fields.count + 1) goes on after its closing quotation mark")
                }
            } else {
                let end = bytes[index...].firstIndex(of: tab) ?? bytes.count
                field = Array(bytes[index..<end])
                index = end
            }
            fields.append(String(decoding: field, as: UTF8.self))
            if index == bytes.count { return fields }
            index += 1
        }
    }
}
