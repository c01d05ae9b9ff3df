import CMicrohttpd
public import Core
import Platform
import Synchronization

/// What a server proves by TLS who it is with: a chain of certificates and the key of the first, in two PEM files.
/// Connections that begin after a file has been replaced get what is there then, once it has been seen to fit.
// Sendable: `raw` is made and freed once, and C locks what it points to.
@safe public final class HTTPServerIdentity: @unchecked Sendable {
    private struct State {
        var stamps: [FileStamp?]
        var problem: String?
    }

    let raw: UnsafeMutablePointer<imprag_http_identity>
    private let certificatePath: String
    private let keyPath: String
    private let state: Mutex<State>

    /// The most bytes of each file.
    private static let byteLimit = 256 << 10

    /// Reads both files.
    ///
    /// - Throws: `notFound`, `permissionDenied` for a key that every user may read, `invalidArgument` for what is no
    ///   PEM or does not fit, `failedPrecondition` for a certificate that is not valid now.
    public init(certificatePath: String, keyPath: String) throws(ImpRAGError) {
        self.certificatePath = certificatePath
        self.keyPath = keyPath
        let files = try Self.files(certificatePath, keyPath)
        unsafe raw = imprag_http_identity_make()
        state = Mutex(State(stamps: files.map(\.stamp)))
        set(files)
    }

    deinit {
        unsafe imprag_http_identity_free(raw)
    }

    /// Reads the files again if one of them has changed. True when another certificate counts now. What is there and
    /// cannot be used is told to `problem`, once, and the one before goes on counting.
    @discardableResult
    public func refresh(problem: (ImpRAGError) -> Void) -> Bool {
        let stamps = [certificatePath, keyPath].map(SmallFile.stamp)
        guard state.withLock({ $0.stamps != stamps }) else { return false }
        do throws(ImpRAGError) {
            let files = try Self.files(certificatePath, keyPath)
            set(files)
            state.withLock { $0 = State(stamps: files.map(\.stamp)) }
            return true
        } catch {
            let isNews = state.withLock { state in
                defer { state = State(stamps: stamps, problem: error.message) }
                return state.problem != error.message
            }
            if isNews { problem(error) }
            return false
        }
    }

    private func set(_ files: [SmallFile]) {
        unsafe files[0].bytes.withUnsafeBytes { certificates in
            unsafe files[1].bytes.withUnsafeBytes { key in
                unsafe imprag_http_identity_set(
                    raw, certificates.baseAddress, certificates.count, key.baseAddress, key.count)
            }
        }
    }

    /// The certificates' file and the key's, which fit.
    private static func files(_ certificatePath: String, _ keyPath: String) throws(ImpRAGError) -> [SmallFile] {
        let certificate = try SmallFile(path: certificatePath, limit: byteLimit)
        let key = try SmallFile(path: keyPath, limit: byteLimit)
        guard !key.isPublic else {
            throw ImpRAGError(
                .permissionDenied, "every user of this machine may read the key \(keyPath); `chmod 600` it")
        }
        var (begins, ends): (Int64, Int64) = (0, 0)
        let result = unsafe certificate.bytes.withUnsafeBytes { certificates in
            unsafe key.bytes.withUnsafeBytes { key in
                unsafe imprag_http_identity_check(
                    certificates.baseAddress, certificates.count, key.baseAddress, key.count, &begins, &ends)
            }
        }
        guard result == 0 else {
            let reason = unsafe String(cString: gnutls_strerror(result))
            throw ImpRAGError(
                .invalidArgument,
                "\(certificatePath) and \(keyPath) are no certificates in PEM, the server's first, and its key without a "
                    + "passphrase: \(reason)")
        }
        let now = WallTime.now.nanoseconds / 1_000_000_000
        guard begins <= now, now < ends else {
            let time = WallTime(nanoseconds: (now < begins ? begins : ends) * 1_000_000_000)
            throw ImpRAGError(
                .failedPrecondition,
                "the certificate of \(certificatePath) \(now < begins ? "is not valid before" : "has expired at") \(time)"
            )
        }
        return [certificate, key]
    }
}
