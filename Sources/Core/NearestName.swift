/// The closest known name, if it is close enough to be a typo: at most two edits.
public func nearestName(to word: String, among known: [String]) -> String? {
    let distances = known.map { (name: $0, distance: editDistance(Array(word.utf8), Array($0.utf8))) }
    guard let near = distances.min(by: { $0.distance < $1.distance }), near.distance <= 2,
        near.distance < near.name.utf8.count
    else {
        return nil
    }
    return near.name
}

/// Levenshtein distance. O(left · right).
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (line, byte) in left.enumerated() {
        var diagonal = row[0]
        row[0] = line + 1
        for column in right.indices {
            let substituted = diagonal + (byte == right[column] ? 0 : 1)
            diagonal = row[column + 1]
            row[column + 1] = min(substituted, min(row[column], row[column + 1]) + 1)
        }
    }
    return row[right.count]
}
