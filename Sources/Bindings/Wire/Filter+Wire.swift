import CWire
import Core

extension Filter: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__Filter>) throws(MalformedField) {
        try unsafe self.init(stored: stored, depth: 1)
        do throws(ImpRAGError) {
            try validate()
        } catch {
            throw MalformedField(error.message)
        }
    }

    /// - Parameter depth: this filter's depth, checked before its contents are read.
    private init(stored: UnsafePointer<Imprag__Filter>, depth: Int) throws(MalformedField) {
        guard depth <= Self.depthLimit else {
            throw MalformedField("the filter is nested deeper than \(Self.depthLimit) levels")
        }
        let stored = unsafe stored.pointee
        switch unsafe stored.condition_case {
        case IMPRAG__FILTER__CONDITION_EQUALS:
            guard let equals = unsafe stored.equals else { throw MalformedField("filter.equals is missing") }
            self = .equals(
                field: try unsafe checkedText(equals.pointee.field, "filter.equals.field"),
                try unsafe submessage(equals.pointee.value, "filter.equals.value"))
        case IMPRAG__FILTER__CONDITION_IS_ONE_OF:
            guard let isOneOf = unsafe stored.is_one_of else { throw MalformedField("filter.is_one_of is missing") }
            self = .isOneOf(
                field: try unsafe checkedText(isOneOf.pointee.field, "filter.is_one_of.field"),
                try unsafe messages(
                    isOneOf.pointee.values, isOneOf.pointee.n_values, limit: Self.nodeLimit, "filter.is_one_of.values"))
        case IMPRAG__FILTER__CONDITION_RANGE:
            guard let range = unsafe stored.range else { throw MalformedField("filter.range is missing") }
            self = .range(
                field: try unsafe checkedText(range.pointee.field, "filter.range.field"),
                lower: try unsafe optionalSubmessage(range.pointee.lower),
                upper: try unsafe optionalSubmessage(range.pointee.upper))
        case IMPRAG__FILTER__CONDITION_ALL:
            self = .all(try unsafe Self.list(stored.all, depth: depth, "filter.all"))
        case IMPRAG__FILTER__CONDITION_ANY:
            self = .any(try unsafe Self.list(stored.any, depth: depth, "filter.any"))
        case IMPRAG__FILTER__CONDITION_NEGATED:
            guard let negated = unsafe stored.negated else { throw MalformedField("filter.negated is missing") }
            self = .not(try unsafe Filter(stored: UnsafePointer(negated), depth: depth + 1))
        default:
            throw MalformedField(
                "the filter has no condition that protocol version \(Envelope.protocolVersion) knows")
        }
    }

    private static func list(
        _ list: UnsafeMutablePointer<Imprag__FilterList>?, depth: Int, _ field: StaticString
    ) throws(MalformedField) -> [Filter] {
        guard let list = unsafe list?.pointee else { throw MalformedField("\(field) is missing") }
        guard unsafe list.n_filters <= nodeLimit else {
            throw MalformedField("\(field) has \(unsafe list.n_filters) entries; \(nodeLimit) are allowed")
        }
        var filters: [Filter] = []
        for index in 0..<(unsafe list.n_filters) {
            guard let filter = unsafe list.filters?[index] else { throw MalformedField("\(field) has a hole") }
            filters.append(try unsafe Filter(stored: UnsafePointer(filter), depth: depth + 1))
        }
        return filters
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__Filter> {
        let stored = unsafe arena.make(imprag__filter__init)
        switch self {
        case .equals(let field, let value):
            let equals = unsafe arena.make(imprag__field_equals__init)
            unsafe equals.pointee.field = arena.bytes(of: field)
            unsafe equals.pointee.value = value.store(in: arena)
            unsafe stored.pointee.condition_case = IMPRAG__FILTER__CONDITION_EQUALS
            unsafe stored.pointee.equals = equals
        case .isOneOf(let field, let values):
            let isOneOf = unsafe arena.make(imprag__field_is_one_of__init)
            unsafe isOneOf.pointee.field = arena.bytes(of: field)
            unsafe isOneOf.pointee.n_values = values.count
            unsafe isOneOf.pointee.values = arena.array(values)
            unsafe stored.pointee.condition_case = IMPRAG__FILTER__CONDITION_IS_ONE_OF
            unsafe stored.pointee.is_one_of = isOneOf
        case .range(let field, let lower, let upper):
            let range = unsafe arena.make(imprag__field_range__init)
            unsafe range.pointee.field = arena.bytes(of: field)
            unsafe range.pointee.lower = lower?.store(in: arena)
            unsafe range.pointee.upper = upper?.store(in: arena)
            unsafe stored.pointee.condition_case = IMPRAG__FILTER__CONDITION_RANGE
            unsafe stored.pointee.range = range
        case .all(let filters):
            unsafe stored.pointee.condition_case = IMPRAG__FILTER__CONDITION_ALL
            unsafe stored.pointee.all = Self.store(filters, in: arena)
        case .any(let filters):
            unsafe stored.pointee.condition_case = IMPRAG__FILTER__CONDITION_ANY
            unsafe stored.pointee.any = Self.store(filters, in: arena)
        case .not(let filter):
            unsafe stored.pointee.condition_case = IMPRAG__FILTER__CONDITION_NEGATED
            unsafe stored.pointee.negated = filter.store(in: arena)
        }
        return unsafe stored
    }

    private static func store(_ filters: [Filter], in arena: Arena) -> UnsafeMutablePointer<Imprag__FilterList> {
        let list = unsafe arena.make(imprag__filter_list__init)
        unsafe list.pointee.n_filters = filters.count
        unsafe list.pointee.filters = arena.array(filters)
        return unsafe list
    }
}
