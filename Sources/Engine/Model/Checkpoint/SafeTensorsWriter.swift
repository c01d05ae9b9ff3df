import Core
import Foundation
import Platform

/// Writes one safetensors file (layout: `SafeTensorsFile`), tensor after tensor in the order announced.
struct SafeTensorsWriter {
    struct Entry {
        let name: String
        let element: String
        let shape: [Int]
        let byteCount: Int
    }

    /// An entry of the header.
    private struct Place: Encodable {
        let dtype: String
        let shape: [Int]
        let data_offsets: [Int]
    }

    private let file: OutputFile
    private let total: Int
    private var written = 0

    /// Creates the file and writes its header.
    init(path: String, entries: [Entry]) throws(ImpRAGError) {
        var places: [String: Place] = [:]
        var end = 0
        for entry in entries {
            let place = Place(dtype: entry.element, shape: entry.shape, data_offsets: [end, end + entry.byteCount])
            precondition(places.updateValue(place, forKey: entry.name) == nil, "\(entry.name) is announced twice")
            end += entry.byteCount
        }
        total = end
        var header = try encodeJSON(places, [.sortedKeys, .withoutEscapingSlashes])
        // Tensors begin at a multiple of 8, as official writers have it.
        while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
        file = try OutputFile(path: path)
        try file.write((0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header)
    }

    /// Appends the next bytes, whichever tensor they belong to.
    mutating func write(_ bytes: [UInt8]) throws(ImpRAGError) {
        written += bytes.count
        try file.write(bytes)
    }

    /// Syncs the file to disk once every announced byte has been written.
    func finish() throws(ImpRAGError) {
        precondition(written == total, "\(written) bytes of \(total) were written")
        try file.synchronize()
    }
}

/// `value` as JSON.
func encodeJSON(_ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting) throws(ImpRAGError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting
    do {
        return Array(try encoder.encode(value))
    } catch {
        throw ImpRAGError(.internal, "settings cannot be written as JSON", cause: error)
    }
}
