import Core
import Foundation
import Platform

/// One mapped safetensors file whose header has been checked against its size.
///
///     8 bytes   header length H, little-endian
///     H bytes   the header (see `SafeTensorsHeader`)
///     the rest  the tensors, without gaps or overlaps
struct SafeTensorsFile: Sendable {
    let file: MappedFile
    let tensors: [StoredTensor]

    /// The reference implementation has the same limit.
    static let headerLimit = 100_000_000

    init(path: String) throws(ImpRAGError) {
        file = try MappedFile(path: path)
        let name = file.name
        guard file.count >= 8 else {
            throw ImpRAGError(.invalidArgument, "\(name) has \(file.count) bytes; a safetensors file has at least 8")
        }
        if let problem = ForeignFile.problem(head: file.copyBytes(in: 0..<min(ForeignFile.headBytes, file.count))) {
            throw ImpRAGError(.invalidArgument, "\(path) \(problem)")
        }
        let length = file.copyBytes(in: 0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(min(Self.headerLimit, file.count - 8)) else {
            throw ImpRAGError(
                .invalidArgument,
                "\(name): the header claims \(length) bytes, but \(file.count - 8) follow and \(Self.headerLimit) are the limit"
            )
        }
        let dataStart = 8 + Int(length)
        let entries = try SafeTensorsHeader.parse(file.copyBytes(in: 8..<dataStart), of: name)
        tensors = try Self.check(entries, file: file, dataStart: dataStart)
    }

    /// Places every tensor inside the file; refuses unknown types, wrong sizes, gaps and overlaps.
    private static func check(
        _ entries: [(name: String, entry: SafeTensorsHeader.Entry)], file: MappedFile, dataStart: Int
    ) throws(ImpRAGError) -> [StoredTensor] {
        var tensors: [StoredTensor] = []
        for (name, entry) in entries {
            if let problem = problem(entry, available: file.count - dataStart) {
                throw ImpRAGError(.invalidArgument, "\(file.name): tensor \(name) \(problem)")
            }
            tensors.append(
                StoredTensor(
                    name: name, dtype: entry.dtype, shape: entry.shape, file: file,
                    range: dataStart + entry.begin..<dataStart + entry.end))
        }
        try checkGaps(tensors, file: file, dataStart: dataStart)
        return tensors
    }

    /// What is wrong with a tensor by itself, of `available` bytes of data.
    private static func problem(_ entry: SafeTensorsHeader.Entry, available: Int) -> String? {
        guard let size = elementSizes[entry.dtype] else { return "has the unknown dtype \"\(entry.dtype.prefix(30))\"" }
        guard entry.begin <= entry.end, entry.end <= available else {
            return
                "lies at bytes \(entry.begin) to \(entry.end) of the data, but there are \(available): the file is cut "
                + "short or damaged"
        }
        var wanted = size
        var overflows = false
        for count in entry.shape {
            let (product, overflow) = wanted.multipliedReportingOverflow(by: count)
            wanted = product
            overflows = overflows || overflow
        }
        guard !overflows, wanted == entry.end - entry.begin else {
            return "of shape \(entry.shape) and dtype \(entry.dtype) does not fit its \(entry.end - entry.begin) bytes"
        }
        return nil
    }

    /// Tensors follow each other from the header to the end of the file.
    private static func checkGaps(
        _ tensors: [StoredTensor], file: MappedFile, dataStart: Int
    ) throws(ImpRAGError) {
        var end = dataStart
        var previous = "the header"
        for tensor in tensors.sorted(by: {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }) {
            guard tensor.range.lowerBound == end else {
                let kind = tensor.range.lowerBound < end ? "overlaps" : "leaves a gap after"
                throw ImpRAGError(.invalidArgument, "\(file.name): tensor \(tensor.name) \(kind) \(previous)")
            }
            end = tensor.range.upperBound
            previous = tensor.name
        }
        guard end == file.count else {
            throw ImpRAGError(
                .invalidArgument, "\(file.name): \(file.count - end) bytes follow the last tensor, \(previous)")
        }
    }

    /// Bytes per number of every dtype of the format.
    private static let elementSizes = [
        "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2, "U32": 4,
        "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8,
    ]
}
