import CKernels

/// A fixed set of threads that share the pieces of one job at a time; the calling thread works too.
///
/// Several threads may call at once: while one job has the workers, the others run on their callers' threads. Which
/// thread takes a piece never changes what it computes.
@safe public final class WorkerPool: Sendable {
    // Sendable because the C side guards all of it with its own locks.
    private nonisolated(unsafe) let pool: OpaquePointer

    /// - Parameters:
    ///   - threadCount: including the caller; at least 1.
    ///   - patience: microseconds that an idle thread spins before it sleeps. The default bridges the time between
    ///     a layer's products.
    ///   - isPinned: pins each thread except the callers' to its own CPU.
    public init(threadCount: Int, patience: Int = 20, isPinned: Bool = false) {
        guard let made = unsafe imprag_pool_create(Int32(clamping: max(1, threadCount)), Int32(clamping: patience))
        else {
            preconditionFailure("no memory for a pool of \(threadCount) threads")
        }
        unsafe pool = made
        if isPinned { unsafe imprag_pool_pin(made) }
    }

    deinit {
        unsafe imprag_pool_destroy(pool)
    }

    /// Threads that work on a job, including the caller.
    public var threadCount: Int { Int(unsafe imprag_pool_threads(pool)) }

    /// Threads that sleep now, because no job has come for a while.
    package var sleepingCount: Int { Int(unsafe imprag_pool_sleepers(pool)) }

    /// Calls `work` with every number below `count`, on all threads, and returns once all calls have returned.
    public func run(_ count: Int, _ work: @Sendable (Int) -> Void) {
        // The C side's pointer does not retain this object, which frees the pool when it goes.
        defer { withExtendedLifetime(self) {} }
        guard count > 1 else {
            if count == 1 { work(0) }
            return
        }
        withoutActuallyEscaping(work) { escaping in
            unsafe withUnsafePointer(to: escaping) { pointer in
                unsafe imprag_pool_run(
                    pool, count,
                    { context, index in
                        guard let context = unsafe context else { return }
                        unsafe context.assumingMemoryBound(to: (@Sendable (Int) -> Void).self).pointee(index)
                    }, UnsafeMutableRawPointer(mutating: UnsafeRawPointer(pointer)))
            }
        }
    }

    /// No other job is near: idle threads leave their processors to others until the next one.
    public func rest() { unsafe imprag_pool_rest(pool) }

    /// The results of `work` for every number below `count`, in order; throws its first failure once all calls have
    /// returned.
    public func map<Value: Sendable, Failure: Error>(
        _ count: Int, _ work: @Sendable (Int) throws(Failure) -> Value
    ) throws(Failure) -> [Value] {
        let results = unsafe [Result<Value, Failure>](unsafeUninitializedCapacity: count) { buffer, initialized in
            // Every call writes its own element, and all have returned before anybody reads.
            nonisolated(unsafe) let base = buffer.baseAddress
            run(count) { index in
                guard let base = unsafe base else { return }
                do throws(Failure) {
                    let value = try work(index)
                    unsafe (base + index).initialize(to: .success(value))
                } catch {
                    unsafe (base + index).initialize(to: .failure(error))
                }
            }
            initialized = count
        }
        var values: [Value] = []
        values.reserveCapacity(count)
        for result in results { values.append(try result.get()) }
        return values
    }
}
