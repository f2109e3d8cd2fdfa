/// What a client asks for, read from the head of its request.
struct ScrapeRequest: Equatable {
    /// What the answer is.
    enum Answer: Equatable {
        case metrics(PrometheusExporter.Format)
        case badRequest, notFound, notAllowed
    }

    let answer: Answer
    /// For HEAD: the same answer without its body.
    let wantsBody: Bool

    /// - Parameter head: All up to the empty line.
    init(head: [UInt8]) {
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: true)
        let words = (lines.first ?? "").split(separator: " ", omittingEmptySubsequences: false)
        wantsBody = words.first != "HEAD"
        guard words.count == 3, !words[0].isEmpty, words[0].utf8.allSatisfy({ 65...90 ~= $0 }),
            words[1].hasPrefix("/"), words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0",
            let fields = Self.fields(lines.dropFirst()),
            words[2] == "HTTP/1.0" || fields.contains(where: { $0.0 == "host" })
        else {
            answer = .badRequest
            return
        }
        guard words[1].prefix(while: { $0 != "?" }) == "/metrics" else {
            answer = .notFound
            return
        }
        guard words[0] == "GET" || words[0] == "HEAD" else {
            answer = .notAllowed
            return
        }
        answer = .metrics(Self.format(fields.filter { $0.0 == "accept" }.map(\.1).joined(separator: ",")))
    }

    private static func fields(_ lines: ArraySlice<Substring>) -> [(String, String)]? {
        var fields: [(String, String)] = []
        for line in lines {
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex,
                !line[..<colon].contains(where: \.isWhitespace)
            else { return nil }
            fields.append((line[..<colon].lowercased(), String(line[line.index(after: colon)...])))
        }
        return fields
    }

    /// OpenMetrics only for those who name it, and do not like the text format better.
    static func format(_ accept: String) -> PrometheusExporter.Format {
        var openMetrics = 0.0, text = 0.0
        for choice in accept.split(separator: ",") {
            let parts = choice.split(separator: ";").map { trimmed($0).lowercased() }
            var weight = 1.0, isKnown = true
            for part in parts.dropFirst() {
                if part.hasPrefix("q=") { weight = Double(part.dropFirst(2)) ?? 0 }
                if part.hasPrefix("version="), parts[0] == "application/openmetrics-text" {
                    isKnown = ["1.0.0", "0.0.1", "\"1.0.0\"", "\"0.0.1\""].contains(part.dropFirst(8))
                }
            }
            switch parts.first {
            case "application/openmetrics-text" where isKnown: openMetrics = max(openMetrics, weight)
            case "text/plain", "text/*", "*/*": text = max(text, weight)
            default: break
            }
        }
        return openMetrics > 0 && openMetrics >= text ? .openMetrics : .text
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let front = text.drop { $0 == " " || $0 == "\t" }
        return front.prefix(front.count - front.reversed().prefix { $0 == " " || $0 == "\t" }.count)
    }
}
