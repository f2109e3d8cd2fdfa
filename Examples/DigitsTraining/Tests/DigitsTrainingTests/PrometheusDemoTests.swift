import Foundation
import Glibc
import Testing

/// The demo with `Configs/prometheus.yaml`, read by a real node exporter and a real Prometheus.
@Suite(.timeLimit(.minutes(3))) struct PrometheusDemoTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("demo-\(UUID().uuidString)").path
    private let repository = URL(fileURLWithPath: #filePath).pathComponents.dropLast(5).joined(separator: "/")

    @Test func `promtool accepts the file, and a real Prometheus answers for steps and durations of spans`() throws {
        // given the configuration that comes with OneLogger, for another folder, and a few images
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let shipped = try String(contentsOfFile: repository + "/Configs/prometheus.yaml", encoding: .utf8)
        #expect(shipped.contains("out/metrics/"))
        let config = try write(shipped.replacingOccurrences(of: "out/metrics/", with: "\(folder)/metrics/"), "a.yaml")
        let images = try String(contentsOfFile: DatasetTests.digits, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasSuffix(",0") || $0.hasSuffix(",1") }
        let data = try write(images.prefix(100).joined(separator: "\n") + "\n", "some.csv")

        // when the demo runs and ends
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let arguments = ["--epochs", "10", "--data", data, "--config", config, "--output", "\(folder)/out"]
        let demo = try start(
            URL(fileURLWithPath: program).deletingLastPathComponent().path + "/DigitsTraining", arguments)
        let output = demo.read()
        #expect(demo.process.terminationStatus == 0, "\(output)")
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/metrics")
        let text = try String(contentsOfFile: "\(folder)/metrics/\(try #require(files.first))", encoding: .utf8)
        #expect(files.count == 1)

        // then promtool has nothing to say
        let lint = try start("sh", ["-c", "promtool check metrics < \"$0\"", "\(folder)/metrics/\(files[0])"])
        #expect(lint.read() == "" && lint.process.terminationStatus == 0)

        // and Prometheus, which scrapes the node exporter that reads the file, says what the file says
        let nodePort = freePort(), port = freePort()
        let node = try start(
            "prometheus-node-exporter",
            [
                "--web.listen-address=127.0.0.1:\(nodePort)", "--collector.disable-defaults", "--collector.textfile",
                "--collector.textfile.directory=\(folder)/metrics",
            ])
        defer { node.stop() }
        let scrape = try write(
            """
            global: {scrape_interval: 1s}
            scrape_configs: [{job_name: node, static_configs: [{targets: ["127.0.0.1:\(nodePort)"]}]}]
            """, "prometheus.yml")
        let prometheus = try start(
            "prometheus",
            [
                "--config.file=\(scrape)", "--storage.tsdb.path=\(folder)/data",
                "--web.listen-address=127.0.0.1:\(port)",
            ])
        defer { prometheus.stop() }
        for (name, least) in [("training_single_iteration", 30), ("epoch", 10), ("checkpoint_save_sync", 1)] {
            let series = #"span_duration_seconds_count{span_name="\#(name)"}"#
            let line = text.split(separator: "\n").first {
                $0.hasPrefix("span_duration_seconds_count{") && $0.contains(#"span_name="\#(name)""#)
            }
            let count = try #require(line?.split(separator: " ").last.flatMap { Int($0) }, "\(text)")
            #expect(count >= least)
            let answer = try ask(series, port)
            #expect(answer.contains(" => \(count) @["), "\(series): \(answer)")
        }
        for query in [
            #"span_duration_seconds_sum{span_name="training_loop"} > 0"#,
            #"histogram_quantile(0.95, span_duration_seconds_bucket{span_name="training_single_iteration"}) > 0"#,
            #"span_count_total{span_name="application",span_status="unset"} == 1"#,
            #"onelogger_data_complete == 1"#, #"target_info{service_name="digits-training"}"#,
        ] {
            let answer = try ask(query, port)
            #expect(answer.contains(" => "), "\(query): \(answer)")
        }
    }

    // MARK: helpers

    private struct Running {
        let process = Process(), output = Pipe()

        /// Everything it prints, once it has ended.
        func read() -> String {
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            return text
        }

        func stop() {
            process.terminate()
            process.waitUntilExit()
        }
    }

    private func start(_ program: String, _ arguments: [String]) throws -> Running {
        let running = Running()
        running.process.executableURL = URL(fileURLWithPath: program.hasPrefix("/") ? program : "/usr/bin/env")
        running.process.arguments = (program.hasPrefix("/") ? [] : [program]) + arguments
        running.process.standardOutput = running.output
        // Servers may say more than a pipe holds, and nobody reads it.
        running.process.standardError = FileHandle.nullDevice
        try running.process.run()
        return running
    }

    private func write(_ text: String, _ name: String) throws -> String {
        try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
        return "\(folder)/\(name)"
    }

    /// What Prometheus answers, asked until there is something, for 40 s at most.
    private func ask(_ query: String, _ port: Int) throws -> String {
        let end = ContinuousClock.now + .seconds(40)
        while true {
            let answer = try start("promtool", ["query", "instant", "http://127.0.0.1:\(port)", query]).read()
            if answer.contains(" => ") || ContinuousClock.now > end { return answer }
            // Prometheus scrapes by its own clock: asking without a pause would only slow it down.
            usleep(100_000)
        }
    }

    /// A port that nobody listens on.
    private func freePort() -> Int {
        let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { _ = close(made) }
        var address = sockaddr_in(), size = socklen_t(MemoryLayout<sockaddr_in>.size)
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        return unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                _ = unsafe bind(made, raw, size)
                _ = unsafe getsockname(made, raw, &size)
            }
            return unsafe Int(UInt16(bigEndian: pointer.pointee.sin_port))
        }
    }
}
