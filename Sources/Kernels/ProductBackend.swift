import CKernels
import COneDNN
import COpenBLAS
import Foundation

/// Who multiplies matrices.
public enum ProductBackend: Sendable, CaseIterable {
    /// float32 weights through OpenBLAS.
    case openBLAS
    /// bf16 weights through oneDNN.
    case oneDNN
    /// bf16 weights widened in blocks, then OpenBLAS: for processors without bf16 products. Rows that go in are
    /// rounded to bf16 all the same, so that answers stay comparable.
    case widenedOpenBLAS

    /// The best one for weights of this type on this machine.
    public static func best(for element: ElementType) -> ProductBackend {
        guard element == .bf16 else { return .openBLAS }
        return imprag_onednn_has_bf16() ? .oneDNN : .widenedOpenBLAS
    }

    /// Library, version and instruction set, for the start-up log.
    public var description: String {
        switch self {
        case .openBLAS: Self.openBLASName
        case .widenedOpenBLAS: "bf16 widened to float32, \(Self.openBLASName)"
        case .oneDNN:
            unsafe "oneDNN \(String(cString: imprag_onednn_version())) (\(String(cString: imprag_onednn_instructions())))"
        }
    }

    /// OpenBLAS works on the calling thread alone: our pool splits the work. Evaluated before the first product.
    static let openBLASIsSerial: Void = openblas_set_num_threads(1)

    private static var openBLASName: String {
        let words = unsafe String(cString: openblas_get_config()).split(separator: " ")
        let version = words.count > 1 ? words[1] : "?"
        let core = unsafe String(cString: openblas_get_corename())
        var name = "OpenBLAS \(version) (\(core))"
        if let forced = ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"], !forced.isEmpty {
            name += ", forced by OPENBLAS_CORETYPE=\(forced), which may halve its speed: unset it"
        }
        return name
    }

    /// The instruction set of our own loops, as in `avx512`.
    public static var loopInstructions: String {
        unsafe String(cString: imprag_kernels().pointee.name)
    }
}
