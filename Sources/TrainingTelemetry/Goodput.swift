public import OneLogger

/// How much of the work of a training survived, over all the jobs that it took.
///
/// Jobs that share a session tag are one training: each resumes from a checkpoint of those before it. What a job did after
/// the checkpoint from which its successor resumed is lost, even when it had been saved. Of a job's processes, that with the
/// lowest rank counts.
public struct Goodput: Sendable, Hashable {
    /// What the jobs share.
    public var sessionTag: String
    /// How many jobs there were.
    public var jobs = 0
    /// Iterations that checkpoints hold.
    public var productiveIterations = 0
    /// Samples that checkpoints hold.
    public var productiveSamples = 0
    /// Training iterations that checkpoints hold; seconds.
    public var productiveTrainSeconds = 0.0
    /// Validation iterations before these checkpoints; seconds.
    public var productiveValidationSeconds = 0.0
    /// Iterations that had to be done again, as far as the recordings know of them.
    public var lostIterations = 0
    /// Training time that had to be spent again; seconds.
    public var lostTrainSeconds = 0.0
    /// Iterations of the last job after its last checkpoint: lost if it crashed.
    public var unsavedIterations = 0
    /// Training time of the last job after its last checkpoint; seconds.
    public var unsavedTrainSeconds = 0.0
    /// From the first record to the last, summed over the jobs; seconds.
    public var wallSeconds = 0.0

    /// The share of the jobs' time that went into training that survived, 0 to 1; nil when they took no time.
    public var share: Double? { wallSeconds > 0 ? productiveTrainSeconds / wallSeconds : nil }

    /// Computes the goodput of every training that recordings tell of.
    ///
    /// - Parameter recordings: The records of one process each, in any order; those without a training are passed over.
    /// - Returns: One result for each session tag, ordered by when it began.
    public static func of(_ recordings: [[Record]]) -> [Goodput] {
        var groups: [(tag: String, jobs: [JobRecording])] = []
        for job in recordings.compactMap(JobRecording.init).sorted(by: { $0.first < $1.first }) {
            if let place = groups.firstIndex(where: { $0.tag == job.tag }) {
                groups[place].jobs.append(job)
            } else {
                groups.append((job.tag, [job]))
            }
        }
        return groups.map { tag, jobs in
            let rank = jobs.map(\.rank).min() ?? 0
            return Goodput(tag, jobs.filter { $0.rank == rank })
        }
    }

    private init(_ tag: String, _ jobs: [JobRecording]) {
        sessionTag = tag
        self.jobs = jobs.count
        for (place, job) in jobs.enumerated() {
            wallSeconds += job.last.duration(since: job.first) / .seconds(1)
            let successor = jobs[(place + 1)...].lazy.compactMap(\.loops.first).first
            for (loopPlace, loop) in job.loops.enumerated() {
                // Loops of one process follow one another; a process resumes what the one before it left.
                let isLast = loopPlace == job.loops.count - 1
                add(loop, resumedAt: isLast ? successor?.start : nil)
            }
        }
    }

    private mutating func add(_ loop: JobRecording.Loop, resumedAt resumption: Int?) {
        let kept = loop.saves.filter { $0.iterations <= resumption ?? .max }.max { $0.iterations < $1.iterations }
        let keptIterations = max(0, (kept?.iterations ?? loop.start) - loop.start)
        let seconds = max(loop.seconds, loop.saves.map(\.seconds).max() ?? 0)
        let iterations = max(loop.completed, loop.saves.map(\.iterations).max() ?? 0, loop.start) - loop.start
        productiveIterations += keptIterations
        productiveSamples += max(0, (kept?.samples ?? loop.samplesStart) - loop.samplesStart)
        productiveTrainSeconds += kept?.seconds ?? 0
        productiveValidationSeconds += kept?.validationSeconds ?? 0
        if resumption == nil {
            unsavedIterations += iterations - keptIterations
            unsavedTrainSeconds += seconds - (kept?.seconds ?? 0)
        } else {
            lostIterations += iterations - keptIterations
            lostTrainSeconds += seconds - (kept?.seconds ?? 0)
        }
    }
}

/// What the records of one process say about its training.
private struct JobRecording {
    struct Save {
        var iterations, samples: Int
        var seconds, validationSeconds: Double
    }

    struct Loop {
        var start: Int, samplesStart: Int
        var completed = 0
        var seconds = 0.0
        var saves: [Save] = []
    }

    var tag = "", rank = 0
    var first = Timestamp(nanoseconds: .max), last = Timestamp(nanoseconds: 0)
    var loops: [Loop] = []

    /// Nil when there is no training loop.
    init?(_ records: [Record]) {
        for record in records { read(record) }
        guard !loops.isEmpty else { return nil }
    }

    private mutating func read(_ record: Record) {
        switch record {
        case .start(let span): begin(span)
        case .stop(let span): see(span.end)
        case .span(let span):
            begin(span)
            see(span.end)
            for event in span.events { read(event) }
        case .event(let event): read(event.event)
        default: break
        }
    }

    private mutating func see(_ time: Timestamp) {
        first = min(first, time)
        last = max(last, time)
    }

    private mutating func begin(_ span: SpanRecord) {
        see(span.start)
        guard span.name == TrainingSpan.trainingLoop.text else { return }
        loops.append(
            Loop(
                start: span.attributes.count("train_iterations_start"),
                samplesStart: span.attributes.count("train_samples_start")))
    }

    private mutating func read(_ event: Event) {
        if let time = event.time { see(time) }
        let attributes = event.attributes
        switch event.name {
        case "one_logger_initialization":
            if case .string(let text) = attributes["session_tag"] { tag = text }
            rank = attributes.count("rank")
        case "training_metrics_update" where !loops.isEmpty:
            loops[loops.count - 1].completed = attributes.count("current_iteration") + 1
            loops[loops.count - 1].seconds += attributes.number("total_iteration_time_sec")
        case "save_checkpoint_success" where !loops.isEmpty:
            loops[loops.count - 1].saves.append(
                Save(
                    iterations: attributes.count("productive_train_iterations"),
                    samples: attributes.count("productive_train_samples"),
                    seconds: attributes.number("productive_train_iterations_sec"),
                    validationSeconds: attributes.number("productive_validation_iterations_sec")))
        default: break
        }
    }
}

extension Attributes {
    fileprivate func count(_ key: String) -> Int { if case .int(let value) = self[key] { value } else { 0 } }

    fileprivate func number(_ key: String) -> Double {
        switch self[key] {
        case .double(let value): value
        case .int(let value): Double(value)
        default: 0
        }
    }
}
