/// The kinds of failure, one set for the command line, the wire and every module.
///
/// The raw value is the spelling that users, logs and other languages see.
public enum ErrorCode: String, Sendable, CaseIterable {
    /// The caller sent something that can never work.
    case invalidArgument = "invalid_argument"
    /// Something that was named does not exist.
    case notFound = "not_found"
    /// Valid, but not in the current state: another model's vectors, an index that is not finished.
    case failedPrecondition = "failed_precondition"
    /// A named limit is reached: memory, a queue, a message size.
    case resourceExhausted = "resource_exhausted"
    /// The deadline that the caller set has passed.
    case deadlineExceeded = "deadline_exceeded"
    /// A node does not answer; the same request may work later.
    case unavailable
    /// The peer did not prove who it is.
    case unauthenticated
    /// The peer is known and may not do this.
    case permissionDenied = "permission_denied"
    /// The caller went away or cancelled.
    case cancelled
    /// Stored bytes are not what was written.
    case dataLoss = "data_loss"
    /// A bug.
    case `internal`
}
