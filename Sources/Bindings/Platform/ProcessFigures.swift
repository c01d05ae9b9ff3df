import Glibc

/// What the operating system counts for this process.
public enum ProcessFigures {
    /// Seconds of processor time of all threads.
    public static var processorSeconds: Double {
        var time = timespec()
        guard unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return 0 }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Open file descriptors, from `/proc/self/fd`; nil where that does not exist.
    public static var openDescriptors: Int? {
        guard let directory = unsafe opendir("/proc/self/fd") else { return nil }
        defer { unsafe closedir(directory) }
        // Not ".", ".." and the one that reads.
        var count = -3
        while unsafe readdir(directory) != nil { count += 1 }
        return max(0, count)
    }

    /// How many there may be.
    public static var descriptorLimit: Int? {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        return unsafe getrlimit(resource, &limit) == 0 ? Int(exactly: limit.rlim_cur) : nil
    }
}
