public import OneLogger
public import OneLoggerCore
internal import Synchronization

/// Records how busy machines and GPUs are, at a fixed rate, as `ResourceUpdate` events and as metrics.
///
/// Named in a configuration:
///
///     recorders:
///       - type: resources
///         config: { interval_s: 5, adapters: [host, nvidia] }
///
/// The first poll after the start is a baseline that is not recorded; the first record follows after the interval or a
/// quarter of a second, whichever is less.
public final class ResourceRecorder: RecorderPlugin {
    /// `resources`.
    public static let configName = "resources"

    private let recorder: Recorder
    private let sampler: ResourceSampler
    private let metrics: ResourceMetrics?
    private let isStarted = Atomic(false)

    /// Reads the options; polls nothing yet.
    ///
    /// - Throws: `SettingsError` that names each problem and its place.
    public convenience init(settings: inout Settings, recorder: Recorder) throws(SettingsError) {
        self.init(try ResourceOptions(&settings), recorder: recorder)
    }

    /// Prepares the adapters that the options name, and others.
    ///
    /// - Parameters:
    ///   - options: What to poll and how often.
    ///   - others: Adapters that are not of this package; each is polled on a thread of its own.
    ///   - recorder: What records the samples.
    public init(_ options: ResourceOptions, adding others: [any ResourceAdapter] = [], recorder: Recorder) {
        self.recorder = recorder
        var local: [any ResourceAdapter] = [], remote = others
        for name in options.adapters {
            switch name {
            case .host: local.append(HostAdapter(options.host))
            case .nvidia: local.append(NVIDIAAdapter(library: options.library))
            case .amd: local.append(AMDAdapter(root: options.host.root))
            case .dask: if let dask = options.dask { remote.append(DaskAdapter(dask)) }
            case .dragon: remote.append(DragonAdapter(options.dragon))
            }
        }
        let metrics = options.metrics ? ResourceMetrics(interval: options.interval) : nil
        self.metrics = metrics
        sampler = ResourceSampler(
            local: local, remote: remote, node: options.node ?? recorder.resource.host, interval: options.interval,
            outputs: ResourceSampler.Outputs(
                deliver: { samples in
                    for sample in samples {
                        // An open session sees the event and tells the documented gauges; noted first, so that no
                        // collection in between takes for old what is told just now.
                        metrics?.note(sample, isTold: recorder.openSession != nil)
                        recorder.emit(sample)
                    }
                    if !samples.isEmpty { recorder.drainIfDueSoon() }
                },
                report: { sentence in Diagnostics.line(sentence) }))
    }

    /// How each adapter fares.
    public var health: [AdapterHealth] { sampler.health }

    /// Starts to poll.
    ///
    /// - Throws: `TelemetryError` when the system refuses a thread.
    public func start() throws(TelemetryError) {
        guard !isStarted.exchange(true, ordering: .relaxed) else { return }
        metrics?.register(on: recorder)
        do throws(ResourceError) { try sampler.start() } catch {
            throw .component(name: Self.configName, problem: error.description)
        }
    }

    /// Polls a last time and stops; an adapter that does not answer by the deadline is left alone.
    public func stop(deadline: Timestamp) {
        let now = Timestamp.now
        let rest = deadline > now ? deadline.duration(since: now) : .zero
        sampler.stop(until: Monitor.now &+ UInt64(max(0, rest.clampedNanoseconds)))
    }
}

extension Recorder {
    /// Records a sample as a typed event, which belongs to the open session, else to the application's span.
    func emit(_ sample: ResourceSample) {
        guard openSession == nil, let span = applicationSpan else { return record(sample) }
        within(span) { record(sample) }
    }

    private func record(_ sample: ResourceSample) {
        let update = ResourceUpdate(
            cpuPercent: sample.cpuPercent, memoryPercent: sample.memoryPercent, gpuPercent: sample.gpuPercent,
            gpuID: sample.gpu, diskReadBytes: sample.diskReadBytes, diskWriteBytes: sample.diskWriteBytes,
            netSentBytes: sample.netSentBytes, netRecvBytes: sample.netReceivedBytes)
        emit(update, backend: sample.backend, nodeID: sample.node, at: sample.time, attributes: sample.attributes)
    }
}
