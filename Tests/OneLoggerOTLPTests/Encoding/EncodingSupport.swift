import Foundation
import OneLoggerCore
import OneLoggerTestSupport

@testable import OneLoggerOTLP

extension OTLPEncoder {
    /// The requests of one batch, made by an encoder of its own.
    static func messages(
        _ batch: Batch, _ format: OTLPFormat = .protobuf, _ limits: Limits = Limits(),
        signals: Set<OTLPSignal> = Set(OTLPSignal.allCases)
    ) -> [OTLPMessage] {
        var encoder = OTLPEncoder(format: format, signals: signals, limits: limits, resource: batch.resource)
        return encoder.messages(batch)
    }
}

/// Requests on their way to `otlp_check.py`.
struct OfficialCheck {
    private let folder = TemporaryFolder()

    /// Adds a request as `NAME.SIGNAL.pb` or `NAME.SIGNAL.json`.
    func add(_ message: OTLPMessage, _ name: String) throws {
        let path = folder("\(name).\(message.signal).\(message.format == .json ? "json" : "pb")")
        try Data(message.body).write(to: URL(fileURLWithPath: path))
    }

    /// Adds all requests, each under its number, and the halves of each.
    func add(_ messages: [OTLPMessage]) throws {
        for (place, message) in messages.enumerated() {
            try add(message, "\(place)")
            guard let halves = message.split() else { continue }
            try add(halves.0, "\(place)+1")
            try add(halves.1, "\(place)+2")
        }
    }

    /// What the official parser says: its problems, and how many requests it has seen.
    func run() throws -> String {
        let process = try ChildProcess(python, ["\(packageFolder)/Tests/Helpers/otlp_check.py", folder.path])
        return process.finish().output.trimmingCharacters(in: .newlines)
    }

    /// The content of a request, as the official parser understood it; ``run()`` comes first.
    func dump(_ name: String, _ signal: OTLPSignal) throws -> JSON {
        try JSON(folder.text("\(name).\(signal).dump"))
    }
}

/// JSON for comparing: numbers as texts, names in order.
struct JSON: Equatable, CustomStringConvertible {
    private let value: NSObject

    init(_ value: Any) {
        self.value = (value as? NSObject) ?? NSNull()
    }

    init(_ text: String) throws {
        self.init(try JSONSerialization.jsonObject(with: Data(text.utf8)))
    }

    init(_ bytes: [UInt8]) throws {
        self.init(try JSONSerialization.jsonObject(with: Data(bytes)))
    }

    subscript(name: String) -> JSON { JSON((value as? [String: Any])?[name] ?? NSNull()) }
    subscript(place: Int) -> JSON {
        JSON(elements.indices.contains(place) ? (value as? [Any])?[place] as Any : NSNull())
    }
    var elements: [JSON] { (value as? [Any])?.map { JSON($0) } ?? [] }
    func with(_ name: String, _ field: Any) -> JSON {
        var fields = (value as? [String: Any]) ?? [:]
        fields[name] = field
        return JSON(fields)
    }
    var isNull: Bool { value is NSNull }
    var text: String? { value as? String }

    /// The attributes of a message as `key` to the content of `value`.
    var attributes: [String: JSON] {
        Dictionary(uniqueKeysWithValues: self["attributes"].elements.map { ($0["key"].text ?? "", $0["value"]) })
    }

    /// What a request holds: spans, log records or metrics.
    var items: [JSON] {
        for names in OTLPSignal.allCases.map(\.listNames) {
            let scopes = self["\(names.resources)"].elements.flatMap { $0["\(names.scopes)"].elements }
            if !scopes.isEmpty { return scopes.flatMap { $0["\(names.items)"].elements } }
        }
        return []
    }

    /// The resource of a request.
    var resource: JSON {
        for names in OTLPSignal.allCases.map(\.listNames) where !self["\(names.resources)"].isNull {
            return self["\(names.resources)"][0]["resource"]
        }
        return JSON(NSNull())
    }

    var description: String { Self.text(value) }

    /// Numbers to twelve digits: Foundation's parser is not exact, and the official check is.
    ///
    /// Empty texts and lists that only JSON has are left out.
    private static func text(_ value: Any) -> String {
        switch value {
        case let fields as [String: Any]:
            "{"
                + fields.filter { !isNothing($0.key, $0.value) }.sorted { $0.key < $1.key }
                .map { "\"\($0.key)\":\(text($0.value))" }.joined(separator: ",") + "}"
        case let elements as [Any]: "[" + elements.map(text).joined(separator: ",") + "]"
        case let text as String: "\"\(text)\""
        case let number as NSNumber: String(format: "%.12g", number.doubleValue)
        default: "null"
        }
    }

    private static func isNothing(_ name: String, _ value: Any) -> Bool {
        name == "key" && value as? String == "" || name == "values" && (value as? [Any])?.isEmpty == true
    }

    static func == (left: JSON, right: JSON) -> Bool { left.description == right.description }
}
