internal import OneLoggerCore
internal import OneLoggerText

/// The workers of a Dask cluster, asked of its scheduler from outside; nothing has to be installed there.
///
/// One sample per worker and heartbeat, with the worker's own time. ``ResourceSample/node`` is `HOST/WORKER`. The
/// attributes: `dask.worker.address`, `dask.worker.threads`, `dask.worker.cpu_cores`, `dask.worker.memory_bytes`,
/// `dask.worker.status`, `dask.worker.last_seen_s`, and `gpu.memory_used_bytes` where Dask knows it.
///
/// It speaks the scheduler's own protocol. Where that is not to be had it asks the dashboard's
/// `/json/identity.json`, and while a busy scheduler refuses that, `/json/counts.json`, which gives one sample of the
/// scheduler with `dask.tasks`, `dask.processing`, `dask.erred`, `dask.workers`, `dask.idle_workers` and `dask.memory_bytes`.
public struct DaskAdapter: ResourceAdapter {
    /// `dask`.
    public var name: String { "dask" }
    /// That the scheduler itself did not answer, and the dashboard stands in for it.
    public private(set) var troubles: [String] = []

    /// Where a scheduler is.
    public struct Options: Sendable, Hashable {
        /// The scheduler's host.
        public var host: String
        /// The scheduler's port, 8786 unless it was started with another.
        public var port: Int
        /// The dashboard, such as `http://127.0.0.1:8787`; nil when only the scheduler is to be asked.
        public var dashboard: String?
        /// How long a poll may take.
        public var timeout: Duration
        /// The longest answer that is read; each worker takes 1,000 to 10,000.
        ///
        /// Unit: bytes.
        public var maxAnswerBytes = 32 << 20

        /// Creates options.
        public init(host: String, port: Int = 8786, dashboard: String? = nil, timeout: Duration = .seconds(2)) {
            self.host = host
            self.port = port
            self.dashboard = dashboard
            self.timeout = timeout
        }
    }

    private let options: Options
    private let web: WebSource
    private var workers = DaskWorkers()

    init(_ options: Options, web: WebSource) {
        self.options = options
        self.web = web
    }

    /// Asks the scheduler, then the dashboard.
    ///
    /// - Throws: ``ResourceError/unavailable(source:reason:)`` when neither answers.
    public mutating func sample(node: String) throws(ResourceError) -> [ResourceSample] {
        troubles = []
        let limit = AnswerLimit(bytes: options.maxAnswerBytes)
        let first: ResourceError
        do throws(ResourceError) {
            let identity = try DaskProtocol.identity(
                host: options.host, port: options.port, deadline: .now + options.timeout, limit: limit)
            return workers.samples(identity, backend: name)
        } catch { first = error }
        guard let dashboard = options.dashboard else { throw first }
        troubles = [first.description]
        let base = dashboard.hasSuffix("/") ? String(dashboard.dropLast()) : dashboard
        do throws(ResourceError) {
            let identity = try web.json("\(base)/json/identity.json", deadline: .now + options.timeout, limit: limit)
            return workers.samples(identity, backend: name)
        } catch {
            // A scheduler cannot write its identity as JSON while workers have run tasks since their last heartbeat.
            return [counts(try web.json("\(base)/json/counts.json", deadline: .now + options.timeout, limit: limit))]
        }
    }

    private func counts(_ answer: JSONValue) -> ResourceSample {
        var sample = ResourceSample(backend: name, node: options.host, time: .now)
        let names: KeyValuePairs = [
            "dask.tasks": "tasks", "dask.processing": "processing", "dask.erred": "erred", "dask.workers": "workers",
            "dask.idle_workers": "idle", "dask.memory_bytes": "bytes",
        ]
        for (attribute, name) in names { sample.attributes[attribute] = answer[name]?.int.map { .int($0) } }
        return sample
    }
}
