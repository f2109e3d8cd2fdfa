internal import CYAML

/// libyaml's event stream over one text.
///
/// Owns the C parser and the bytes that it points into: `~Copyable` gives both exactly one owner, and `deinit` frees
/// them on every path, a thrown error included. The only file that imports `CYAML`.
@safe struct YAMLEvents: ~Copyable {
    /// A line and a column, counted from 1.
    struct Place: Equatable {
        var line: Int
        var column: Int
    }

    /// What may come next in a text.
    enum Kind: Equatable {
        case documentStart(isExplicit: Bool, hasDirectives: Bool)
        case documentEnd
        case mappingStart(isFlow: Bool)
        case mappingEnd
        case sequenceStart(isFlow: Bool)
        case sequenceEnd
        case scalar(String, isPlain: Bool)
        case alias
        case end
    }

    /// One step through a text.
    struct Event {
        var kind: Kind
        var start: Place
        var end: Place
        var hasAnchor = false
        var hasTag = false
    }

    /// Why libyaml stopped, in its own words.
    struct Failure: Error {
        var problem: String
        var context: String
        var place: Place
        /// Where the thing began that could not be finished.
        var contextPlace: Place?
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private let isReady: Bool

    /// Starts at the beginning of UTF-8 `text`.
    init(_ text: [UInt8]) {
        unsafe parser = .allocate(capacity: 1)
        unsafe bytes = .allocate(capacity: text.count)
        _ = unsafe bytes.initialize(from: text)
        isReady = unsafe yaml_parser_initialize(parser) == 1
        if isReady {
            unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
            unsafe yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
        }
    }

    deinit {
        if isReady { unsafe yaml_parser_delete(parser) }
        unsafe parser.deallocate()
        unsafe bytes.deallocate()
    }

    /// The next step; ``Kind/end`` for ever once the text is over.
    mutating func next() throws(Failure) -> Event {
        guard isReady else {
            throw Failure(problem: "out of memory", context: "", place: Place(line: 1, column: 1))
        }
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw failure }
        defer { unsafe yaml_event_delete(&event) }
        guard unsafe event.type != YAML_STREAM_START_EVENT else { return try next() }
        return unsafe Self.copy(event)
    }

    private static func copy(_ event: yaml_event_t) -> Event {
        var result = unsafe Event(kind: .end, start: Place(event.start_mark), end: Place(event.end_mark))
        switch unsafe event.type {
        case YAML_DOCUMENT_START_EVENT:
            let start = unsafe event.data.document_start
            let hasTags = unsafe start.tag_directives.start != start.tag_directives.end
            let isOld = unsafe start.version_directive.map { unsafe $0.pointee.minor != 2 } ?? false
            result.kind = .documentStart(isExplicit: unsafe start.implicit == 0, hasDirectives: hasTags || isOld)
        case YAML_DOCUMENT_END_EVENT: result.kind = .documentEnd
        case YAML_ALIAS_EVENT: result.kind = .alias
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            let text = unsafe String(
                decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            result.kind = .scalar(text, isPlain: unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE)
            result.hasAnchor = unsafe scalar.anchor != nil
            result.hasTag = unsafe scalar.tag != nil
        case YAML_SEQUENCE_START_EVENT:
            let sequence = unsafe event.data.sequence_start
            result.kind = .sequenceStart(isFlow: unsafe sequence.style == YAML_FLOW_SEQUENCE_STYLE)
            result.hasAnchor = unsafe sequence.anchor != nil
            result.hasTag = unsafe sequence.tag != nil
        case YAML_SEQUENCE_END_EVENT: result.kind = .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            let mapping = unsafe event.data.mapping_start
            result.kind = .mappingStart(isFlow: unsafe mapping.style == YAML_FLOW_MAPPING_STYLE)
            result.hasAnchor = unsafe mapping.anchor != nil
            result.hasTag = unsafe mapping.tag != nil
        case YAML_MAPPING_END_EVENT: result.kind = .mappingEnd
        default: break
        }
        return result
    }

    private var failure: Failure {
        let state = unsafe parser.pointee
        let context = unsafe state.context.map { unsafe String(cString: $0) } ?? ""
        return unsafe Failure(
            problem: state.problem.map { unsafe String(cString: $0) } ?? "unreadable", context: context,
            place: Place(state.problem_mark), contextPlace: context.isEmpty ? nil : Place(state.context_mark))
    }
}

extension YAMLEvents.Place {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}
