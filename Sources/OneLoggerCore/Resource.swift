/// What produced the records: the application, the process and its place in a distributed job.
public struct Resource: Sendable, Hashable {
    /// The application's name, `service.name` of the semantic conventions.
    public var serviceName: String
    /// The machine's name; empty when unknown.
    public var host: String
    /// The process id; 0 when unknown.
    public var pid: Int
    /// This process's place in a distributed job, from 0; nil when there is none.
    public var rank: Int?
    /// This process's place on its machine, from 0; nil when there is none.
    public var localRank: Int?
    /// How many processes the job has; nil when unknown.
    public var worldSize: Int?
    /// Shared by all jobs of one logical run; empty when not given.
    public var sessionTag: String
    /// Whatever else the application wants to say about itself.
    public var customMetadata: Attributes

    /// Creates a description.
    public init(
        serviceName: String = "unknown_service", host: String = "", pid: Int = 0, rank: Int? = nil,
        localRank: Int? = nil, worldSize: Int? = nil, sessionTag: String = "", customMetadata: Attributes = [:]
    ) {
        self.serviceName = serviceName
        self.host = host
        self.pid = pid
        self.rank = rank
        self.localRank = localRank
        self.worldSize = worldSize
        self.sessionTag = sessionTag
        self.customMetadata = customMetadata
    }

    /// Everything as attributes: `service.name`, `host.name`, `process.pid`, `rank`, `local_rank`, `world_size`,
    /// `session_tag`, then the custom metadata. What is unknown is left out.
    public var attributes: Attributes {
        var result: Attributes = ["service.name": .string(serviceName)]
        if !host.isEmpty { result["host.name"] = .string(host) }
        if pid != 0 { result["process.pid"] = .int(pid) }
        if let rank { result["rank"] = .int(rank) }
        if let localRank { result["local_rank"] = .int(localRank) }
        if let worldSize { result["world_size"] = .int(worldSize) }
        if !sessionTag.isEmpty { result["session_tag"] = .string(sessionTag) }
        return result.merging(customMetadata)
    }

    /// Replaces `{pid}`, `{rank}` and `{session}` in a path or a name.
    ///
    /// An unknown rank is `0`, an unknown session `none`; a `/` in a session tag becomes `_`, so that it stays one part
    /// of the path.
    public func expanding(_ text: String) -> String {
        let session = sessionTag.isEmpty ? "none" : String(sessionTag.map { $0 == "/" ? "_" : $0 })
        var result = "", rest = Substring(text)
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            rest = rest[open...]
            let values = ["{pid}": "\(pid)", "{rank}": "\(rank ?? 0)", "{session}": session]
            if let match = values.first(where: { rest.hasPrefix($0.key) }) {
                result += match.value
                rest = rest.dropFirst(match.key.count)
            } else {
                result += "{"
                rest = rest.dropFirst()
            }
        }
        return result + rest
    }
}
