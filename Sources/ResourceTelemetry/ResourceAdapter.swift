internal import OneLoggerCore

/// A source of resource samples: this machine, its GPUs, the workers of a cluster.
///
/// One thread calls it, never twice at once. It may block for as long as one poll may take; others do not wait for it.
public protocol ResourceAdapter: Sendable {
    /// The name in `adapters:` of a configuration, and the `backend` of the samples.
    var name: String { get }

    /// Reads everything once.
    ///
    /// The first call after a start is a baseline for what is counted since the sample before.
    ///
    /// - Parameter node: What this machine is called in the samples.
    /// - Returns: One sample per node and one per GPU.
    /// - Throws: ``ResourceError`` when nothing could be read; the next poll tries again.
    mutating func sample(node: String) throws(ResourceError) -> [ResourceSample]

    /// What could not be read at the last poll while the rest could, each as one sentence.
    var troubles: [String] { get }

    /// Lets go of what is open. Called once, after the last poll.
    mutating func stop()
}

extension ResourceAdapter {
    /// Nothing.
    public var troubles: [String] { [] }
    /// Does nothing.
    public mutating func stop() {}
}

/// Why a source could not be read.
@nonexhaustive
public enum ResourceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The source is not there, or does not answer; a later poll may find it.
    case unavailable(source: String, reason: String)
    /// The source answered something that makes no sense.
    case malformed(source: String, reason: String)

    /// One line that names the source and says what went wrong.
    public var description: String {
        switch self {
        case .unavailable(let source, let reason): "\(source): error: \(reason)."
        case .malformed(let source, let reason): "\(source): error: the answer cannot be used: \(reason)."
        }
    }
}
