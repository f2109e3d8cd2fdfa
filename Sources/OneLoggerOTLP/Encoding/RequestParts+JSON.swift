/// Walks through JSON that this module has written: no white space, names in a known order.
private struct JSONPlace {
    let bytes: [UInt8]
    var place = 0

    /// Steps over a text of the structure; false, and no step, when something else stands there.
    mutating func take(_ text: String) -> Bool {
        guard bytes[place...].starts(with: text.utf8) else { return false }
        place += text.utf8.count
        return true
    }

    /// Steps over a text in quotes, an object, a list, a number or a word; where it stands.
    mutating func value() -> Range<Int>? {
        let start = place
        var depth = 0
        repeat {
            guard place < bytes.count else { return nil }
            switch bytes[place] {
            case 34: guard text() else { return nil }
            case 91, 123:
                depth += 1
                place += 1
            case 93, 125:
                guard depth > 0 else { return nil }
                depth -= 1
                place += 1
            case 44,
                58 where depth > 0:
                place += 1
            default: guard word() else { return nil }
            }
        } while depth > 0
        return start..<place
    }

    private mutating func text() -> Bool {
        place += 1
        while place < bytes.count, bytes[place] != 34 { place += bytes[place] == 92 ? 2 : 1 }
        place += 1
        return place <= bytes.count
    }

    private mutating func word() -> Bool {
        let start = place
        while place < bytes.count, ![34, 44, 58, 91, 93, 123, 125].contains(bytes[place]) { place += 1 }
        return place > start
    }

    /// Steps over the elements of a list and its end.
    mutating func elements() -> [Range<Int>]? {
        var result: [Range<Int>] = []
        if take("]") { return result }
        repeat {
            guard let element = value() else { return nil }
            result.append(element)
        } while take(",")
        return take("]") ? result : nil
    }
}

extension OTLPMessage {
    /// The parts of a request with one resource and one scope, as the encoder makes it.
    func jsonParts(_ body: [UInt8]) -> RequestParts? {
        var at = JSONPlace(bytes: body)
        let names = signal.listNames
        guard at.take("{\"\(names.resources)\":[{"), let resource = member(&at, "resource"),
            at.take("\"\(names.scopes)\":[{"), let scope = member(&at, "scope"), at.take("\"\(names.items)\":["),
            let elements = at.elements(), at.take("}]}]}"), at.place == body.count
        else { return nil }
        var items: [RequestParts.Item] = []
        for element in elements {
            guard let item = signal == .metrics ? metric(element, body) : RequestParts.Item(range: element) else {
                return nil
            }
            items.append(item)
        }
        return RequestParts(resource: resource, scope: scope, items: items)
    }

    /// A member that a comma follows, with it.
    private func member(_ at: inout JSONPlace, _ name: String) -> [UInt8]? {
        let start = at.place
        guard at.take("\"\(name)\":"), at.value() != nil, at.take(",") else { return nil }
        return Array(at.bytes[start..<at.place])
    }

    private func metric(_ range: Range<Int>, _ body: [UInt8]) -> RequestParts.Item? {
        var at = JSONPlace(bytes: body)
        at.place = range.lowerBound
        guard at.take("{") else { return nil }
        while at.place < range.upperBound {
            guard at.value() != nil, at.take(":") else { return nil }
            if at.take("{\"dataPoints\":[") {
                let head = range.lowerBound..<at.place
                guard let points = at.elements(), let last = points.last else { return nil }
                return RequestParts.Item(
                    range: range, head: head, points: points, tail: last.upperBound..<range.upperBound)
            }
            guard at.value() != nil, at.take(",") else { return nil }
        }
        return nil
    }
}
