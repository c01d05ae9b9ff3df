public import Core
import Foundation
import Kernels
import Platform

/// Makes int8 models: the same layers, every matrix as whole numbers with one scale for each output. And 4-bit models,
/// in which the feed-forward matrices are `PackedRows`, and the others int8: those of layers below b and the queries,
/// keys and values of layer b, of which embeddings are made, and the output layer; and those of attention in the layers
/// above, with a scale for each group of columns.
///
/// A matrix `X.weight` becomes I8 of the same shape, beside F32 `X.weight_scale` `[rows]`; a weight is its number times
/// its row's scale. Embeddings are looked up and not multiplied, so they stay as they are; where they are the output
/// layer too, that gets a copy of its own, `lm_head.weight`, in int8. Norms stay as they are, but for powers of two
/// that some are divided by (`InputScaling`).
public struct ModelQuantizer {
    private enum Step {
        case copy(StoredTensor)
        /// A norm or bias that may be divided by powers of two; float16 ones become float32.
        case scale(StoredTensor)
        /// With the name that its rows have afterwards, and the columns of a scale, nil for whole rows.
        case quantize(StoredTensor, name: String, groupColumns: Int? = nil)
        case pack(StoredTensor)
    }

    /// Bytes of weights that will be read, and written.
    public let sourceBytes: ByteCount
    public let resultBytes: ByteCount

    /// 8 or 4.
    public let bits: Int

    let architecture: Architecture
    /// Matrices of which embeddings and logits are not made, by name, and which of them get 4 bits.
    let upper: [String: StoredTensor]
    let packed: Set<String>
    private let directory: String
    private let isSharded: Bool
    private let files: [(name: String, steps: [Step])]

    /// Numbers that are widened at once.
    private static let blockNumbers = 1 << 20

    /// Maps the model in `directory` and checks every tensor, its bytes as well.
    ///
    /// - Parameter bits: 8 or 4.
    /// - Throws: as `LlamaModel.init`, and `invalidArgument` for a model that is quantized already.
    public init(directory: String, bits: Int = 8) throws(ImpRAGError) {
        precondition(bits == 8 || bits == 4, "models of \(bits) bits are not made")
        self.bits = bits
        let configuration = try ModelConfiguration(directory: directory)
        if let bits = configuration.architecture.quantizedBits {
            throw ImpRAGError(
                .invalidArgument,
                "\(directory) holds \(bits == 8 ? "an int8" : "a 4-bit") model already; take the one that it was made from"
            )
        }
        let architecture = configuration.architecture
        guard architecture.largestColumnCount <= Architecture.quantizedColumnLimit else {
            throw ImpRAGError(
                .invalidArgument,
                "\(directory) has matrices of \(architecture.largestColumnCount) columns; int8 ones have at most "
                    + "\(Architecture.quantizedColumnLimit)")
        }
        let checkpoint = try Checkpoint(directory: directory)
        try checkpoint.check(architecture, try checkpoint.compute(wanted: nil, configuration))
        _ = try checkpoint.digest(tied: architecture.tiesEmbeddings)
        let matrices = Set(architecture.tensors.filter(\.isMatrix).map(\.name))
        let names = architecture.upperNames(bottomBoundary: configuration.bottomBoundary)
        let grouped = bits == 4 ? names.eight : []
        let scaled = architecture.scaledNames(bottomBoundary: configuration.bottomBoundary)
        packed = bits == 4 ? names.four : []
        upper = Dictionary(
            uniqueKeysWithValues: names.four.union(names.eight).compactMap { name in
                checkpoint.stored(name).map { (name, $0) }
            })
        self.architecture = architecture
        files = checkpoint.files.map { [packed] name, tensors in
            let steps = tensors.flatMap { tensor -> [Step] in
                switch tensor.name {
                case architecture.embedding.name where architecture.tiesEmbeddings:
                    return [.copy(tensor), .quantize(tensor, name: architecture.head.name)]
                // A copy of the embeddings that is never read.
                case architecture.head.name where architecture.tiesEmbeddings: return []
                case _ where packed.contains(tensor.name): return [.pack(tensor)]
                case _ where grouped.contains(tensor.name):
                    return [.quantize(tensor, name: tensor.name, groupColumns: WeightGrouping.groupColumns)]
                case _ where matrices.contains(tensor.name): return [.quantize(tensor, name: tensor.name)]
                case _ where scaled.contains(tensor.name): return [.scale(tensor)]
                default: return [.copy(tensor)]
                }
            }
            return (name, steps)
        }
        isSharded = checkpoint.isSharded
        self.directory = directory
        sourceBytes = ByteCount(checkpoint.files.flatMap(\.tensors).reduce(0) { $0 + $1.range.count })
        resultBytes = ByteCount(files.flatMap(\.steps).flatMap(Self.entries).reduce(0) { $0 + $1.byteCount })
    }

    /// Writes the weights and `config.json` into the existing directory `output`, in as many files as the source has.
    ///
    /// - Parameters:
    ///   - rounded: of `rounded(with:readings:tick:)`; without it, numbers are rounded to the nearest.
    ///   - tick: called every few MiB with the bytes written so far, of `resultBytes`; throws to stop.
    /// - Throws: `resourceExhausted` when the disk is full.
    public func write(
        to output: String, rounded: RoundedWeights = RoundedWeights(),
        tick: (_ writtenBytes: Int) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) {
        var written = 0
        var places: [String: String] = [:]
        for (name, steps) in files {
            let entries = steps.flatMap(Self.entries)
            for entry in entries { places[entry.name] = name }
            var writer = try SafeTensorsWriter(path: "\(output)/\(name)", entries: entries)
            for step in steps {
                switch step {
                case .copy(let tensor): try Self.copy(tensor, to: &writer, written: &written, tick: tick)
                case .scale(let tensor):
                    let values = rounded.scaling.scaled(
                        try Self.weights(tensor), of: tensor.name, columnCount: tensor.shape[0])
                    let bytes = values.littleEndianBytes(Self.element(scaled: tensor))
                    try writer.write(bytes)
                    written += bytes.count
                    try tick(written)
                case .quantize(let tensor, _, let groupColumns):
                    try Self.quantize(
                        tensor, groupColumns: groupColumns, scaling: rounded.scaling, to: &writer, written: &written,
                        tick: tick)
                case .pack(let tensor):
                    let rows = if let known = rounded.packed[tensor.name] { known } else { try Self.nearest(tensor) }
                    for part in rows.parts {
                        try writer.write(part)
                        written += part.count
                    }
                    try tick(written)
                }
            }
            try writer.finish()
        }
        if isSharded {
            let index = JSONValue.object([
                "metadata": .object(["total_size": .integer(resultBytes.bytes)]),
                "weight_map": .object(
                    Dictionary(uniqueKeysWithValues: places.map { (ByteString($0.key), .string($0.value)) })),
            ])
            try Self.write(index, to: "\(output)/model.safetensors.index.json")
        }
        try Self.write(try settings(), to: "\(output)/config.json")
    }

    /// The source's `config.json`, with the fields that quantizing changes.
    private func settings() throws(ImpRAGError) -> JSONValue {
        var fields = try ObjectReader(file: "\(directory)/config.json").members
        fields["tie_word_embeddings"] = .bool(false)
        fields["quantization_config"] = Architecture.quantization(bits: bits)
        return .object(fields)
    }

    private static func write(_ value: JSONValue, to path: String) throws(ImpRAGError) {
        let text = try encodeJSON(value, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        try DurableFile.write(text + [UInt8(ascii: "\n")], to: path)
    }

    private static func entries(_ step: Step) -> [SafeTensorsWriter.Entry] {
        switch step {
        case .copy(let tensor):
            return [
                .init(name: tensor.name, element: tensor.dtype, shape: tensor.shape, byteCount: tensor.range.count)
            ]
        case .scale(let tensor):
            let element = element(scaled: tensor)
            return [
                .init(
                    name: tensor.name, element: element.rawValue, shape: tensor.shape,
                    byteCount: element.size * tensor.shape.reduce(1, *))
            ]
        case .quantize(let tensor, let name, let groupColumns):
            let matrix = Architecture.Tensor(name: name, shape: tensor.shape)
            let scales =
                groupColumns == nil
                ? matrix.scales : matrix.scales(WeightGrouping(bits: .eight, scalesEveryGroup: true))
            return [
                .init(
                    name: name, element: ElementType.int8.rawValue, shape: tensor.shape,
                    byteCount: tensor.shape.reduce(1, *)),
                .init(
                    name: scales.name, element: ElementType.f32.rawValue, shape: scales.shape,
                    byteCount: ElementType.f32.size * scales.shape.reduce(1, *)),
            ]
        case .pack(let tensor):
            return zip(
                Architecture.Tensor(name: tensor.name, shape: tensor.shape).parts(PackedRows.grouping),
                [ElementType.uint8, .uint8, .f32, .f32]
            ).map { part, element in
                .init(
                    name: part.name, element: element.rawValue, shape: part.shape,
                    byteCount: element.size * part.shape.reduce(1, *))
            }
        }
    }

    /// Of a vector that may be divided by powers of two.
    private static func element(scaled tensor: StoredTensor) -> ElementType {
        tensor.dtype == ElementType.bf16.rawValue ? .bf16 : .f32
    }

    private static func copy(
        _ tensor: StoredTensor, to writer: inout SafeTensorsWriter, written: inout Int,
        tick: (Int) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) {
        for start in stride(from: tensor.range.lowerBound, to: tensor.range.upperBound, by: 4 * blockNumbers) {
            let range = start..<min(start + 4 * blockNumbers, tensor.range.upperBound)
            try writer.write(tensor.file.copyBytes(in: range))
            tensor.file.release(range)
            written += range.count
            try tick(written)
        }
    }

    private static func quantize(
        _ tensor: StoredTensor, groupColumns: Int?, scaling: InputScaling, to writer: inout SafeTensorsWriter,
        written: inout Int, tick: (Int) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) {
        guard let element = ElementType(rawValue: tensor.dtype) else {
            throw ImpRAGError(.internal, "tensor \(tensor.name) has dtype \(tensor.dtype)")
        }
        let (rows, width) = (tensor.shape[0], tensor.shape[1])
        let block = max(1, blockNumbers / width)
        var scales: [Float] = []
        for first in stride(from: 0, to: rows, by: block) {
            let rowBytes = width * element.size
            let start = tensor.range.lowerBound
            let range = start + first * rowBytes..<start + min(first + block, rows) * rowBytes
            let values = scaling.scaled(
                tensor.file.withBytes(in: range) { widened($0, element) }, of: tensor.name, columnCount: width,
                firstRow: first)
            guard let quantized = QuantizedRows(values, width: width, groupColumns: groupColumns) else {
                throw ImpRAGError(
                    .invalidArgument, "\(tensor.file.name): tensor \(tensor.name) holds weights that are not finite")
            }
            tensor.file.release(range)
            try writer.write(quantized.bytes)
            scales += quantized.scales
            written += quantized.bytes.count
            try tick(written)
        }
        try writer.write(scales.littleEndianBytes)
        written += ElementType.f32.size * scales.count
        try tick(written)
    }
}
