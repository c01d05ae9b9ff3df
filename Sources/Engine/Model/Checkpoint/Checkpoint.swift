import Core
import Foundation
import Kernels
import Platform

/// The tensors of a model directory: `model.safetensors`, or several files with `model.safetensors.index.json`.
struct Checkpoint: Sendable {
    private let directory: String
    private let tensors: [String: StoredTensor]
    /// For messages about what is missing.
    private let source: String
    private let index: [String: String]

    init(directory: String) throws(ImpRAGError) {
        self.directory = directory
        let folder = URL(filePath: directory)
        func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }
        let single = "model.safetensors"
        let indexName = "model.safetensors.index.json"
        var names = [single]
        var index: [String: String] = [:]
        source = FileManager.default.fileExists(atPath: path(single)) ? single : indexName
        if source == indexName {
            guard FileManager.default.fileExists(atPath: path(indexName)) else {
                throw ImpRAGError(.notFound, "\(directory) holds neither \(single) nor \(indexName)")
            }
            index = try Self.readIndex(path(indexName), indexName)
            names = Set(index.values).sorted()
        }
        self.index = index
        var tensors: [String: StoredTensor] = [:]
        for name in names {
            guard FileManager.default.fileExists(atPath: path(name)) else {
                let tensor = index.filter { $0.value == name }.keys.min() ?? ""
                throw ImpRAGError(
                    .notFound, "\(directory): \(name) is missing; \(source) expects tensor \(tensor) in it")
            }
            for tensor in try SafeTensorsFile(path: path(name)).tensors {
                if let other = tensors.updateValue(tensor, forKey: tensor.name) {
                    throw ImpRAGError(
                        .invalidArgument, "tensor \(tensor.name) stands in \(other.file.name) and in \(name)")
                }
            }
        }
        for (tensor, file) in index.sorted(by: { $0.key < $1.key }) where tensors[tensor]?.file.name != file {
            throw ImpRAGError(.invalidArgument, "\(source) expects tensor \(tensor) in \(file), which does not hold it")
        }
        self.tensors = tensors
    }

    private static func readIndex(_ path: String, _ name: String) throws(ImpRAGError) -> [String: String] {
        var file = try ObjectReader(file: path)
        guard case .object(let map)? = file.value("weight_map"), !map.isEmpty else {
            throw ImpRAGError(
                .invalidArgument, "\(name): weight_map is missing or empty; tensor names with their files are expected")
        }
        var index: [String: String] = [:]
        for (tensor, value) in map {
            // A bare file name: an index may not lead out of its directory.
            guard case .string(let file) = value, !file.isEmpty, !file.contains("/"), file != "..", file != "." else {
                throw ImpRAGError(
                    .invalidArgument,
                    "\(name): weight_map gives \(value.text) for tensor \(tensor); a file name is expected")
            }
            index[tensor.text] = file
        }
        return index
    }

    /// The tensor `name`, whatever it is.
    func stored(_ name: String) -> StoredTensor? { tensors[name] }

    /// Whether an index file says which tensor stands where.
    var isSharded: Bool { !index.isEmpty }

    /// Every file's tensors, in the order of their bytes; files by name.
    var files: [(name: String, tensors: [StoredTensor])] {
        Dictionary(grouping: tensors.values, by: \.file.name).sorted { $0.key < $1.key }.map { name, tensors in
            (name, tensors.sorted { ($0.range.lowerBound, $0.name) < ($1.range.lowerBound, $1.name) })
        }
    }

    /// The arithmetic that fits all matrices, even those that are not loaded: every role must arrive at the same.
    ///
    /// - Throws: `invalidArgument` when `wanted`, unless nil, cannot be had, or when the matrices are not what
    ///   `config.json` says of them.
    func compute(wanted: Compute?, _ configuration: ModelConfiguration) throws(ImpRAGError) -> Compute {
        let matrices = tensors.values.filter { $0.shape.count > 1 }
        func first(_ element: ElementType) -> String? {
            matrices.filter { $0.dtype == element.rawValue }.map(\.name).min()
        }
        guard let bits = configuration.architecture.quantizedBits else {
            for element in [ElementType.int8, .uint8] {
                guard let name = first(element) else { continue }
                throw ImpRAGError(
                    .invalidArgument,
                    "tensor \(name) has dtype \(element.rawValue), but config.json has no quantization_config; such models are what `imprag quantize` makes"
                )
            }
            return try plainCompute(wanted: wanted, matrices)
        }
        let element: ElementType = bits == 4 ? .uint8 : .int8
        guard first(element) != nil else {
            throw ImpRAGError(
                .invalidArgument,
                "config.json has a quantization_config of \(bits) bits, but no matrix of \(source) has dtype \(element.rawValue); the two files belong to different models"
            )
        }
        if bits == 8, let packed = first(.uint8) {
            throw ImpRAGError(
                .invalidArgument,
                "config.json has a quantization_config of 8 bits, but tensor \(packed) has dtype U8; the two files belong to different models"
            )
        }
        guard wanted == nil || wanted == .int8 else {
            throw ImpRAGError(
                .invalidArgument,
                "the weights are int8 or smaller and cannot be computed in \(wanted?.rawValue ?? ""); take the model that they were made from"
            )
        }
        return .int8
    }

    private func plainCompute(wanted: Compute?, _ matrices: [StoredTensor]) throws(ImpRAGError) -> Compute {
        guard wanted != .int8 else {
            throw ImpRAGError(
                .invalidArgument, "the weights are not int8; make such a model with `imprag quantize` first")
        }
        if let wanted { return wanted }
        return matrices.allSatisfy { $0.dtype == "BF16" } ? .bf16 : .f32
    }

    /// The tensor that the layers need, and what its numbers are.
    func tensor(
        _ wanted: Architecture.Tensor
    ) throws(ImpRAGError) -> (tensor: StoredTensor, element: ElementType) {
        guard let tensor = tensors[wanted.name] else {
            throw ImpRAGError(
                .invalidArgument, "tensor \(wanted.name) is missing from \(source); shape \(wanted.shape) is expected")
        }
        guard tensor.shape == wanted.shape else {
            throw ImpRAGError(
                .invalidArgument,
                "\(tensor.file.name): tensor \(wanted.name) has shape \(tensor.shape), but config.json makes it \(wanted.shape)"
            )
        }
        guard let element = ElementType(rawValue: tensor.dtype) else {
            throw ImpRAGError(
                .invalidArgument,
                "\(tensor.file.name): tensor \(wanted.name) has dtype \(tensor.dtype); F32, F16, BF16, I8 and U8 are supported"
            )
        }
        return (tensor, element)
    }

    /// SHA-256 over all tensors in name order, whatever files they stand in, each of which is checked on the way.
    ///
    /// Of each: name, dtype and shape as text (`name\0F32\0[2, 3]\0`), then its bytes. The shape fixes their number.
    ///
    /// - Parameters:
    ///   - tied: whether the output layer is the embedding table, of which `lm_head.weight`, if there is one, must be a
    ///     copy.
    ///   - minimum: checkpoints of at least so many bytes keep their digest in a `DigestFile`; smaller ones are read
    ///     within hundredths of a second.
    /// - Throws: `invalidArgument` naming file, tensor and row of weights that are not finite.
    func digest(tied: Bool, keptFrom minimum: Int = 64 << 20) throws(ImpRAGError) -> [UInt8] {
        var files: [String: MappedFile] = [:]
        for tensor in tensors.values { files[tensor.file.path] = tensor.file }
        guard files.values.reduce(0, { $0 + $1.count }) >= minimum else { return try checkedDigest(tied: tied) }
        let kept = DigestFile(directory: directory, files: Array(files.values), tied: tied)
        if let digest = kept.read() { return digest }
        let digest = try checkedDigest(tied: tied)
        kept.write(digest)
        return digest
    }

    private func checkedDigest(tied: Bool) throws(ImpRAGError) -> [UInt8] {
        var hash = SHA256()
        var problems: [String] = []
        for (name, tensor) in tensors.sorted(by: { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }) {
            hash.update(Array("\(name)\0\(tensor.dtype)\0\(tensor.shape)\0".utf8))
            var place: Int?
            tensor.forEachPiece { bytes, start in
                hash.update(bytes)
                guard place == nil, let element = ElementType(rawValue: tensor.dtype) else { return }
                place = firstNotFinite(bytes, element).map { start / element.size + $0 }
            }
            if let place { problems.append(tensor.notFinite(at: place)) }
        }
        if tied { problems += tiedHeadProblem() }
        try Self.require(problems)
        return hash.finish()
    }

    /// The first few problems, in full.
    static func require(_ problems: [String]) throws(ImpRAGError) {
        guard !problems.isEmpty else { return }
        let more = problems.count > 5 ? "; and \(problems.count - 5) more" : ""
        throw ImpRAGError(.invalidArgument, problems.prefix(5).joined(separator: "; ") + more)
    }
}
