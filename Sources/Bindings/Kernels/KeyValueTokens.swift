import CKernels
public import Core

/// Keys (after RoPE) and values of the tokens of one sequence, in pages that are allocated as the sequence grows.
///
/// One owner writes; once it is done, any number of threads may read.
// Sendable by that rule.
@safe public final class KeyValueTokens: @unchecked Sendable {
    public let layout: KeyValueLayout
    /// Tokens whose keys and values are present in all layers.
    public private(set) var count = 0

    /// Of one block or several that were allocated together.
    private var memories: [PanelMemory] = []
    private var blockCount = 0
    /// The blocks' addresses, as the attention reads them.
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
    public var byteCount: Int { blockCount * layout.blockBytes }

    /// Allocates room for `tokens` tokens in all.
    ///
    /// - Parameter filled: of so many, every number is written before any is read.
    public func reserve(_ tokens: Int, filled: Int = 0) {
        let wanted = KeyValueLayout.blocks(tokens)
        guard wanted > blockCount else { return }
        if wanted > pointerCapacity {
            let capacity = max(wanted, 2 * pointerCapacity)
            let grown = UnsafeMutablePointer<UnsafeRawPointer?>.allocate(capacity: capacity)
            unsafe grown.update(from: pointers, count: blockCount)
            unsafe pointers.deallocate()
            unsafe pointers = grown
            pointerCapacity = capacity
        }
        // Together, so that large pages hold them.
        let memory = PanelMemory(byteCount: (wanted - blockCount) * layout.blockBytes)
        memories.append(memory)
        // Empty slots are multiplied by softmax weights of zero, so they must be finite, as must what pads heads.
        let whole = layout.headSize % 16 == 0 ? filled / KeyValueLayout.blockTokens : 0
        let first = max(0, min(whole, wanted) - blockCount) * layout.blockBytes
        unsafe (memory.base + first).initializeMemory(as: UInt8.self, repeating: 0, count: memory.count - first)
        for index in 0..<wanted - blockCount {
            unsafe pointers[blockCount + index] = UnsafeRawPointer(memory.base + index * layout.blockBytes)
        }
        blockCount = wanted
    }

    /// Where layer `layer` of block `index` is written.
    private func address(_ index: Int, _ layer: Int) -> UnsafeMutableRawPointer {
        precondition(index < blockCount, "block \(index) of \(blockCount)")
        guard let block = unsafe pointers[index] else { preconditionFailure("block \(index) has no address") }
        return unsafe UnsafeMutableRawPointer(mutating: block) + (layer - layout.layers.lowerBound) * layout.layerBytes
    }

    /// Writes the keys and values, `keyWidth` numbers of type `number` each, of the token `place` after `count` in
    /// layer `layer`; room for it must be reserved.
    func keep(
        _ keys: UnsafeRawPointer, _ values: UnsafeRawPointer, _ number: ProductNumber = .f32, behind place: Int,
        layer: Int
    ) {
        precondition(
            count + place < blockCount * KeyValueLayout.blockTokens && layout.layers.contains(layer),
            "token \(count + place) of layer \(layer) has no room")
        let (block, slot) = (count + place).quotientAndRemainder(dividingBy: KeyValueLayout.blockTokens)
        unsafe imprag_block_keep(
            layout.number.raw, layout.keyHeadCount, layout.headSize, address(block, layer), slot, number.raw, keys,
            values)
    }

    /// Writes keys and values of layer `layer` for `tokens` tokens after `count`: `tokens × keyWidth` numbers of each,
    /// from `first` on. Numbers of the layout's own type are copied unchanged.
    public func keep(keys: CacheNumbers, values: CacheNumbers, from first: Int = 0, tokens: Int, layer: Int) {
        switch (keys, values) {
        case (.f32(let keys), .f32(let values)): keep(keys, values, .f32, from: first, tokens: tokens, layer: layer)
        case (.bf16(let keys), .bf16(let values)): keep(keys, values, .bf16, from: first, tokens: tokens, layer: layer)
        default: preconditionFailure("keys and values are of different numbers")
        }
    }

    private func keep<Number: BitwiseCopyable>(
        _ keys: [Number], _ values: [Number], _ number: ProductNumber, from first: Int, tokens: Int, layer: Int
    ) {
        let width = layout.keyWidth
        precondition(
            first >= 0 && keys.count == values.count && first + tokens * width <= keys.count,
            "\(keys.count) numbers hold no keys of \(tokens) tokens from \(first) on")
        unsafe keys.withUnsafeBufferPointer { keys in
            unsafe values.withUnsafeBufferPointer { values in
                guard let keys = keys.baseAddress, let values = values.baseAddress else { return }
                for place in 0..<tokens {
                    let from = first + place * width
                    unsafe keep(keys + from, values + from, number, behind: place, layer: layer)
                }
            }
        }
    }

    /// Counts in tokens whose keys and values have been written in all layers.
    public func advance(by tokens: Int) {
        precondition(count + tokens <= blockCount * KeyValueLayout.blockTokens)
        count += tokens
    }

    /// Keys and values of these layers, `[layers × count × keyWidth]` each, in the layout's number type.
    public func numbers(of layers: Range<Int>) -> (keys: CacheNumbers, values: CacheNumbers) {
        guard layout.number == .f32 else {
            let (keys, values) = recall(layers, BFloat16(bits: 0))
            return (.bf16(keys), .bf16(values))
        }
        let (keys, values) = recall(layers, 0 as Float)
        return (.f32(keys), .f32(values))
    }

    /// Keys and values of layer `layer`, `[count × keyWidth]` each, widened.
    public func recall(layer: Int) -> (keys: [Float], values: [Float]) {
        switch numbers(of: layer..<layer + 1) {
        case (.f32(let keys), .f32(let values)): (keys, values)
        case (.bf16(let keys), .bf16(let values)): (widened(keys), widened(values))
        default: preconditionFailure("keys and values are of different numbers")
        }
    }

    private func recall<Number: BitwiseCopyable>(
        _ layers: Range<Int>, _ zero: Number
    ) -> (keys: [Number], values: [Number]) {
        precondition(
            layers.isEmpty
                || layout.layers.contains(layers.lowerBound) && layers.upperBound <= layout.layers.upperBound,
            "layers \(layers) are not kept")
        let width = layout.keyWidth
        var keys = [Number](repeating: zero, count: layers.count * count * width)
        var values = keys
        unsafe keys.withUnsafeMutableBufferPointer { keys in
            unsafe values.withUnsafeMutableBufferPointer { values in
                guard let keys = keys.baseAddress, let values = values.baseAddress else { return }
                for (index, layer) in layers.enumerated() {
                    for token in 0..<count {
                        let (block, slot) = token.quotientAndRemainder(dividingBy: KeyValueLayout.blockTokens)
                        let to = (index * count + token) * width
                        unsafe imprag_block_recall(
                            layout.number.raw, layout.keyHeadCount, layout.headSize, address(block, layer), slot,
                            keys + to,
                            values + to)
                    }
                }
            }
        }
        return (keys, values)
    }
}
