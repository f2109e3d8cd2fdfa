import OneLoggerCore
import OneLoggerJSONL
import OneLoggerTestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension TemporaryFolder {
    /// The files that end in `.jsonl`, in order.
    var recordings: [String] { names.filter { $0.hasSuffix(".jsonl") } }

    /// A recording whose every line is valid, and whose numbering has no gap.
    func recording(_ name: String = "out.jsonl", mayBeTorn: Bool = false) throws -> JSONLContents {
        let contents = try JSONLReader.contents(ofFile: self(name))
        let problems = contents.problems.filter { !(mayBeTorn && $0.kind == .torn) }
        #expect(problems.isEmpty, "\(problems)")
        #expect(contents.unknown.isEmpty)
        return contents
    }
}

extension JSONLContents {
    /// How many spans of each name ended, announced or not: a root that is open when the recorder drains says so.
    var ended: [String: Int] {
        count { record in
            switch record {
            case .span(let span), .stop(let span): span.name
            default: nil
            }
        }
    }

    /// How many spans of each name said that they began.
    var announced: [String: Int] { count { if case .start(let span) = $0 { span.name } else { nil } } }

    private func count(_ name: (Record) -> String?) -> [String: Int] {
        records.compactMap(name).reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    /// Why spans are marked as open at the end, by their names.
    var unfinished: [String: String] {
        records.reduce(into: [:]) { result, record in
            guard case .stop(let span) = record, case .string(let reason) = span.attributes["onelogger.unfinished"]
            else { return }
            result[span.name] = reason
        }
    }

    /// The numbers of the steps, in the order of the file.
    var numbers: [Int] {
        records.compactMap { record in
            switch record {
            case .span(let span), .stop(let span):
                if case .int(let number) = span.attributes["number"] { number } else { nil }
            default: nil
            }
        }
    }
}
