internal import Core

/// One document as a corpus gives it, before it is split.
struct SourceDocument: Equatable {
    /// Text under one title.
    struct Section: Equatable {
        /// Empty when there is none.
        var title: String
        var text: String
        /// What filters see; every passage of the section has it.
        var metadata: [ByteString: MetadataValue] = [:]
    }

    var id: String
    /// In order; a passage never reaches over the end of one.
    var sections: [Section]

    init(id: String, sections: [Section]) {
        self.id = id
        self.sections = sections
    }

    init(id: String, title: String, text: String, metadata: [ByteString: MetadataValue] = [:]) {
        self.init(id: id, sections: [Section(title: title, text: text, metadata: metadata)])
    }

    /// A document's title and a section's in one, as Atlas joins them; an empty one adds nothing.
    static func heading(_ title: String, _ section: String) -> String {
        title.isEmpty || section.isEmpty ? title + section : title + ": " + section
    }
}
