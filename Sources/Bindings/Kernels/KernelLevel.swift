import CKernels
public import Core

/// The levels of instructions that there are kernels for.
public enum KernelLevel {
    /// The environment variable that names one.
    public static let variable = "IMPRAG_KERNELS"

    /// Those that this processor can run, the portable one first.
    public static let available: [String] = {
        var names: [String] = []
        while let name = unsafe imprag_level_at(names.count) { names.append(unsafe String(cString: name)) }
        return names.reversed().filter { unsafe imprag_level_runs($0) }
    }()

    /// The one that all kernels of this process are of.
    public static var chosen: String { unsafe String(cString: imprag_level()) }

    /// Throws `invalidArgument` when `wanted`, the value of `variable`, names none that this processor can run.
    public static func check(_ wanted: String?) throws(ImpRAGError) {
        guard let wanted, !available.contains(wanted) else { return }
        throw ImpRAGError(
            .invalidArgument,
            "\(variable)=\(wanted) names no kernels that this processor can run; it can run "
                + available.joined(separator: ", "))
    }
}
