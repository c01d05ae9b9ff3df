/// Runs a task's steps on whatever thread makes them possible: that which starts it, and those that bring what it waits for.
///
/// Between the thread that has read a request and the one that has its reply there is nothing to gain from a third: handing a step over
/// takes longer than most of them. The steps must be short, for both threads serve every other request too.
public final class CallerExecutor: TaskExecutor {
    public static let shared = CallerExecutor()

    private init() {}

    public func enqueue(_ job: consuming ExecutorJob) {
        unsafe job.runSynchronously(on: asUnownedTaskExecutor())
    }
}
