import Core
import Foundation

/// Readers of bytes that somebody else wrote: a client, another node, a disk, a person.
///
/// Each must accept or refuse any bytes at all. Where we write the format, what it accepts must survive being written
/// and read again. The fuzzers of `make fuzz` and the tests of `FuzzTests` drive the same readers.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// A message's first frame, and the tensors that it announces.
    case envelope
    /// A filter inside a search.
    case filter
    /// A filter as people write it.
    case filterText = "filter-text"
    /// The receipt of an answer, its checksum made right.
    case receipt
    /// A `tokenizer.json`, and a text through it.
    case tokenizer
    /// A whole safetensors file.
    case safetensors
    /// A corpus file of any format.
    case corpus
    /// A corpus file that is one document, in Markdown.
    case markdown
    /// A segment of the log, its checksums made right.
    case segment
    /// A collection's manifest, its checksum made right.
    case manifest
    /// The description of a checkpoint, its checksum made right.
    case checkpoint
    case cluster
    /// A block of a stored vector index; the first byte says which kind.
    case index
    /// A passage's state; the first byte says in which codec.
    case state

    /// Reads `bytes`, and checks what was accepted.
    ///
    /// - Returns: whether they were accepted. Everything but an orderly refusal ends the process.
    @discardableResult
    public func read(_ bytes: [UInt8]) -> Bool {
        do throws(ImpRAGError) {
            switch self {
            case .envelope: return try MessageReaders.envelope(bytes)
            case .filter: return try MessageReaders.filter(bytes)
            case .filterText: return try MessageReaders.filterText(bytes)
            case .receipt: return try MessageReaders.receipt(bytes)
            case .tokenizer: return try FileReaders.tokenizer(bytes)
            case .safetensors: return try FileReaders.safetensors(bytes)
            case .corpus: return try FileReaders.corpus(bytes)
            case .markdown: return try FileReaders.markdown(bytes)
            case .segment: return try LogReaders.segment(bytes)
            case .manifest: return try LogReaders.manifest(bytes)
            case .checkpoint: return try LogReaders.checkpoint(bytes)
            case .cluster: return try FileReaders.cluster(bytes)
            case .index: return try ModelReaders.index(bytes)
            case .state: return try ModelReaders.state(bytes)
            }
        } catch {
            precondition(!error.message.isEmpty, "a refusal without a reason")
            return false
        }
    }

    /// Inputs that are accepted, made by what writes the format.
    public func seeds() throws -> [[UInt8]] {
        switch self {
        case .envelope: MessageReaders.envelopeSeeds()
        case .filter: MessageReaders.filterSeeds()
        case .filterText: MessageReaders.filterTextSeeds
        case .receipt: try MessageReaders.receiptSeeds()
        case .tokenizer: try FileReaders.tokenizerSeeds()
        case .safetensors: try FileReaders.safetensorsSeeds()
        case .corpus: FileReaders.corpusSeeds
        case .markdown: FileReaders.markdownSeeds
        case .segment: LogReaders.segmentSeeds()
        case .manifest: try LogReaders.manifestSeeds()
        case .checkpoint: try LogReaders.checkpointSeeds()
        case .cluster: try FileReaders.clusterSeeds()
        case .index: try ModelReaders.indexSeeds()
        case .state: try ModelReaders.stateSeeds()
        }
    }

    /// Files that the fuzzers found, and seeds, below the checkout's root.
    public var corpusFolder: String { "Tests/Fuzz/Corpus/\(rawValue)" }
}
