import Foundation
import OneLoggerCore
import OneLoggerOTLP
import OneLoggerTestSupport
import Testing

@Suite struct DocumentTests {
    /// What the message about a key that cannot exist lists as allowed.
    private func keys(_ node: SettingsNode) -> [String] {
        var settings = Settings(node)
        do throws(SettingsError) {
            _ = try OTLPExporter.Options(&settings)
            return []
        } catch {
            let parts = error.description.components(separatedBy: "Allowed: ")
            return parts.count == 2 ? parts[1].dropLast().components(separatedBy: ", ") : []
        }
    }

    @Test func `the page has every key`() throws {
        let page = try Repository.text("Docs/formats/otlp.md"), all = keys(["surplus_key": 1])
        #expect(all.count == 18)
        for key in all where !["retry", "spool"].contains(key) { #expect(page.contains("`\(key)`"), "\(key)") }
        let retry = keys(["retry": ["surplus_key": 1]]), spool = keys(["spool": ["directory": "a", "surplus_key": 1]])
        #expect(retry.count == 3 && spool.count == 2)
        for key in retry { #expect(page.contains("| `retry.\(key)` |"), "\(key)") }
        for key in spool { #expect(page.contains("| `spool.\(key)` |"), "\(key)") }
    }

    @Test(arguments: ["formats/otlp.md", "config.md"])
    func `the page has every variable`(document: String) throws {
        let page = try Repository.text("Docs/" + document)
        for name in [
            "ENDPOINT", "PROTOCOL", "HEADERS", "TIMEOUT", "COMPRESSION", "CERTIFICATE", "CLIENT_KEY",
            "CLIENT_CERTIFICATE",
        ] {
            #expect(page.contains("`OTEL_EXPORTER_OTLP_\(name)`"), "\(name)")
        }
        for name in ["OTEL_SDK_DISABLED", "OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER"] {
            #expect(page.contains("`\(name)`"), "\(name)")
        }
    }
}
