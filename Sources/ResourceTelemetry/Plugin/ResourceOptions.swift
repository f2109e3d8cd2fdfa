public import OneLoggerCore

/// What a configuration may say under `type: resources` in `recorders:`.
public struct ResourceOptions: SettingsReadable {
    /// The adapters that come with OneLogger.
    public enum AdapterName: String, Sendable, Hashable, CaseIterable {
        /// This machine.
        case host
        /// NVIDIA's GPUs of this machine.
        case nvidia
        /// AMD's GPUs of this machine.
        case amd
        /// The workers of a Dask cluster.
        case dask
        /// The nodes of a Dragon runtime.
        case dragon
    }

    /// From poll to poll.
    ///
    /// Key `interval_s`: 0.01 to 86,400, default 5. Unit: seconds.
    public var interval = Duration.seconds(5)
    /// Which adapters are polled.
    ///
    /// Key `adapters`: a list of `host`, `nvidia`, `amd`, `dask` and `dragon`, default `[host, nvidia]`.
    public var adapters: [AdapterName] = [.host, .nvidia]
    /// What this machine is called in the samples; nil means the host's name.
    ///
    /// Key `node`.
    public var node: String?
    /// Whether samples become metrics as well.
    ///
    /// Key `metrics`, default true.
    public var metrics = true
    /// What the adapter `host` reads.
    ///
    /// Key `host` with `include_loopback` (default false), `process_tree` (default true) and `root` (what stands before
    /// `/proc` and `/sys`, default empty).
    public var host = HostAdapter.Options()
    /// The file of NVIDIA's management library.
    ///
    /// Key `nvidia` with `library`, default `libnvidia-ml.so.1`.
    public var library = "libnvidia-ml.so.1"
    /// Where the Dask scheduler is; nil without the adapter `dask`.
    ///
    /// Key `dask` with `scheduler` (such as `tcp://127.0.0.1:8786`, required), `dashboard` (such as
    /// `http://127.0.0.1:8787`), `timeout_s` (0.01 to 60, default 2) and `max_answer_bytes` (1048576 to 1073741824, default
    /// 33554432).
    public var dask: DaskAdapter.Options?
    /// Where the Dragon runtime's aggregator is.
    ///
    /// Key `dragon` with `url` (default `http://127.0.0.1:4242`), `timeout_s` (0.01 to 60, default 2) and
    /// `max_answer_bytes` (1048576 to 1073741824, default 33554432).
    public var dragon = DragonAdapter.Options()

    /// Creates options without a configuration.
    public init() {}

    /// Reads the keys named at the properties.
    ///
    /// - Throws: `SettingsError` that names each problem and its place.
    public init(_ settings: inout Settings) throws(SettingsError) {
        settings.readSeconds("interval_s", into: &interval, in: 0.01...86_400)
        settings.read("metrics", into: &metrics)
        node = settings.string("node")
        if node?.isEmpty == true {
            settings.report("node", "is empty", advice: "Write a name, or remove the key for the host's own.")
        }
        let place = settings.origin(of: "adapters")
        readAdapters(&settings, place)
        for name in AdapterName.allCases where !adapters.contains(name) && settings.origin(of: name.rawValue) != nil {
            settings.report(
                name.rawValue, "means nothing while 'adapters' does not name it",
                advice: "Add \(name.rawValue) to 'adapters', or remove this key.",
                at: settings.origin(of: name.rawValue))
        }
        let isDaskMissing = adapters.contains(.dask) && settings.origin(of: "dask") == nil
        settings.section("host") { (host) throws(SettingsError) in
            host.read("include_loopback", into: &self.host.includesLoopback)
            host.read("process_tree", into: &self.host.processTree)
            host.read("root", into: &self.host.root)
        }
        settings.section("nvidia") { (nvidia) throws(SettingsError) in nvidia.read("library", into: &library) }
        settings.section("dask") { (dask) throws(SettingsError) in self.dask = Self.dask(&dask) }
        settings.section("dragon") { (dragon) throws(SettingsError) in
            if let url = Self.url("url", &dragon) { self.dragon.url = url }
            dragon.readSeconds("timeout_s", into: &self.dragon.timeout, in: 0.01...60)
            dragon.read("max_answer_bytes", into: &self.dragon.maxAnswerBytes, in: Self.answerBytes)
        }
        settings.section("amd") { (_) throws(SettingsError) in }
        if isDaskMissing {
            settings.report(
                "dask", "is missing, but 'adapters' names it",
                advice: "Say where the scheduler is: dask: {scheduler: \"tcp://127.0.0.1:8786\"}.", at: place)
        }
        try settings.finish()
    }

    private mutating func readAdapters(_ settings: inout Settings, _ place: SettingsOrigin?) {
        guard let names = settings.strings("adapters") else { return }
        adapters = []
        for name in names {
            guard let known = AdapterName(rawValue: name) else {
                let all = AdapterName.allCases.map(\.rawValue)
                let nearest = nearestName(to: name, among: all).map { " Perhaps you meant '\($0)'." } ?? ""
                settings.report(
                    "adapters", "names '\(name)', which is no adapter",
                    advice: "Write some of \(all.joined(separator: ", ")).\(nearest)", at: place)
                continue
            }
            if adapters.contains(known) {
                settings.report("adapters", "names '\(name)' twice", advice: "Name it once.", at: place)
            } else {
                adapters.append(known)
            }
        }
    }

    private static func dask(_ settings: inout Settings) -> DaskAdapter.Options? {
        let place = settings.origin(of: "scheduler")
        let address = settings.requiredString("scheduler")
        let dashboard = url("dashboard", &settings)
        var timeout = Duration.seconds(2)
        settings.readSeconds("timeout_s", into: &timeout, in: 0.01...60)
        var maxAnswerBytes = 32 << 20
        settings.read("max_answer_bytes", into: &maxAnswerBytes, in: answerBytes)
        guard !address.isEmpty else { return nil }
        guard let (host, port) = split(address) else {
            settings.report(
                "scheduler", "is '\(address)', which is no address of a scheduler",
                advice: "Write tcp://HOST:PORT; addresses with tls:// are not supported.", at: place)
            return nil
        }
        var options = DaskAdapter.Options(host: host, port: port, dashboard: dashboard, timeout: timeout)
        options.maxAnswerBytes = maxAnswerBytes
        return options
    }

    /// From an idle cluster of some hundred workers to all that there may be.
    private static let answerBytes = 1 << 20...1 << 30

    /// The parts of `tcp://HOST:PORT`; an IPv6 address stands in brackets.
    static func split(_ address: String) -> (host: String, port: Int)? {
        guard address.hasPrefix("tcp://") else { return nil }
        let rest = address.dropFirst(6)
        guard let colon = rest.lastIndex(of: ":"), let port = Int(rest[rest.index(after: colon)...]),
            (1...65_535).contains(port)
        else { return nil }
        var host = rest[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, !host.utf8.contains(where: { $0 <= 32 || $0 == 47 || $0 == 64 }) else { return nil }
        return (String(host), port)
    }

    private static func url(_ key: String, _ settings: inout Settings) -> String? {
        let place = settings.origin(of: key)
        guard let text = settings.string(key) else { return nil }
        let isURL = ["http://", "https://"].contains { text.hasPrefix($0) && text.utf8.count > $0.utf8.count }
        guard isURL, !text.utf8.contains(where: { $0 <= 32 || $0 == 127 }) else {
            settings.report(
                key, "is '\(text)', which is no address", advice: "Write http://HOST:PORT or https://HOST:PORT.",
                at: place)
            return nil
        }
        return text
    }
}
