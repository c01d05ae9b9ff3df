internal import Core
internal import Foundation
internal import RocksDB
internal import Words

/// How a partition's lexical index was made.
struct WordsHeader: Codable, Equatable {
    /// `WordAnalysis.version` of the program that made it.
    var version: Int
    /// A `WordAnalysis`.
    var analysis: String

    init(_ analysis: WordAnalysis) {
        version = WordAnalysis.version
        self.analysis = analysis.rawValue
    }

    /// Nil when this version would analyze the same text differently.
    var words: WordAnalysis? { version == WordAnalysis.version ? WordAnalysis(rawValue: analysis) : nil }

    /// Begins an empty lexical index.
    func put(into batch: inout WriteBatch, of database: Database) {
        let bytes = (try? JSONEncoder().encode(self)).map { Array($0) } ?? []
        batch.put(PartitionFormat.wordsHeaderKey, bytes, in: PartitionFormat.metadata, of: database)
        batch.put(
            PartitionFormat.wordsRowsKey, PartitionFormat.number(0), in: PartitionFormat.metadata, of: database)
    }

    /// Nil when `database` has no lexical index.
    static func read(_ database: Database) throws(ImpRAGError) -> WordsHeader? {
        let bytes: [UInt8]?
        do {
            bytes = try database.get(PartitionFormat.wordsHeaderKey, in: PartitionFormat.metadata)
        } catch {
            throw error.wrapped("partition \(database.path) cannot be read")
        }
        guard let bytes else { return nil }
        guard database.familyCount > PartitionFormat.words,
            let header = try? JSONDecoder().decode(WordsHeader.self, from: Data(bytes))
        else {
            throw ImpRAGError(
                .dataLoss, "partition \(database.path) is damaged: its lexical index has no readable header")
        }
        return header
    }
}

extension Partition {
    /// How text was analyzed, if the lexical index covers all rows below `limit`; else nil.
    static func words(of database: Database, limit: Int) throws(ImpRAGError) -> WordAnalysis? {
        guard let words = try WordsHeader.read(database)?.words else { return nil }
        return try counter(PartitionFormat.wordsRowsKey, of: database) == limit ? words : nil
    }
}
