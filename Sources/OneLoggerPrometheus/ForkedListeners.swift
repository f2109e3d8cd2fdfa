internal import OneLoggerCore
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Sockets that listen, and what wakes who listens, so that a forked child gives them up at once.
///
/// Otherwise a child that lives longer than its parent would keep the port, and nobody would answer there.
@safe
enum ForkedListeners {
    private struct Place {
        var socket: Int32 = -1
        var port: UInt16 = 0
        var isInherited = false
    }

    private static let most = 48
    /// Changed under the lock; in a child, right after the fork, by its only thread.
    nonisolated(unsafe) private static let places: UnsafeMutablePointer<Place> = {
        let places = UnsafeMutablePointer<Place>.allocate(capacity: most)
        unsafe places.initialize(repeating: Place(), count: most)
        pthread_atfork(nil, nil, { ForkedListeners.closeAll() })
        return unsafe places
    }()
    private static let lock = Locked(())

    /// Asks to be told of forks; early, because who asks during a fork does not hear of that one.
    static func register() { _ = unsafe places }

    /// What does not fit is not given up in a child.
    static func add(_ socket: Int32, port: UInt16) {
        lock.withLock { _ in
            for i in 0..<most where unsafe places[i].socket < 0 && !places[i].isInherited {
                unsafe places[i] = Place(socket: socket, port: port)
                return
            }
        }
    }

    static func remove(_ socket: Int32) {
        lock.withLock { _ in
            for i in 0..<most where unsafe places[i].socket == socket { unsafe places[i].socket = -1 }
        }
    }

    /// Whether this process was forked from one that serves this port; a port that the system chooses is another one.
    static func areInherited(port: UInt16) -> Bool {
        guard port != 0 else { return false }
        return lock.withLock { _ in (0..<most).contains { unsafe places[$0].isInherited && places[$0].port == port } }
    }

    /// In a child, where nothing may be waited for.
    private static func closeAll() {
        for i in 0..<most where unsafe places[i].socket >= 0 {
            System.close(unsafe places[i].socket)
            unsafe places[i].socket = -1
            unsafe places[i].isInherited = true
        }
    }
}
