import Foundation
import OneLogger
import OneLoggerTesting
import OneLoggerTestSupport
import Testing

@testable import TrainingTelemetry

/// A training telemetry on a clock that moves only when it is told to.
final class Job {
    let clock: ManualClock
    let training: TrainingTelemetry
    private(set) var time: Double

    // Its clock stands at `time`, in seconds since 1970.
    init(
        _ config: TrainingTelemetryConfig? = .small, filter: SpanFilter = .training, resource: Resource = Resource(),
        time: Double = 120_000, onError: ErrorHandlingStrategy = .propagate
    ) throws {
        var options = RecorderOptions()
        options.filter = filter
        options.resource = resource
        options.onError = onError
        clock = ManualClock(options, now: UInt64(time * 1e9))
        training = try TrainingTelemetry(recorder: clock.recorder, config: config)
        self.time = time
    }

    var recorder: Recorder { clock.recorder }

    /// Lets time pass.
    func wait(_ seconds: Double) {
        time += seconds
        clock.set(UInt64((time * 1e9).rounded()))
    }

    func iteration(_ seconds: Double) {
        training.onTrainingSingleIterationStart()
        wait(seconds)
        training.onTrainingSingleIterationEnd()
    }

    func save(_ step: Int, _ seconds: Double = 0.5) {
        training.onSaveCheckpointStart(globalStep: step)
        wait(seconds)
        training.onSaveCheckpointSuccess(globalStep: step)
        training.onSaveCheckpointEnd()
    }

    func validation(_ iterations: Int, _ seconds: Double) {
        training.onValidationStart()
        for _ in 0..<iterations {
            training.onValidationSingleIterationStart()
            wait(seconds)
            training.onValidationSingleIterationEnd()
        }
        training.onValidationEnd()
    }

    func span(_ name: String) -> TrainingSpan {
        TrainingSpan.allCases.first { $0.text == name } ?? .application
    }

    private var taken: [Record] = []

    /// Everything recorded since the last call.
    func records() -> [Record] {
        defer { taken = [] }
        return taken + recorder.takeRecords()
    }

    /// The first error of telemetry since the last call, as text.
    func problem() -> String? {
        // A flush throws away what nobody took.
        taken += recorder.takeRecords()
        do throws(TelemetryError) {
            try recorder.flush(timeout: .zero)
            return nil
        } catch { return "\(error)" }
    }
}

extension TrainingTelemetryConfig {
    static var small: TrainingTelemetryConfig {
        var config = TrainingTelemetryConfig(perfTag: "p", globalBatchSize: 32)
        config.logEveryNTrainIterations = 10
        return config
    }
}

extension [Record] {
    /// Events of this name, those inside complete records included, in order.
    func events(_ name: String) -> [Event] {
        flatMap { record -> [Event] in
            switch record {
            case .event(let event): [event.event]
            case .span(let span): span.events
            default: []
            }
        }.filter { $0.name == name }
    }

    func starts(_ name: String) -> [SpanRecord] {
        compactMap { if case .start(let span) = $0, span.name == name { span } else { nil } }
    }

    /// On which span the events of this name stand.
    func spans(ofEvent name: String) -> [String] {
        let names = Dictionary(
            compactMap { record -> (SpanID, String)? in
                if case .start(let span) = record { (span.context.spanID, span.name) } else { nil }
            }, uniquingKeysWith: { first, _ in first })
        return compactMap { record in
            guard case .event(let event) = record, event.event.name == name else { return nil }
            return names[event.span.spanID]
        }
    }
}

extension Attributes {
    func number(_ key: String) -> Double? {
        switch self[key] {
        case .double(let value): value
        case .int(let value): Double(value)
        default: nil
        }
    }
}

struct Broken: Error, Equatable {}

/// Runs `body` on threads of their own, and waits for all of them.
func inThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let done = DispatchGroup()
    for number in 0..<count {
        done.enter()
        Thread.detachNewThread {
            body(number)
            done.leave()
        }
    }
    done.wait()
}
