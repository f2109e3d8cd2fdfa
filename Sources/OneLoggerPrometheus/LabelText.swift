internal import OneLoggerCore

/// A label that every line of a text carries.
struct ConstantLabel: Hashable {
    let name: String
    let value: String
}

/// Labels as they stand between braces: `rank="0",span_name="train.step"`.
enum LabelText {
    /// Makes the labels of one series, in the order of their names.
    ///
    /// Attributes whose names become the same label share it, their values joined by `;` in the order of the
    /// attributes' names. One that would hide a label of ours is called `exported_…`. Prometheus takes a label
    /// without a value for none, so there is none.
    ///
    /// - Parameters:
    ///   - attributes: What the series is told apart by.
    ///   - constants: The labels that every line has, written elsewhere.
    ///   - reserved: Another name that is ours, such as `le`.
    /// - Returns: What stands between the braces; empty when there are no labels.
    static func text(_ attributes: Attributes, constants: [ConstantLabel] = [], reserved: String = "") -> String {
        guard !attributes.isEmpty else { return "" }
        var labels: [(name: String, key: String, value: String)] = []
        for (key, attribute) in attributes {
            let value = attribute.description
            var name = NameText.label(key)
            let constant = constants.first { $0.name == name }
            if value.isEmpty || value == constant?.value { continue }
            if constant != nil || name == reserved { name = "exported_\(name)" }
            labels.append((name, key, value))
        }
        labels.sort { ($0.name, $0.key) < ($1.name, $1.key) }
        var bytes: [UInt8] = []
        for (place, label) in labels.enumerated() {
            if place > 0, labels[place - 1].name == label.name {
                bytes.removeLast()
                bytes.append(59)
            } else {
                if place > 0 { bytes.append(44) }
                bytes += label.name.utf8
                bytes += [61, 34]
            }
            escape(label.value, into: &bytes, quotes: true)
            bytes.append(34)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The text of constant labels, in the order of their names.
    static func text(_ constants: [ConstantLabel]) -> String {
        text(Attributes(constants.map { ($0.name, .string($0.value)) }))
    }

    /// A `HELP` text: on one line, and never empty.
    static func help(_ text: String, for name: String, quotes: Bool) -> String {
        var bytes: [UInt8] = []
        escape(text.allSatisfy(\.isWhitespace) ? "The metric \(name)." : text, into: &bytes, quotes: quotes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Backslashes, line ends and quotes; a zero byte, at which Prometheus stops reading, becomes U+FFFD.
    private static func escape(_ text: String, into bytes: inout [UInt8], quotes: Bool) {
        for byte in text.utf8 {
            switch byte {
            case 92: bytes += [92, 92]
            case 10: bytes += [92, 110]
            case 34 where quotes: bytes += [92, 34]
            case 0: bytes += [0xef, 0xbf, 0xbd]
            default: bytes.append(byte)
            }
        }
    }
}
