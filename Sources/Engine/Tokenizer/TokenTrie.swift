/// A trie over the bytes of added tokens: finds the longest token at a place in a text.
struct TokenTrie: Sendable {
    private struct Node {
        let byte: UInt8
        var token: Int32 = -1
        var firstChild: Int32 = -1
        var sibling: Int32 = -1
    }

    private var nodes: [Node] = []
    /// The node of each first byte, -1 where no token starts so.
    private var roots = [Int32](repeating: -1, count: 256)

    var isEmpty: Bool { nodes.isEmpty }

    /// Adds `content`, not empty, as token number `token`.
    mutating func insert(_ content: [UInt8], token: Int) {
        guard let first = content.first else { return }
        if roots[Int(first)] < 0 { roots[Int(first)] = newNode(first) }
        var node = Int(roots[Int(first)])
        for byte in content.dropFirst() {
            if let child = child(of: node, byte) {
                node = child
            } else {
                let child = newNode(byte)
                nodes[Int(child)].sibling = nodes[node].firstChild
                nodes[node].firstChild = child
                node = Int(child)
            }
        }
        nodes[node].token = Int32(truncatingIfNeeded: token)
    }

    /// The first match at or after `start`, the longest one there.
    func firstMatch(in text: Span<UInt8>, _ start: Int, _ end: Int) -> (token: Int, range: Range<Int>)? {
        let roots = roots.span
        for place in start..<end {
            let root = roots[Int(text[place])]
            guard root >= 0 else { continue }
            if let match = longestMatch(in: text, place, end, root: Int(root)) { return match }
        }
        return nil
    }

    private func longestMatch(
        in text: Span<UInt8>, _ start: Int, _ end: Int, root: Int
    ) -> (token: Int, range: Range<Int>)? {
        var node = root
        var place = start + 1
        var best: (token: Int, range: Range<Int>)?
        while true {
            if nodes[node].token >= 0 { best = (Int(nodes[node].token), start..<place) }
            guard place < end, let child = child(of: node, text[place]) else { return best }
            node = child
            place += 1
        }
    }

    private func child(of node: Int, _ byte: UInt8) -> Int? {
        var child = nodes[node].firstChild
        while child >= 0 {
            if nodes[Int(child)].byte == byte { return Int(child) }
            child = nodes[Int(child)].sibling
        }
        return nil
    }

    private mutating func newNode(_ byte: UInt8) -> Int32 {
        nodes.append(Node(byte: byte))
        return Int32(truncatingIfNeeded: nodes.count - 1)
    }
}
