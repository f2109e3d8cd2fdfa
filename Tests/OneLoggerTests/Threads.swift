#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Plain threads for tests; each is joined.
enum Threads {
    final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    static func start(_ body: @escaping @Sendable () -> Void) -> pthread_t {
        var thread = pthread_t()
        let raw = unsafe Unmanaged.passRetained(Body(body)).toOpaque()
        unsafe pthread_create(
            &thread, nil,
            { raw in
                guard let raw = unsafe raw else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(raw).takeRetainedValue().run()
                return nil
            }, raw)
        return thread
    }

    /// Runs `body` on `count` threads at once, and waits for all of them.
    static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let all = (0..<count).map { index in start { body(index) } }
        for thread in all { pthread_join(thread, nil) }
    }
}

/// A value behind a plain lock.
///
/// Not `Mutex`: the thread sanitizer does not understand that one, and reports its users.
@safe
final class Locked<Value>: Sendable {
    nonisolated(unsafe) private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    nonisolated(unsafe) private var value: Value

    init(_ value: sending Value) {
        unsafe self.value = value
        unsafe pthread_mutex_init(mutex, nil)
    }

    deinit { unsafe mutex.deallocate() }

    func withLock<R>(_ body: (inout Value) -> R) -> R {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return unsafe body(&value)
    }
}
