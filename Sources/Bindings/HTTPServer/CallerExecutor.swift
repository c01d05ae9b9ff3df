/// Runs a task's steps on whatever thread makes them possible: that which starts it, and those that bring what it waits
/// for.
///
/// Between the thread that has read a request and the one that has its reply there is nothing to gain from a third:
/// handing a step over takes longer than most of them. The steps must be short, for both threads serve every other
/// request too.
public final class CallerExecutor: TaskExecutor {
    public static let shared = CallerExecutor()

    @TaskLocal private static var isElsewhere = false

    private init() {}

    /// Cancels `task`. Its steps that this makes possible run elsewhere: a task cannot go on inside its own
    /// cancellation, during which the runtime holds on to what the task would change.
    public static func cancel(_ task: Task<Void, Never>) {
        $isElsewhere.withValue(true) { task.cancel() }
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        guard !Self.isElsewhere else { return globalConcurrentExecutor.enqueue(job) }
        unsafe job.runSynchronously(on: asUnownedTaskExecutor())
    }
}
