public import OneLoggerCore

/// Values of any shape. Unlike the writers of single parts, these make room themselves.
extension JSONWriter {
    /// Seconds since 1970 with nine digits behind the point.
    @usableFromInline @inline(never)
    package mutating func seconds(_ time: Timestamp) {
        let (whole, rest) = time.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        decimal(whole)
        let point = count
        decimal(1_000_000_000 + rest)
        overwrite(46, at: point)  // the one in front becomes the point
    }

    /// `"name":value`; makes room itself.
    package mutating func member(_ attribute: borrowing AttributeView) {
        reserve(attribute.length * 12 + 96)
        reservedMember(attribute)
    }

    /// The same where there is room: six times what the attribute occupies, lists too.
    package mutating func reservedMember(_ attribute: borrowing AttributeView) {
        text(attribute.key)
        byte(58)
        switch attribute.kind {
        case .int: integer(attribute.int)
        case .double: number(attribute.double)
        case .bool: raw(attribute.bool ? "true" : "false")
        case .string: text(attribute.text)
        case .list: value(attribute.value)
        }
    }

    /// A value of any shape; makes room itself.
    package mutating func value(_ value: AttributeValue) {
        switch value {
        case .string(let text): self.text(text)
        case .bool(let truth):
            reserve(5)
            raw(truth ? "true" : "false")
        case .int(let number):
            reserve(20)
            integer(number)
        case .double(let number):
            reserve(32)
            self.number(number)
        case .strings(let texts): list(texts) { $0.text($1) }
        case .bools(let truths): list(truths) { $0.raw($1 ? "true" : "false") }
        case .ints(let numbers): list(numbers) { $0.integer($1) }
        case .doubles(let numbers): list(numbers) { $0.number($1) }
        }
    }

    private mutating func list<T>(_ elements: [T], _ element: (inout JSONWriter, T) -> Void) {
        reserve(2)
        byte(91)
        for (place, value) in elements.enumerated() {
            reserve(34)  // a comma and a number; a text makes its own room
            if place > 0 { byte(44) }
            element(&self, value)
        }
        reserve(1)
        byte(93)
    }

    /// `{"name":value,…}`; makes room itself.
    package mutating func object(_ attributes: Attributes) {
        reserve(2)
        byte(123)
        for (place, element) in attributes.enumerated() {
            if place > 0 { byte(44) }
            text(element.key)
            reserve(2)
            byte(58)
            value(element.value)
            reserve(2)
        }
        byte(125)
    }
}
