public import Core
internal import Indexing

/// A page of Wikipedia, as provenance of an answer.
public struct KILTPage: Sendable, Equatable {
    /// KILT's `wikipedia_id`; empty when only the title is known.
    public let id: ByteString
    /// Empty when it is not known.
    public let title: ByteString

    public init(id: String, title: String = "") {
        self.id = ByteString(id)
        self.title = ByteString(title)
    }

    /// The page of a passage: its metadata's `wikipedia_id`, else the document that it is a piece of, which in an index
    /// of KILT's knowledge source is called so.
    public init(_ passage: Passage) {
        let id: String =
            switch passage.metadata["wikipedia_id"] {
            case .string(let text): text
            case .number(let number): number.description
            case .strings, nil: CorpusDocument.parsePieceID(passage.id)?.document ?? passage.id
            }
        self.init(id: id, title: passage.title)
    }

    /// Whether both are one page: by title too, because collections that are not KILT's have ids of their own.
    func isSame(as other: KILTPage) -> Bool {
        (id == other.id && !id.text.isEmpty) || (title == other.title && !title.text.isEmpty)
    }

    /// The pages of passages, each once, where it stands first.
    public static func pages(of passages: [Passage]) -> [KILTPage] {
        var seen: Set<ByteString> = []
        return passages.map { KILTPage($0) }.filter { seen.insert($0.id).inserted }
    }

    /// The precision at R of `pages`, R being the number of pages of one of the sets; the best over the sets.
    ///
    /// Source: `rprecision` of KILT's `eval_retrieval.py` (Petroni et al., NAACL 2021).
    ///
    /// - Parameter pages: best first, none twice.
    /// - Returns: nil without a set.
    static func rPrecision(_ pages: [KILTPage], provenance: [[KILTPage]]) -> Double? {
        provenance.map { set in
            let hits = pages.prefix(set.count).count { page in set.contains { $0.isSame(as: page) } }
            return Double(hits) / Double(set.count)
        }.max()
    }

    /// The sets of a KILT line's `output`, those without a page left out.
    static func provenance(_ output: JSONField) throws(ImpRAGError) -> [[KILTPage]] {
        var sets: [[KILTPage]] = []
        for answer in try output.elements() {
            guard let field = try answer.optional("provenance") else { continue }
            var pages: [KILTPage] = []
            for row in try field.elements() {
                let page = KILTPage(
                    id: try row.optional("wikipedia_id")?.identifier() ?? "",
                    title: try row.optional("title")?.string() ?? "")
                guard page != KILTPage(id: "") else { throw row.problem("it names neither wikipedia_id nor title") }
                if !pages.contains(where: { $0.isSame(as: page) }) { pages.append(page) }
            }
            if !pages.isEmpty { sets.append(pages) }
        }
        return sets
    }
}
