import Core
import Foundation

/// An error as people read it: of one of Foundation's, only what the system said.
func plainText(of error: any Error) -> String {
    guard let error = error as? ImpRAGError else { return systemReason(error) ?? "\(error)" }
    guard let cause = error.cause, let reason = systemReason(cause) else { return error.description }
    return "\(error.code.rawValue): \(error.message) (\(reason))"
}

/// What the system said where Foundation failed, as in `Not a directory`; nil for an error that is not Foundation's.
private func systemReason(_ error: any Error) -> String? {
    guard let error = error as? CocoaError else { return nil }
    let system = (error.underlying ?? error) as NSError
    return system.localizedFailureReason ?? system.localizedDescription
}
