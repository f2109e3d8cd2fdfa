internal import OneLoggerCore
internal import OneLoggerText

/// Reads a recording line by line, in bounded memory.
///
/// One bad line spoils nothing else: it is reported and skipped. Unknown record types and unknown fields are accepted,
/// and so are the files that Python's nv-one-logger writes. A line may hold 16 MiB.
///
///     var reader = try JSONLReader(path: "telemetry.jsonl")
///     while let line = try reader.next() {
///         if case .record(let record) = line.content { … }
///     }
public struct JSONLReader: Sendable, ~Copyable {
    private var source: LineSource
    private var lineNumber = 0
    /// The last `count` per process.
    private var counts: [Int?: Int] = [:]

    /// Opens a file.
    ///
    /// - Throws: ``JSONLReadError`` when that is impossible.
    public init(path: String) throws(JSONLReadError) { source = try LineSource(path: path) }

    /// Reads from memory; `name` stands in messages.
    public init(bytes: [UInt8], name: String = "bytes") { source = LineSource(bytes: bytes, name: name) }

    /// The next line, nil at the end; empty lines are passed over.
    ///
    /// - Throws: ``JSONLReadError`` when the file cannot be read any further.
    public mutating func next() throws(JSONLReadError) -> JSONLLine? {
        while let found = try source.next() {
            lineNumber += 1
            var line = JSONLLine(
                number: lineNumber, offset: found.offset, content: .torn, count: nil, pid: nil, missingBefore: 0)
            guard !found.isTooLong else {
                line.content = .invalid(column: 0, reason: "the line is longer than \(LineSource.maximumLine) bytes")
                return line
            }
            if source.isBlank(found.range) { continue }
            parse(found, &line)
            return line
        }
        return nil
    }

    private mutating func parse(_ found: LineSource.Line, _ line: inout JSONLLine) {
        let parsed = source.parse(found.range)
        switch parsed {
        case .failure(let error):
            if found.isWhole { line.content = .invalid(column: error.offset + 1, reason: error.reason) }
        case .success(let value):
            if value["section"]?.string != nil || value["type"] == nil {
                // `count` and `pid` may be fields of an event here.
                line.schema = .tal
            } else {
                line.count = value["count"]?.int
                line.pid = value["pid"]?.int
            }
            do throws(RecordProblem) {
                line.content = try RecordDecoder.content(of: value)
            } catch {
                line.content = .invalid(column: 0, reason: error.reason)
            }
            line.missingBefore = missing(before: line)
        }
    }

    /// Compares the line's number with the last one of the same process; a header begins anew.
    private mutating func missing(before line: JSONLLine) -> Int {
        guard let count = line.count else { return 0 }
        let last = counts.updateValue(count, forKey: line.pid) ?? 0
        if case .header = line.content { return 0 }
        return count > last ? count - last - 1 : 0
    }
}

extension JSONLReader {
    /// Reads a whole file into memory.
    ///
    /// - Throws: ``JSONLReadError`` when it cannot be read; whatever is wrong with single lines is in the result.
    public static func contents(ofFile path: String) throws(JSONLReadError) -> JSONLContents {
        try JSONLReader(path: path).contents(path)
    }

    /// Reads everything from bytes; `name` stands in messages.
    public static func contents(of bytes: [UInt8], name: String = "bytes") throws(JSONLReadError) -> JSONLContents {
        try JSONLReader(bytes: bytes, name: name).contents(name)
    }

    private consuming func contents(_ name: String) throws(JSONLReadError) -> JSONLContents {
        var reader = self
        var result = JSONLContents(), written: [SpanContext: Int] = [:]
        while let line = try reader.next() {
            func report(_ kind: JSONLContents.Problem.Kind) {
                result.problems.append(JSONLContents.Problem(file: name, line: line.number, kind: kind))
            }
            if line.missingBefore > 0 { report(.gap(missing: line.missingBefore, pid: line.pid)) }
            switch line.content {
            case .header(let header): result.headers.append(header)
            case .record(.span(let span)) where line.schema == .tal:
                // The Python original writes a span again at every checkpoint; the last one counts.
                if let place = written[span.context] {
                    result.records[place] = .span(span)
                } else {
                    written[span.context] = result.records.count
                    result.records.append(.span(span))
                }
            case .record(let record): result.records.append(record)
            case .records(let records): result.records += records
            case .unknown(let type): result.unknown[type, default: 0] += 1
            case .invalid(let column, let reason): report(.invalid(column: column, reason: reason))
            case .torn: report(.torn)
            }
        }
        return result
    }
}
