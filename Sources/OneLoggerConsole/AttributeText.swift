internal import OneLoggerCore
internal import OneLoggerText

/// Attributes as `key=value`, separated by spaces.
struct AttributeText: Sendable {
    let style: Style
    let safe: SafeText

    /// `  key=value key=value`, or nothing.
    func list(_ attributes: Attributes) -> String {
        attributes.isEmpty ? "" : "  " + attributes.map { pair($0.key, value($0.value)) }.joined(separator: " ")
    }

    func pair(_ key: String, _ value: String) -> String { style.paint(safe.value(key) + "=", .faint) + value }

    func value(_ view: borrowing AttributeView) -> String {
        switch view.kind {
        case .int: String(view.int)
        case .double: NumberText.short(view.double)
        case .bool: view.bool ? "true" : "false"
        case .string: safe.value(String(copying: view.text))
        case .list: value(view.value)
        }
    }

    func value(_ value: AttributeValue) -> String {
        switch value {
        case .string(let text): safe.value(text)
        case .bool(let truth): truth ? "true" : "false"
        case .int(let number): String(number)
        case .double(let number): NumberText.short(number)
        case .strings(let texts): list(texts) { safe.value($0) }
        case .bools(let truths): list(truths) { $0 ? "true" : "false" }
        case .ints(let numbers): list(numbers) { String($0) }
        case .doubles(let numbers): list(numbers) { NumberText.short($0) }
        }
    }

    /// `[1,2,3]`; elements that would make it longer than a value may be become `…`.
    private func list<T>(_ values: [T], _ text: (T) -> String) -> String {
        var result = "["
        for (place, value) in values.enumerated() {
            let element = text(value)
            if place > 0 { result += "," }
            guard result.unicodeScalars.count + element.unicodeScalars.count < safe.limit else {
                return result + safe.ellipsis + "]"
            }
            result += element
        }
        return result + "]"
    }
}
