internal import OneLoggerCore

/// Which files of a folder other processes of the same job wrote, by the template of their names.
struct PathPattern: Sendable {
    private enum Part: Sendable {
        case literal([UInt8])
        case number(isPid: Bool)
    }

    /// The folder of the files.
    let folder: String
    private let parts: [Part]

    /// - Parameters:
    ///   - path: With `{pid}` and `{rank}`, which stand for any number in the file's name.
    ///   - resource: What other placeholders stand for.
    init(_ path: String, _ resource: Resource) {
        let slash = path.lastIndex(of: "/")
        let start = slash.map { path.index(after: $0) } ?? path.startIndex
        folder = slash.map { resource.expanding(String(path[...$0])) } ?? "."
        var parts: [Part] = [], rest = path[start...]
        func literal(_ text: Substring) {
            if !text.isEmpty { parts.append(.literal(Array(resource.expanding(String(text)).utf8))) }
        }
        while let found = Self.placeholder(rest) {
            literal(rest[..<found.range.lowerBound])
            parts.append(.number(isPid: found.isPid))
            rest = rest[found.range.upperBound...]
        }
        literal(rest)
        self.parts = parts
    }

    /// Whether a path's last part tells processes apart.
    static func holdsPid(_ path: String) -> Bool {
        PathPattern(path, Resource()).parts.contains { if case .number(true) = $0 { true } else { false } }
    }

    private static func placeholder(_ text: Substring) -> (range: Range<Substring.Index>, isPid: Bool)? {
        var place = text.startIndex
        while let open = text[place...].firstIndex(of: "{") {
            for (name, isPid) in [("{pid}", true), ("{rank}", false)] where text[open...].hasPrefix(name) {
                return (open..<text.index(open, offsetBy: name.count), isPid)
            }
            place = text.index(after: open)
        }
        return nil
    }

    /// The process id in a file's name, or in that of its temporary file; nil when the name is none of ours.
    func pid(in name: String) -> Int? {
        let bytes = Array(name.utf8)
        if let pid = pid(in: bytes[...]) { return pid }
        // NAME.PID.tmp
        guard name.hasSuffix(".tmp") else { return nil }
        let digits = bytes.dropLast(4).reversed().prefix { 48...57 ~= $0 }.count
        let end = bytes.count - 4 - digits - 1
        guard digits > 0, end > 0, bytes[end] == 46 else { return nil }
        return pid(in: bytes[..<end])
    }

    private func pid(in name: ArraySlice<UInt8>) -> Int? {
        var rest = name, pid: Int?
        for part in parts {
            switch part {
            case .literal(let bytes):
                guard rest.starts(with: bytes) else { return nil }
                rest = rest.dropFirst(bytes.count)
            case .number(let isPid):
                let digits = rest.prefix { 48...57 ~= $0 }
                rest = rest.dropFirst(digits.count)
                guard let number = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
                if isPid, number != pid ?? number { return nil }
                if isPid { pid = number }
            }
        }
        return rest.isEmpty ? pid : nil
    }
}
