import CKernels

/// Keys (after RoPE) and values of the tokens of one sequence, in pages that are allocated as the sequence grows.
///
/// One owner writes; once it is done, any number of threads may read.
// Sendable by that rule.
@safe public final class KeyValueTokens: @unchecked Sendable {
    public let layout: KeyValueLayout
    /// Tokens whose keys and values are there in all layers.
    public private(set) var count = 0

    private var blocks: [PanelMemory] = []
    /// The blocks' first bytes, as the attention reads them.
    private(set) var pointers: UnsafeMutablePointer<UnsafeRawPointer?>
    private var pointerCapacity = 8

    public init(_ layout: KeyValueLayout) {
        self.layout = layout
        unsafe pointers = .allocate(capacity: pointerCapacity)
    }

    deinit {
        unsafe pointers.deallocate()
    }

    /// Bytes that it takes now.
    public var byteCount: Int { blocks.count * layout.blockBytes }

    /// Allocates what `tokens` tokens in all need.
    public func reserve(_ tokens: Int) {
        let wanted = KeyValueLayout.blocks(tokens)
        if wanted > pointerCapacity {
            let capacity = max(wanted, 2 * pointerCapacity)
            let grown = UnsafeMutablePointer<UnsafeRawPointer?>.allocate(capacity: capacity)
            unsafe grown.update(from: pointers, count: blocks.count)
            unsafe pointers.deallocate()
            unsafe pointers = grown
            pointerCapacity = capacity
        }
        while blocks.count < wanted {
            let block = PanelMemory(byteCount: layout.blockBytes)
            // Places of tokens to come are multiplied by weights of zero: they must be finite.
            unsafe block.base.initializeMemory(as: UInt8.self, repeating: 0, count: layout.blockBytes)
            unsafe pointers[blocks.count] = UnsafeRawPointer(block.base)
            blocks.append(block)
        }
    }

    /// Writes the keys and values, `keyWidth` numbers each, of the token `place` behind `count` in layer `layer`; room
    /// for it must be reserved.
    func keep(_ keys: UnsafePointer<Float>, _ values: UnsafePointer<Float>, behind place: Int, layer: Int) {
        precondition(
            count + place < blocks.count * KeyValueLayout.blockTokens && layout.layers.contains(layer),
            "token \(count + place) of layer \(layer) has no room")
        let (block, slot) = (count + place).quotientAndRemainder(dividingBy: KeyValueLayout.blockTokens)
        let offset = (layer - layout.layers.lowerBound) * layout.layerBytes
        unsafe imprag_block_keep(
            layout.number.raw, layout.keyHeadCount, layout.headSize, blocks[block].base + offset, slot, keys, values)
    }

    /// Writes keys and values of layer `layer` for the tokens behind `count`, as `recall` gives them.
    public func keep(keys: [Float], values: [Float], layer: Int) {
        let width = layout.keyWidth
        precondition(keys.count == values.count && keys.count % width == 0, "\(keys.count) numbers are no keys")
        unsafe keys.withUnsafeBufferPointer { keys in
            unsafe values.withUnsafeBufferPointer { values in
                guard let from = keys.baseAddress, let values = values.baseAddress else { return }
                for place in 0..<keys.count / width {
                    unsafe keep(from + place * width, values + place * width, behind: place, layer: layer)
                }
            }
        }
    }

    /// Counts tokens whose keys and values all layers have been given.
    public func advance(by tokens: Int) {
        precondition(count + tokens <= blocks.count * KeyValueLayout.blockTokens)
        count += tokens
    }

    /// Keys and values of layer `layer`, `[count × keyWidth]` each.
    public func recall(layer: Int) -> (keys: [Float], values: [Float]) {
        precondition(layout.layers.contains(layer), "layer \(layer) is not kept")
        let width = layout.keyWidth
        var keys = [Float](repeating: 0, count: count * width)
        var values = keys
        let offset = (layer - layout.layers.lowerBound) * layout.layerBytes
        unsafe keys.withUnsafeMutableBufferPointer { keys in
            unsafe values.withUnsafeMutableBufferPointer { values in
                guard let keys = keys.baseAddress, let values = values.baseAddress else { return }
                for token in 0..<count {
                    let (block, slot) = token.quotientAndRemainder(dividingBy: KeyValueLayout.blockTokens)
                    unsafe imprag_block_recall(
                        layout.number.raw, layout.keyHeadCount, layout.headSize, blocks[block].base + offset, slot,
                        keys + token * width, values + token * width)
                }
            }
        }
        return (keys, values)
    }
}
