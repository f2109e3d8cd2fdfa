import OneLoggerCore
import OneLoggerTestSupport
import OneLoggerText
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

private let hasPython = unsafe system("command -v python3 >/dev/null") == 0

/// Runs Python's `json` over lines of JSON: a parser that shares nothing with the writer.
@Suite(.enabled(if: hasPython, "needs python3"))
struct JSONParserTests {
    /// Each line is `[value, kind, expected]`; exits with 1 and names the first line that reads differently.
    private static let script = """
        import json, struct, sys
        def refuse(name): raise ValueError(name)
        for number, line in enumerate(open(sys.argv[1], "rb"), 1):
            value, kind, expected = json.loads(line.decode("utf-8"), parse_constant=refuse)
            if kind == "text": found = value.encode("utf-8").hex()
            elif kind == "bits": found = struct.pack(">d", value).hex()
            elif kind == "int": found = str(value) if type(value) is int else "?"
            else: found = " ".join(f"{name.encode('utf-8').hex()}:{type(v).__name__}" for name, v in value.items())
            if found != expected: sys.exit(f"line {number}: {line!r}: {found}")
        print(number)
        """

    /// Returns what Python says: the number of lines, or what is wrong.
    private func read(_ writer: borrowing JSONWriter) throws -> String {
        let folder = TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let script = folder.write(Self.script, to: "read.py"), lines = folder("lines.jsonl")
        save(unsafe writer.withBytes { unsafe Array($0) }, lines)

        let python = unsafe popen("python3 \(script) \(lines) 2>&1", "re")
        defer { if let python = unsafe python { unsafe pclose(python) } }
        var output: [UInt8] = [], chunk = [UInt8](repeating: 0, count: 4_096)
        while let python = unsafe python, case let count = unsafe fread(&chunk, 1, chunk.count, python), count > 0 {
            output += chunk.prefix(count)
        }
        return String(decoding: output, as: UTF8.self).split(separator: "\n").last.map(String.init) ?? ""
    }

    private func save(_ bytes: [UInt8], _ path: String) {
        guard let file = unsafe fopen(path, "we") else { return }
        _ = unsafe fwrite(bytes, 1, bytes.count, file)
        _ = unsafe fclose(file)
    }

    private func line(
        _ writer: inout JSONWriter, _ kind: String, _ expected: String, _ value: (inout JSONWriter) -> Void
    ) {
        writer.reserve(1)
        writer.raw("[")
        value(&writer)
        for text in [kind, expected] {
            writer.reserve(1)
            writer.raw(",")
            writer.text(text)
        }
        writer.reserve(2)
        writer.raw("]\n")
    }

    private func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test func `texts are read as they were`() throws {
        var records = RandomRecords(seed: 21), writer = JSONWriter(capacity: 1), count = 0
        let controls = (0..<160).map { String(UnicodeScalar(UInt8($0))) }
        for text in controls + [controls.joined()] + (0..<5_000).map({ _ in records.text(100) }) {
            line(&writer, "text", hexadecimal(text.utf8)) { $0.text(text) }
            count += 1
        }
        #expect(try read(writer) == "\(count)")
    }

    @Test func `random bytes are read with one U+FFFD for each byte that is invalid`() throws {
        var random = SeededRandom(seed: 22), writer = JSONWriter(capacity: 1)
        for _ in 0..<3_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            // One U+FFFD per invalid byte: a lone byte is mended alone.
            var expected = "", rest = bytes[...]
            while !rest.isEmpty {
                let length = (1...min(4, rest.count)).first {
                    String(validating: rest.prefix($0), as: UTF8.self) != nil
                }
                expected += length.map { String(decoding: rest.prefix($0), as: UTF8.self) } ?? "\u{FFFD}"
                rest = rest.dropFirst(length ?? 1)
            }
            line(&writer, "text", hexadecimal(expected.utf8)) {
                $0.reserve(bytes.count * 6 + 2)
                $0.text(bytes.span)
            }
        }
        #expect(try read(writer) == "3000")
    }

    @Test func `numbers are read with every bit`() throws {
        var random = SeededRandom(seed: 23), writer = JSONWriter(capacity: 1), count = 0
        for _ in 0..<10_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            let bits = (0..<8).reversed().map { UInt8(truncatingIfNeeded: value.bitPattern >> ($0 * 8)) }
            line(&writer, "bits", hexadecimal(bits)) { $0.value(.double(value)) }
            count += 1
        }
        for value in [Int.min, .max, 0, -1, 1 << 53 + 1] {
            line(&writer, "int", "\(value)") { $0.value(.int(value)) }
            count += 1
        }
        #expect(try read(writer) == "\(count)")
    }

    @Test func `attributes are read as an object with their names in order, from values and from views`() throws {
        var records = RandomRecords(seed: 24), writer = JSONWriter(capacity: 1)
        let context = records.context()
        for _ in 0..<800 {
            let attributes = records.attributes(12)
            let expected = attributes.map { element in
                let type =
                    switch element.value {
                    case .string: "str"
                    case .bool: "bool"
                    case .int: "int"
                    case .double(let value): value.isFinite ? "float" : "str"
                    default: "list"
                    }
                return hexadecimal(element.key.utf8) + ":" + type
            }.joined(separator: " ")
            line(&writer, "object", expected) { $0.object(attributes) }
            line(&writer, "object", expected) { writer in
                Batch(events: [SpanEventRecord(Event("e", attributes), span: context)]).forEach { record in
                    var separator: StaticString = "{"
                    record.forEachAttribute { attribute in
                        writer.reserve(1)
                        writer.raw(separator)
                        writer.member(attribute)
                        separator = ","
                    }
                    writer.reserve(2)
                    writer.raw(attributes.isEmpty ? "{}" : "}")
                }
            }
        }
        #expect(try read(writer) == "1600")
    }
}
