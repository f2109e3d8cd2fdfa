internal import OneLoggerCore
internal import OneLoggerText

/// Turns what a Dask scheduler says about its workers into samples.
struct DaskWorkers: Sendable {
    /// When each worker's figures were measured that were handed on last, by its address.
    ///
    /// Unit: seconds since 1970.
    private var measured: [String: Double] = [:]

    /// One sample per worker whose figures are new since the last call.
    ///
    /// The scheduler gives rates, of which bytes are made by the time that has passed on the worker's own clock.
    mutating func samples(_ identity: JSONValue, backend: String) -> [ResourceSample] {
        guard case .object(let workers) = identity["workers"] else { return [] }
        var result: [ResourceSample] = [], now: [String: Double] = [:]
        for worker in workers {
            guard let metrics = worker.value["metrics"], let time = metrics["time"]?.double, time.isFinite else {
                continue
            }
            now[worker.name] = time
            let before = measured[worker.name]
            if let before, time <= before { continue }
            result.append(sample(worker, metrics, time, before, backend))
        }
        // A worker that has gone is forgotten.
        measured = now
        return result
    }

    private func sample(
        _ worker: JSONValue.Member, _ metrics: JSONValue, _ time: Double, _ before: Double?, _ backend: String
    ) -> ResourceSample {
        let address = cutName(worker.name), host = worker.value["host"]?.string.map(cutName) ?? address
        let name = cutName(worker.value["name"]?.string ?? worker.value["name"]?.json ?? address)
        var sample = ResourceSample(
            backend: backend, node: name == address ? host : "\(host)/\(name)",
            time: Timestamp(secondsSince1970: time))
        let threads = max(1, worker.value["nthreads"]?.int ?? 1)
        var all: Attributes = ["dask.worker.address": .string(address), "dask.worker.threads": .int(threads)]
        if let percent = metrics["cpu"]?.double, percent.isFinite {
            // The figure is of one process and 100 per processor that it uses.
            sample.cpuPercent = min(100, max(0, percent / Double(threads)))
            all["dask.worker.cpu_cores"] = .double(percent / 100)
        }
        if let memory = metrics["memory"]?.double, memory.isFinite {
            all["dask.worker.memory_bytes"] = .double(memory)
            if let limit = worker.value["memory_limit"]?.double, limit > 0 {
                sample.memoryPercent = min(100, max(0, 100 * memory / limit))
            }
        }
        if let percent = metrics["gpu_utilization"]?.double, percent.isFinite {
            sample.gpuPercent = min(100, max(0, percent))
        }
        if let used = metrics["gpu_memory_used"]?.int { all["gpu.memory_used_bytes"] = .int(used) }
        // A clock that was set, or a worker that was away, makes no bytes of a rate that was long ago.
        if let before, case let seconds = time - before, seconds <= 600 {
            func bytes(_ device: String, _ rate: String) -> Double? {
                metrics[device]?[rate]?.double.flatMap { $0.isFinite ? max(0, $0) * seconds : nil }
            }
            sample.diskReadBytes = bytes("host_disk_io", "read_bps")
            sample.diskWriteBytes = bytes("host_disk_io", "write_bps")
            sample.netReceivedBytes = bytes("host_net_io", "read_bps")
            sample.netSentBytes = bytes("host_net_io", "write_bps")
        }
        if let seen = worker.value["last_seen"]?.double { all["dask.worker.last_seen_s"] = .double(seen) }
        if let status = worker.value["status"]?.string { all["dask.worker.status"] = .string(cutName(status)) }
        sample.attributes = all
        return sample
    }
}
