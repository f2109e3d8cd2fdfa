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
    /// `session_tag`, then the custom metadata.
    ///
    /// What is unknown is left out.
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
    /// An unknown rank is `0`, an unknown session `none`. In a session tag `/` and a zero byte become `_`, and so do the
    /// dots of the tags `.` and `..`, so that it stays one part of the path. Other braces stay as they are.
    public func expanding(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "{")) else { return text }
        let values = [("{pid}", "\(pid)"), ("{rank}", "\(rank ?? 0)"), ("{session}", pathPart(sessionTag))]
        var result: [UInt8] = [], rest = Array(text.utf8)[...]
        while let byte = rest.first {
            if let (name, value) = values.first(where: { rest.starts(with: $0.0.utf8) }) {
                result += value.utf8
                rest = rest.dropFirst(name.utf8.count)
            } else {
                result.append(byte)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// By scalars, because a `/` that a combining mark follows is another `Character`, but the same byte in a path.
    private func pathPart(_ tag: String) -> String {
        guard !tag.isEmpty else { return "none" }
        let unwanted: Set<Unicode.Scalar> = tag == "." || tag == ".." ? ["."] : ["/", "\0"]
        var part = String.UnicodeScalarView()
        for scalar in tag.unicodeScalars { part.append(unwanted.contains(scalar) ? "_" : scalar) }
        return String(part)
    }
}
