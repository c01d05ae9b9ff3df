import CWire

/// What a node computes with. Another arithmetic or other kernels change the last bits of an answer.
public struct Arithmetic: Hashable, Sendable {
    /// Its program, as in `0.1.0`.
    public var build: String
    /// As in `bf16`.
    public var compute: String
    /// The instructions that its kernels use, as in `avx2`.
    public var kernels: String

    public init(build: String, compute: String, kernels: String) {
        self.build = build
        self.compute = compute
        self.kernels = kernels
    }
}

extension Arithmetic: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__Arithmetic>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            build: try unsafe checkedText(stored.build, "arithmetic.build"),
            compute: try unsafe checkedText(stored.compute, "arithmetic.compute"),
            kernels: try unsafe checkedText(stored.kernels, "arithmetic.kernels"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__Arithmetic> {
        let stored = unsafe arena.make(imprag__arithmetic__init)
        unsafe stored.pointee.build = arena.bytes(of: build)
        unsafe stored.pointee.compute = arena.bytes(of: compute)
        unsafe stored.pointee.kernels = arena.bytes(of: kernels)
        return unsafe stored
    }
}
