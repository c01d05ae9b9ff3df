internal import Bitmaps
public import Core
internal import RocksDB

extension Partition {
    /// The live rows whose passages match `filter`; what `PartitionFormat` says of terms decides what equals what.
    ///
    /// - Throws: `invalidArgument` as `Filter.validate`, `dataLoss` when a posting is damaged.
    public func rows(matching filter: Filter) throws(ImpRAGError) -> RowSet {
        try filter.validate()
        // Rows first: the postings of whatever is live now are there when they are read.
        let live = liveRows()
        let matches = try bitmap(of: filter, limit: min(live.bitCount, PartitionFormat.rowLimitMaximum))
        let words = matches.words(bitCount: live.bitCount)
        return RowSet(words: zip(words, live.words).map { $0 & $1 })
    }

    /// Rows below `limit` that match, dead ones among them. (With the same dead rows masked at the end, complements
    /// come out right.)
    private func bitmap(of filter: Filter, limit: Int) throws(ImpRAGError) -> Bitmap {
        switch filter {
        case .equals(let field, let value):
            var rows = Bitmap()
            if let term = MetadataTerm.term(of: field, value) { try add(from: term, through: term, to: &rows) }
            return rows
        case .isOneOf(let field, let values):
            var rows = Bitmap()
            // By terms: strings that only look alike are one to a set of strings.
            for term in Set(values.compactMap { MetadataTerm.term(of: field, $0) }) {
                try add(from: term, through: term, to: &rows)
            }
            return rows
        case .range(let field, let lower, let upper):
            var rows = Bitmap()
            // Ordered bits next to a number's are the next number's.
            var (low, high) = (UInt64.min, UInt64.max)
            if let lower { low = MetadataTerm.orderedBits(lower.value) + (lower.isInclusive ? 0 : 1) }
            if let upper { high = MetadataTerm.orderedBits(upper.value) - (upper.isInclusive ? 0 : 1) }
            guard low <= high else { return rows }
            for run in MetadataTerm.runs(low...high) {
                try add(
                    from: MetadataTerm(field: field, level: run.level, prefix: run.prefixes.lowerBound),
                    through: MetadataTerm(field: field, level: run.level, prefix: run.prefixes.upperBound), to: &rows)
            }
            return rows
        case .all(let filters):
            var rows = Bitmap(0..<limit)
            for filter in filters { rows.formIntersection(try bitmap(of: filter, limit: limit)) }
            return rows
        case .any(let filters):
            var rows = Bitmap()
            for filter in filters { rows.formUnion(try bitmap(of: filter, limit: limit)) }
            return rows
        case .not(let filter):
            var rows = Bitmap(0..<limit)
            rows.subtract(try bitmap(of: filter, limit: limit))
            return rows
        }
    }

    /// Adds the rows of all terms from `first` to `last`, whose keys have one length.
    private func add(
        from first: MetadataTerm, through last: MetadataTerm, to rows: inout Bitmap
    ) throws(ImpRAGError) {
        let keyBytes = first.bytes.count + 4
        var isDamaged = false
        var found = Bitmap()
        try reading { () throws(RocksDBError) in
            // No chunk has the number 2³² - 1.
            try database.scan(
                PartitionFormat.postings, from: first.bytes, until: last.bytes + [0xFF, 0xFF, 0xFF, 0xFF], isLong: false
            ) { key, value in
                guard key.byteCount == keyBytes,
                    let chunk = PartitionFormat.keyNumber(
                        [UInt8](copying: key.extracting((keyBytes - 4)..<keyBytes)), at: 0, count: 4),
                    let posting = Bitmap.posting(value, chunk: chunk)
                else {
                    isDamaged = true
                    return false
                }
                found.formUnion(posting)
                return true
            }
        }
        if isDamaged { throw damaged("the rows of a filter value are not readable") }
        rows.formUnion(found)
    }
}
