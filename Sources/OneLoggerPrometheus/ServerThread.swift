#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A thread that somebody waits for.
struct ServerThread {
    private let thread: pthread_t

    private final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Nil when the system has no more threads.
    init?(_ body: @escaping @Sendable () -> Void) {
        #if canImport(Darwin)
        var thread: pthread_t?
        #else
        var thread = pthread_t()
        #endif
        // Signals are the application's: it inherits a mask that keeps them all away.
        var all = sigset_t(), before = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        let box = unsafe Unmanaged.passRetained(Box(body))
        let problem = unsafe pthread_create(
            &thread, nil,
            { raw in
                #if canImport(Darwin)
                unsafe Unmanaged<Box>.fromOpaque(raw).takeRetainedValue().body()
                #else
                if let raw = unsafe raw { unsafe Unmanaged<Box>.fromOpaque(raw).takeRetainedValue().body() }
                #endif
                return nil
            }, box.toOpaque())
        guard problem == 0 else {
            unsafe box.release()
            return nil
        }
        #if canImport(Darwin)
        guard let thread = unsafe thread else { return nil }
        #endif
        self.thread = thread
    }

    /// Waits for its end.
    func join() { _ = pthread_join(thread, nil) }
}
