/// Keys or values in the number type of the cache that holds them, so that they move between caches unconverted.
public enum CacheNumbers: Hashable, Sendable {
    case f32([Float])
    case bf16([BFloat16])

    public var isBFloat16: Bool {
        if case .bf16 = self { true } else { false }
    }

    public var count: Int {
        switch self {
        case .f32(let numbers): numbers.count
        case .bf16(let numbers): numbers.count
        }
    }

    public var byteCount: Int {
        switch self {
        case .f32(let numbers): 4 * numbers.count
        case .bf16(let numbers): 2 * numbers.count
        }
    }
}
