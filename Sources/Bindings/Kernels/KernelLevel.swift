import CKernels
public import Core

/// The instruction levels that kernels exist for.
public enum KernelLevel {
    /// The environment variable that selects one.
    public static let variable = "IMPRAG_KERNELS"

    /// The levels that this processor can run, the portable one first.
    public static let available: [String] = {
        var names: [String] = []
        while let name = unsafe imprag_level_at(names.count) { names.append(unsafe String(cString: name)) }
        return names.reversed().filter { unsafe imprag_level_runs($0) }
    }()

    /// The level that all kernels of this process use.
    public static var chosen: String { unsafe String(cString: imprag_level()) }

    /// The level and why it is this one, for the start-up log: `avx2 kernels (the best of this processor)`.
    public static var description: String {
        let best = available.last ?? chosen
        if !imprag_level_is_wanted() { return "\(chosen) kernels (the best of this processor)" }
        return "\(chosen) kernels (by \(variable)\(chosen == best ? "" : "; the best of this processor: \(best)"))"
    }

    /// Throws `invalidArgument` when `wanted`, the value of `variable`, names none that this processor can run.
    public static func check(_ wanted: String?) throws(ImpRAGError) {
        guard let wanted, !available.contains(wanted) else { return }
        throw ImpRAGError(
            .invalidArgument,
            "\(variable)=\(wanted) names no kernels that this processor can run; it can run "
                + available.joined(separator: ", "))
    }
}
