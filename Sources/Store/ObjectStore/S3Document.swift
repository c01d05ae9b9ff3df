internal import Core
internal import Foundation
internal import FoundationXML

/// An XML answer of an S3 service: the texts of its elements, by their path.
struct S3Document {
    let elements: [(path: String, text: String)]
    private let what: String

    /// - Throws: `dataLoss` for what is no XML.
    init(_ bytes: [UInt8], _ what: String) throws(ImpRAGError) {
        self.what = what
        let reader = Reader()
        let parser = XMLParser(data: Data(bytes))
        parser.delegate = reader
        guard parser.parse() else { throw ImpRAGError(.dataLoss, "\(what): the answer is no XML") }
        elements = reader.elements
    }

    private final class Reader: NSObject, XMLParserDelegate {
        var elements: [(path: String, text: String)] = []
        private var path: [String] = []
        private var text = ""

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            path.append(name)
            text = ""
        }

        func parser(_ parser: XMLParser, foundCharacters characters: String) {
            text += characters
        }

        func parser(
            _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
        ) {
            elements.append((path.joined(separator: "/"), text))
            path.removeLast()
            text = ""
        }
    }

    /// The text of an element below the outermost one.
    func text(_ name: String) throws(ImpRAGError) -> String {
        guard
            let element = elements.first(where: {
                $0.path.split(separator: "/").dropFirst().joined(separator: "/") == name
            })
        else { throw ImpRAGError(.dataLoss, "\(what): the answer has no \(name)") }
        return element.text
    }

    /// What an answer of the service says is wrong; nil when it is no such answer.
    static func failure(_ bytes: [UInt8]) -> (code: String, message: String)? {
        // Objects may be anything; only what looks like such an answer is read.
        guard bytes.count < 64 << 10, bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "<"),
            let document = try? S3Document(bytes, ""), document.elements.last?.path == "Error",
            let code = try? document.text("Code")
        else { return nil }
        let message = (try? document.text("Message")) ?? ""
        return (code, String(message.filter { !$0.isNewline }.prefix(300)))
    }

    /// Objects of a listing whose keys begin with `prefix`, which their names leave out, and whether there are more.
    /// What this project does not name so is passed over.
    func listing(below prefix: String) throws(ImpRAGError) -> (objects: [ListedObject], isCut: Bool) {
        var objects: [ListedObject] = []
        var key: String?
        var size: Int?
        for element in elements {
            switch element.path {
            case "ListBucketResult/Contents/Key": key = element.text
            case "ListBucketResult/Contents/Size": size = Int(element.text)
            case "ListBucketResult/Contents":
                guard let name = key, let count = size, count >= 0 else {
                    throw ImpRAGError(.dataLoss, "\(what): an object of the listing has no key or no size")
                }
                if name.hasPrefix(prefix), let key = try? ObjectKey(String(name.dropFirst(prefix.count))) {
                    objects.append(ListedObject(key: key, size: count))
                }
                (key, size) = (nil, nil)
            default: break
            }
        }
        return (objects, elements.contains { $0.path == "ListBucketResult/IsTruncated" && $0.text == "true" })
    }
}
