public import OneLoggerCore

/// What launchers and the standard variables of OpenTelemetry say about this process.
///
/// Ranks come from one launcher, the first that set its variable: torchrun (it may run inside the others), Open MPI (it
/// may run inside SLURM), SLURM, an indexed job of Kubernetes. An empty variable counts as not set.
public struct SessionEnvironment: Sendable {
    /// The variables that are read here.
    public static let variables: [String] = {
        let ranks = launchers.flatMap { [$0.rank, $0.localRank ?? $0.worldSize, $0.worldSize] }
        let all = ranks + sessionTags + [podName, serviceName, resourceAttributes]
        return all.enumerated().filter { all.firstIndex(of: $0.element) == $0.offset }.map(\.element)
    }()

    /// The section `application`, as far as the variables say something about it.
    public let application: SettingsNode
    /// What is wrong with the variables themselves.
    let problems: [SettingsError]

    private struct Launcher {
        var rank: String
        var localRank: String?
        var worldSize: String
    }

    private static let launchers = [
        Launcher(rank: "RANK", localRank: "LOCAL_RANK", worldSize: "WORLD_SIZE"),
        Launcher(
            rank: "OMPI_COMM_WORLD_RANK", localRank: "OMPI_COMM_WORLD_LOCAL_RANK", worldSize: "OMPI_COMM_WORLD_SIZE"),
        Launcher(rank: "SLURM_PROCID", localRank: "SLURM_LOCALID", worldSize: "SLURM_NTASKS"),
        kubernetes,
    ]
    // Kubernetes itself tells nobody how many pods a job has; whoever wants to say so uses this name.
    private static let kubernetes = Launcher(rank: "JOB_COMPLETION_INDEX", worldSize: "WORLD_SIZE")
    private static let podName = "HOSTNAME"
    private static let sessionTags = ["TORCHELASTIC_RUN_ID", "SLURM_JOB_ID"]
    private static let serviceName = "OTEL_SERVICE_NAME"
    private static let resourceAttributes = "OTEL_RESOURCE_ATTRIBUTES"

    /// Reads the variables.
    public init(_ environment: ConfigEnvironment) {
        var reader = Reader(environment: environment)
        reader.readLauncher(Self.launchers)
        // torchrun calls a run that nobody named "none".
        if let tag = Self.sessionTags.first(where: { environment.meaningful($0) ?? "none" != "none" }) {
            reader.text("session_tag", from: tag)
        } else {
            reader.readJobName(Self.podName, index: Self.kubernetes.rank)
        }
        reader.text("name", from: Self.serviceName)
        reader.readResourceAttributes(Self.resourceAttributes)
        application = SettingsNode(.map(reader.entries), origin: .preset)
        problems = reader.problems
    }

    private struct Reader {
        var environment: ConfigEnvironment
        var entries: [SettingsNode.Entry] = []
        var problems: [SettingsError] = []

        mutating func add(_ key: String, _ content: SettingsNode.Content, from variable: String) {
            let origin = SettingsOrigin.environment(variable)
            entries.append(.init(key: key, origin: origin, value: SettingsNode(content, origin: origin)))
        }

        mutating func text(_ key: String, from variable: String) {
            guard let value = environment.meaningful(variable) else { return }
            guard !value.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
                return note("it holds a control character. Remove it", variable)
            }
            add(key, .string(value), from: variable)
        }

        /// What is no integer stays a text, so that the section's reader complains if nobody has a better value.
        mutating func int(_ key: String, from variable: String) {
            guard let value = environment.meaningful(variable) else { return }
            add(key, Int(value).map { .int($0) } ?? .string(value), from: variable)
        }

        mutating func readLauncher(_ launchers: [Launcher]) {
            // WORLD_SIZE alone is meant; SLURM_NTASKS alone is also set where no task runs yet.
            let isPlain = launchers.first.map { environment.meaningful($0.worldSize) != nil } ?? false
            let launcher =
                launchers.first { environment.meaningful($0.rank) != nil } ?? (isPlain ? launchers.first : nil)
            guard let launcher else { return }
            int("rank", from: launcher.rank)
            if let localRank = launcher.localRank { int("local_rank", from: localRank) }
            int("world_size", from: launcher.worldSize)
        }

        /// The pods of an indexed job are called `JOB-INDEX`.
        ///
        /// Source: https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode
        mutating func readJobName(_ variable: String, index: String) {
            guard let index = environment.meaningful(index), let pod = environment.meaningful(variable),
                pod.hasSuffix("-\(index)"), pod.utf8.count > index.utf8.count + 1
            else { return }
            add("session_tag", .string(String(pod.dropLast(index.count + 1))), from: variable)
        }

        mutating func note(_ problem: String, _ variable: String) {
            problems.append(.syntax(problem, at: .environment(variable)))
        }

        /// `key=value,key=value` with percent-encoded values; one mistake discards them all.
        ///
        /// "In case of any error, e.g. failure during the decoding process, the entire environment variable value SHOULD
        /// be discarded and an error SHOULD be reported": https://opentelemetry.io/docs/specs/otel/resource/sdk/
        mutating func readResourceAttributes(_ variable: String) {
            guard let value = environment.meaningful(variable) else { return }
            let origin = SettingsOrigin.environment(variable)
            var pairs: [SettingsNode.Entry] = []
            for (place, pair) in value.split(separator: ",").enumerated() {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, let key = percentDecoded(parts[0]), let text = percentDecoded(parts[1]),
                    !key.isEmpty
                else {
                    return note(
                        "pair \(place + 1) cannot be read. Write KEY=VALUE,KEY=VALUE, percent-encoded", variable)
                }
                pairs.removeAll { $0.key == key }
                pairs.append(.init(key: key, origin: origin, value: SettingsNode(.string(text), origin: origin)))
            }
            if let name = pairs.first(where: { $0.key == "service.name" }),
                !entries.contains(where: { $0.key == "name" })
            {
                entries.append(.init(key: "name", origin: origin, value: name.value))
            }
            pairs.removeAll { $0.key == "service.name" }
            if !pairs.isEmpty { add("custom_metadata", .map(pairs), from: variable) }
        }
    }
}
