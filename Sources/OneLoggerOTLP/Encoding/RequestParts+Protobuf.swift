/// Reads the fields of one protobuf message, as far as they are well formed.
struct ProtobufFields {
    struct Field {
        var number: Int
        var type: UInt8
        /// With tag and length.
        var range: Range<Int>
        /// Without them.
        var content: Range<Int>
    }

    let bytes: [UInt8]
    let end: Int
    private var place: Int

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        place = range.lowerBound
        end = range.upperBound
    }

    /// All fields; nil when something is not well formed.
    static func all(_ bytes: [UInt8], _ range: Range<Int>) -> [Field]? {
        var reader = ProtobufFields(bytes, range), result: [Field] = []
        while reader.place < reader.end {
            guard let field = reader.next() else { return nil }
            result.append(field)
        }
        return result
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0, shift: UInt64 = 0
        while place < end, shift < 64 {
            let byte = bytes[place]
            place += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }

    private mutating func next() -> Field? {
        let start = place
        guard let tag = varint(), let number = Int(exactly: tag >> 3) else { return nil }
        let size: UInt64
        switch tag & 7 {
        case 0:
            let content = place
            guard varint() != nil else { return nil }
            return Field(number: number, type: 0, range: start..<place, content: content..<place)
        case 1: size = 8
        case 5: size = 4
        case 2:
            guard let count = varint() else { return nil }
            size = count
        default: return nil
        }
        guard size <= UInt64(end - place) else { return nil }
        let content = place..<place + Int(size)
        place = content.upperBound
        return Field(number: number, type: UInt8(tag & 7), range: start..<place, content: content)
    }
}

extension OTLPMessage {
    /// The parts of a request with one resource and one scope, as the encoder makes it.
    func protobufParts(_ body: [UInt8]) -> RequestParts? {
        guard let request = ProtobufFields.all(body, 0..<body.count), request.count == 1, request[0].isMessage(1),
            let outer = ProtobufFields.all(body, request[0].content), outer.count == 2,
            outer[0].isMessage(1), outer[1].isMessage(2),
            let inner = ProtobufFields.all(body, outer[1].content), let scope = inner.first, scope.isMessage(1)
        else { return nil }
        var items: [RequestParts.Item] = []
        for field in inner.dropFirst() {
            guard field.isMessage(2) else { return nil }
            guard let item = signal == .metrics ? metric(field, body) : RequestParts.Item(range: field.range) else {
                return nil
            }
            items.append(item)
        }
        return RequestParts(resource: Array(body[outer[0].range]), scope: Array(body[scope.range]), items: items)
    }

    private func metric(_ field: ProtobufFields.Field, _ body: [UInt8]) -> RequestParts.Item? {
        guard let parts = ProtobufFields.all(body, field.content), let data = parts.last,
            [5, 7, 9, 10].contains(data.number),
            data.type == 2, let content = ProtobufFields.all(body, data.content)
        else { return nil }
        let points = content.prefix { $0.isMessage(1) }.map(\.range)
        guard let last = points.last else { return nil }
        return RequestParts.Item(
            range: field.range, head: field.content.lowerBound..<data.range.lowerBound,
            tag: body[data.range.lowerBound],
            points: points, tail: last.upperBound..<data.content.upperBound)
    }
}

extension ProtobufFields.Field {
    fileprivate func isMessage(_ number: Int) -> Bool { self.number == number && type == 2 }
}
