internal import Core

/// One document as a line of a corpus file gives it, before it is split.
struct SourceDocument: Equatable {
    var id: String
    /// Empty when there is none.
    var title: String
    var text: String
    /// What filters see; every passage of the document has it.
    var metadata: [String: MetadataValue] = [:]
}
