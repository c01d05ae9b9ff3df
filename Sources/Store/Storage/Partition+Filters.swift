internal import Bitmaps
public import Core
internal import RocksDB

extension Partition {
    /// The live rows whose passages match `filter`; equality is that of terms (`MetadataTerm`).
    ///
    /// - Throws: `invalidArgument` as `Filter.validate`, `dataLoss` when a posting is damaged.
    public func rows(matching filter: Filter) throws(ImpRAGError) -> RowSet {
        try filter.validate()
        // Read before the postings, so that the postings cover whatever is live here.
        let live = liveRows()
        let matches = try bitmap(of: filter, limit: min(live.bitCount, PartitionFormat.rowLimitMaximum))
        let words = matches.words(bitCount: live.bitCount)
        return RowSet(words: zip(words, live.words).map { $0 & $1 })
    }

    /// Rows below `limit` that match, including dead ones. They are masked at the end, so complements come out right.
    private func bitmap(of filter: Filter, limit: Int) throws(ImpRAGError) -> Bitmap {
        switch filter {
        case .equals(let field, let value):
            var rows = Bitmap()
            try add(field, equalTo: value, to: &rows)
            return rows
        case .isOneOf(let field, let values):
            var rows = Bitmap()
            for value in values { try add(field, equalTo: value, to: &rows) }
            return rows
        case .range(let field, let lower, let upper):
            return try self.rows(of: field, from: lower, to: upper)
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

    private func add(_ field: String, equalTo value: Filter.Scalar, to rows: inout Bitmap) throws(ImpRAGError) {
        switch value {
        case .string(let text):
            // No field's value is longer.
            guard text.utf8.count <= MetadataValue.stringByteLimit else { return }
            let term = MetadataTerm(field: field, string: text)
            try add(from: term, through: term, to: &rows)
        case .number(let number):
            try add(field, nearest: number.nearest, number.remainder...number.remainder, to: &rows)
        }
    }

    /// Rows whose number lies between the bounds: those of the doubles strictly between their nearest doubles, and at
    /// each end those of the numbers that share its nearest double.
    private func rows(of field: String, from lower: Filter.Bound?, to upper: Filter.Bound?) throws(ImpRAGError)
        -> Bitmap
    {
        var rows = Bitmap()
        let least = lower.map { $0.value.remainder + ($0.isInclusive ? 0 : 1) } ?? .min
        let most = upper.map { $0.value.remainder - ($0.isInclusive ? 0 : 1) } ?? .max
        if let lower, let upper, lower.value.nearest >= upper.value.nearest {
            guard lower.value.nearest == upper.value.nearest, least <= most else { return rows }
            try add(field, nearest: lower.value.nearest, least...most, to: &rows)
            return rows
        }
        if let lower { try add(field, nearest: lower.value.nearest, least...(.max), to: &rows) }
        if let upper { try add(field, nearest: upper.value.nearest, (.min)...most, to: &rows) }
        // Ordered bits next to a double's are the next double's.
        let low = lower.map { MetadataTerm.orderedBits($0.value.nearest) + 1 } ?? .min
        let high = upper.map { MetadataTerm.orderedBits($0.value.nearest) - 1 } ?? .max
        guard low <= high else { return rows }
        for run in MetadataTerm.runs(low...high) {
            try add(
                from: MetadataTerm(field: field, level: run.level, prefix: run.prefixes.lowerBound),
                through: MetadataTerm(field: field, level: run.level, prefix: run.prefixes.upperBound), to: &rows)
        }
        return rows
    }

    /// Adds the rows of the numbers with the nearest double `nearest` and a rest in `remainders`; 0 is the double
    /// itself.
    private func add(
        _ field: String, nearest: Double, _ remainders: ClosedRange<Int>, to rows: inout Bitmap
    ) throws(ImpRAGError) {
        let bits = MetadataTerm.orderedBits(nearest)
        let isAlone = nearest.magnitude < 0x1p53
        func integers(_ remainders: ClosedRange<Int>) throws(ImpRAGError) -> Bitmap {
            var found = Bitmap()
            guard !isAlone, let terms = MetadataTerm.integers(of: field, nearest: bits, remainders: remainders) else {
                return found
            }
            try add(from: terms.first, through: terms.last, to: &found)
            return found
        }
        if remainders.contains(0) {
            let term = MetadataTerm(field: field, level: 0, prefix: bits)
            var doubles = Bitmap()
            try add(from: term, through: term, to: &doubles)
            doubles.subtract(try integers((.min)...(.max)))
            rows.formUnion(doubles)
        }
        rows.formUnion(try integers(remainders))
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
                    let chunk = PartitionFormat.shortNumber([UInt8](copying: key), from: keyBytes - 4),
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
