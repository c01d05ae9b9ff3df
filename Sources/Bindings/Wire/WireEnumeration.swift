import CWire
import Core

/// An enumeration that is sent as one of the generated enum numbers.
protocol WireEnumeration: CaseIterable {
    associatedtype Stored: RawRepresentable<UInt32>
    var stored: Stored { get }
}

extension WireEnumeration {
    /// Throws for a number that this protocol version does not know, and for "unspecified".
    init(stored: Stored, _ field: StaticString) throws(MalformedField) {
        guard let value = Self.allCases.first(where: { $0.stored.rawValue == stored.rawValue }) else {
            throw MalformedField(
                "\(field) is \(stored.rawValue), which protocol version \(Envelope.protocolVersion) does not know")
        }
        self = value
    }
}

extension ErrorCode: WireEnumeration {
    var stored: Imprag__ErrorCode {
        switch self {
        case .invalidArgument: IMPRAG__ERROR_CODE__INVALID_ARGUMENT
        case .notFound: IMPRAG__ERROR_CODE__NOT_FOUND
        case .failedPrecondition: IMPRAG__ERROR_CODE__FAILED_PRECONDITION
        case .resourceExhausted: IMPRAG__ERROR_CODE__RESOURCE_EXHAUSTED
        case .deadlineExceeded: IMPRAG__ERROR_CODE__DEADLINE_EXCEEDED
        case .unavailable: IMPRAG__ERROR_CODE__UNAVAILABLE
        case .unauthenticated: IMPRAG__ERROR_CODE__UNAUTHENTICATED
        case .permissionDenied: IMPRAG__ERROR_CODE__PERMISSION_DENIED
        case .cancelled: IMPRAG__ERROR_CODE__CANCELLED
        case .dataLoss: IMPRAG__ERROR_CODE__DATA_LOSS
        case .internal: IMPRAG__ERROR_CODE__INTERNAL
        }
    }
}

extension PassageEncoding: WireEnumeration {
    var stored: Imprag__PassageEncoding {
        switch self {
        case .concatenated: IMPRAG__PASSAGE_ENCODING__CONCATENATED
        case .segmented: IMPRAG__PASSAGE_ENCODING__SEGMENTED
        case .independent: IMPRAG__PASSAGE_ENCODING__INDEPENDENT
        }
    }
}

extension PassageEncoding {
    /// Nil for the number that means "the model's default".
    init?(unlessDefault stored: Imprag__PassageEncoding, _ field: StaticString) throws(MalformedField) {
        guard stored != IMPRAG__PASSAGE_ENCODING__PASSAGE_ENCODING_DEFAULT else { return nil }
        try self.init(stored: stored, field)
    }
}
