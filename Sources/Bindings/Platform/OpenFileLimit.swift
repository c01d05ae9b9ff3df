internal import Foundation

/// How many files this process may have open.
public enum OpenFileLimit {
    /// Raises the limit to what the system allows without privileges: the usual 1024 is too low for a process with
    /// hundreds of open databases. If the system refuses, the limit stays.
    public static func raise() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard unsafe getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(resource, &limit)
    }
}
