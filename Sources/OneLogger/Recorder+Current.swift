internal import COneLogger
public import OneLoggerCore

extension Recorder {
    @TaskLocal static var scoped: Recorder?

    /// The recorder that free functions use: that of ``withRecorder(_:_:)``, else the installed one, else one that
    /// records nothing, which says so once.
    public static var current: Recorder { installedOrScoped ?? Registry.shared.disabledWithNotice }

    /// The installed recorder; nil when there is none.
    package static var installed: Recorder? { Registry.shared.installed }

    static var installedOrScoped: Recorder? { scoped ?? Registry.shared.installed }

    /// Makes a recorder the one that free functions use.
    ///
    /// Once per process.
    ///
    /// - Throws: `TelemetryError.alreadyConfigured` when one is installed.
    public static func install(_ recorder: Recorder) throws(TelemetryError) {
        guard Registry.shared.install(recorder) else { throw .alreadyConfigured("Recorder.install") }
    }

    /// Takes the installed recorder away, for tests; it is not shut down.
    package static func uninstall() { Registry.shared.uninstall() }
}

/// Uses `recorder` for free functions inside `body`, in this task and its children.
///
/// For tests: while one is open anywhere in the process, free functions everywhere take a slower path.
public func withRecorder<R: ~Copyable, E: Error>(_ recorder: Recorder, _ body: () throws(E) -> R) throws(E) -> R {
    Registry.shared.enterScope()
    defer { Registry.shared.leaveScope() }
    let result: Result<R, E> = scopedResult(recorder, body)
    return try result.get()
}

private func scopedResult<R: ~Copyable, E: Error>(_ recorder: Recorder, _ body: () throws(E) -> R) -> Result<R, E> {
    var result: Result<R, E>?
    Recorder.$scoped.withValue(recorder) {
        do throws(E) { result = .success(try body()) } catch { result = .failure(error) }
    }
    guard let done = result.take() else { preconditionFailure("a task-local's scope runs its body") }
    return done
}

/// Uses `recorder` for free functions inside `body`, in this task and its children.
///
/// For tests: while one is open anywhere in the process, free functions everywhere take a slower path.
public func withRecorder<R, E: Error>(
    _ recorder: Recorder, isolation: isolated (any Actor)? = #isolation,
    _ body: nonisolated(nonsending) () async throws(E) -> R
) async throws(E) -> R {
    Registry.shared.enterScope()
    defer { Registry.shared.leaveScope() }
    let result: Result<R, E> = await Recorder.$scoped.withValue(recorder) { () async -> Result<R, E> in
        // Captured, so that this closure runs on the caller's actor.
        _ = isolation
        do throws(E) { return .success(try await body()) } catch { return .failure(error) }
    }
    return try result.get()
}
