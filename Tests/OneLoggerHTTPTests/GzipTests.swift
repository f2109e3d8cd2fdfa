import Foundation
import OneLoggerHTTP
import OneLoggerTestSupport
import Testing

@Suite struct GzipTests {
    /// What another program makes of compressed bytes.
    private func decompressed(_ bytes: [UInt8]) throws -> String {
        let folder = TemporaryFolder()
        try Data(bytes).write(to: URL(fileURLWithPath: folder("a.gz")))
        let (end, output) = try ChildProcess("gzip", ["-dc", folder("a.gz")]).finish()
        #expect(end == .exit(0))
        return output
    }

    @Test func `what is compressed is read by gzip, time after time, behind what was there`() throws {
        var gzip = Gzip()
        for count in [1, 0, 100_000, 5] {
            let text = String(repeating: "step 0123456789\n", count: count)
            var output: [UInt8] = [1, 2, 3]
            #expect(gzip.compress(Array(text.utf8).span, into: &output))
            #expect(output.prefix(3) == [1, 2, 3])
            #expect(try decompressed(Array(output.dropFirst(3))) == text)
            if count > 1000 { #expect(output.count < text.utf8.count / 20) }
        }
    }

    @Test func `the checksum is the one of gzip`() {
        #expect(Gzip.checksum(Array("x123456789".utf8)[1...]) == 0xcbf4_3926)
        #expect(Gzip.checksum([]) == 0)
    }
}
