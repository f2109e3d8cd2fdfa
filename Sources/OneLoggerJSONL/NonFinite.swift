internal import OneLoggerCore
internal import OneLoggerText

/// Numbers for which JSON has no text: null where they stand, and listed with what they were in `attributes.non_finite`.
///
/// An entry is `field=NaN`, `field[3]=Infinity` for the element of a list, or `attributes.name=-Infinity` for an attribute.
enum NonFinite {
    static let key = "non_finite"

    // MARK: writing

    /// The entries of one value.
    static func entries(_ name: String, _ value: AttributeValue?) -> [String] {
        switch value {
        case .double(let number) where !number.isFinite: ["\(name)=\(text(number))"]
        case .doubles(let numbers):
            numbers.enumerated().filter { !$0.element.isFinite }.map { "\(name)[\($0.offset)]=\(text($0.element))" }
        default: []
        }
    }

    /// The attributes, and behind them the entries of those that JSON cannot hold, and more.
    static func listed(_ attributes: Attributes, and more: [String] = []) -> Attributes {
        let list = attributes.flatMap { entries("attributes.\($0.key)", $0.value) } + more
        guard !list.isEmpty else { return attributes }
        var result = attributes
        result[key] = .strings(list)
        return result
    }

    private static func text(_ number: Double) -> String {
        number.isNaN ? "NaN" : number > 0 ? "Infinity" : "-Infinity"
    }

    // MARK: reading

    private struct Entry {
        var index: Int?
        var number: Double
    }

    /// The line with its numbers where they were; unchanged when an entry is none, or names no null.
    static func restored(_ line: JSONValue) -> JSONValue {
        guard case .object(let members) = line, case .object(let attributes)? = line["attributes"],
            case .array(let list)? = line["attributes"]?[key]
        else { return line }
        var wanted: [String: [Entry]] = [:]
        for element in list {
            guard let (name, entry) = entry(element.string) else { return line }
            wanted[name, default: []].append(entry)
        }
        var left = list.count
        func put(_ member: JSONValue.Member, _ prefix: String) -> JSONValue.Member {
            var member = member
            let name = prefix + member.name
            switch member.value {
            case .null:
                // A name may look like that of a list's element.
                guard let (name, own) = entry(name + "=NaN"),
                    let found = wanted[name]?.first(where: { $0.index == own.index })
                else { break }
                member.value = .double(found.number)
                left -= 1
            case .array(var elements):
                for entry in wanted[name + "["] ?? [] {
                    guard let index = entry.index, elements.indices.contains(index), case .null = elements[index] else {
                        continue
                    }
                    elements[index] = .double(entry.number)
                    left -= 1
                }
                member.value = .array(elements)
            default: break
            }
            return member
        }
        let restored = attributes.filter { $0.name != key }.map { put($0, "attributes.") }
        let result = members.map { member in
            member.name == "attributes" ? .init(name: member.name, value: .object(restored)) : put(member, "")
        }
        return left == 0 ? .object(result) : line
    }

    /// What an entry says; for the element of a list the name ends in a bracket.
    private static func entry(_ text: String?) -> (String, Entry)? {
        guard let text, let sign = text.lastIndex(of: "="), let number = number(text[text.index(after: sign)...]) else {
            return nil
        }
        let name = text[..<sign]
        if name.last == "]", let open = name.lastIndex(of: "["),
            let index = Int(name[name.index(after: open)...].dropLast())
        {
            return (String(name[...open]), Entry(index: index, number: number))
        }
        return (String(name), Entry(number: number))
    }

    private static func number(_ text: Substring) -> Double? {
        switch text {
        case "NaN": .nan
        case "Infinity": .infinity
        case "-Infinity": -.infinity
        default: nil
        }
    }
}
