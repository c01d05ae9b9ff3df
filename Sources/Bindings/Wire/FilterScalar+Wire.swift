import CWire
import Core

extension Filter.Scalar: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__FilterScalar>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        switch unsafe stored.value_case {
        case IMPRAG__FILTER_SCALAR__VALUE_TEXT: self = .string(try unsafe checkedText(stored.text, "filter value"))
        case IMPRAG__FILTER_SCALAR__VALUE_NUMBER: self = .number(Number(unsafe stored.number))
        case IMPRAG__FILTER_SCALAR__VALUE_INTEGER: self = .number(Number(unsafe stored.integer))
        default: throw MalformedField("the filter compares with a value that is neither text nor number")
        }
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__FilterScalar> {
        let stored = unsafe arena.make(imprag__filter_scalar__init)
        switch self {
        case .string(let text):
            unsafe stored.pointee.value_case = IMPRAG__FILTER_SCALAR__VALUE_TEXT
            unsafe stored.pointee.text = arena.bytes(of: text)
        case .number(let number):
            if let integer = number.onlyInteger {
                unsafe stored.pointee.value_case = IMPRAG__FILTER_SCALAR__VALUE_INTEGER
                unsafe stored.pointee.integer = integer
            } else {
                unsafe stored.pointee.value_case = IMPRAG__FILTER_SCALAR__VALUE_NUMBER
                unsafe stored.pointee.number = number.nearest
            }
        }
        return unsafe stored
    }
}
