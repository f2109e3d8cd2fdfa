#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A real Prometheus that scrapes a real node exporter, which reads the files of one folder.
package final class PrometheusServer: Sendable {
    private let folder = TemporaryFolder()
    private let nodeExporter: ChildProcess
    private let prometheus: ChildProcess
    /// Where node exporter answers.
    package let nodePort: Int
    private let port: Int

    /// Starts both.
    ///
    /// - Parameters:
    ///   - textFiles: The folder for the textfile collector.
    ///   - config: Prometheus's configuration, in which `NODE_PORT` stands for the port of node exporter.
    /// - Throws: ``ChildProcess/NotStarted``.
    package init(textFiles: String, config: String) throws {
        (nodePort, port) = (freePort(), freePort())
        nodeExporter = try ChildProcess(
            "prometheus-node-exporter",
            [
                "--web.listen-address=127.0.0.1:\(nodePort)", "--collector.disable-defaults", "--collector.textfile",
                "--collector.textfile.directory=\(textFiles)",
            ], errors: folder("node-exporter.log"))
        let text = config.split(separator: "NODE_PORT", omittingEmptySubsequences: false).joined(
            separator: "\(nodePort)")
        folder.write(text, to: "prometheus.yml")
        prometheus = try ChildProcess(
            "prometheus",
            [
                "--config.file=\(folder("prometheus.yml"))", "--storage.tsdb.path=\(folder("data"))",
                "--web.listen-address=127.0.0.1:\(port)",
            ], errors: folder("prometheus.log"))
    }

    deinit {
        for process in [prometheus, nodeExporter] {
            process.kill(SIGKILL)
            _ = process.end()
        }
    }

    /// What both have written to standard error.
    package var logs: String { folder.text("node-exporter.log") + folder.text("prometheus.log") }

    /// What node exporter shows.
    package var nodeMetrics: String? { return get("/metrics", port: nodePort)?.body }

    /// The answer to a query, as JSON.
    package func answer(_ query: String) -> String {
        let unreserved = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        let encoded = query.utf8.map { byte -> String in
            if unreserved.contains(byte) { return String(UnicodeScalar(byte)) }
            return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
        return get("/api/v1/query?query=\(encoded.joined())", port: port)?.body ?? ""
    }

    /// Asks until the answer holds a result, but not for ever.
    ///
    /// - Parameters:
    ///   - query: What to ask.
    ///   - between: What to do before asking again.
    /// - Returns: The answer, as JSON; one that may be empty, when the time is over.
    package func result(_ query: String, between: () throws -> Void = {}) rethrows -> String {
        var text = ""
        // Prometheus scrapes by its own clock: asking more often would only slow it down.
        _ = try eventually(every: 100_000) {
            text = answer(query)
            let isEmpty = text.firstRange(of: #""result":[]"#) != nil
            if text.firstRange(of: #""status":"success""#) != nil, !isEmpty { return true }
            if text.firstRange(of: "bad_data") != nil { return true }
            try between()
            return false
        }
        return text
    }
}
