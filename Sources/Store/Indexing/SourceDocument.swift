internal import Core

/// A document as read from a corpus, before it is cut.
struct SourceDocument: Equatable {
    /// Text under one title.
    struct Section: Equatable {
        /// Empty when there is none.
        var title: String
        var text: String
        /// For filters; shared by all passages of the section.
        var metadata: [ByteString: MetadataValue] = [:]
    }

    var id: String
    /// In order; no passage crosses from one into the next.
    var sections: [Section]

    init(id: String, sections: [Section]) {
        self.id = id
        self.sections = sections
    }

    init(id: String, title: String, text: String, metadata: [ByteString: MetadataValue] = [:]) {
        self.init(id: id, sections: [Section(title: title, text: text, metadata: metadata)])
    }

    /// Joins a document's title and a section's as Atlas does; an empty one adds nothing.
    static func heading(_ title: String, _ section: String) -> String {
        title.isEmpty || section.isEmpty ? title + section : title + ": " + section
    }
}
