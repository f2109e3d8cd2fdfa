import Foundation
import OneLoggerCore
import Synchronization

/// What a receiver got.
package struct Request: Decodable, Sendable {
    package var test: String
    package var signal: String
    package var path: String
    package var headers: [String: String]
    package var names: [String]
    package var size: Int
    package var peer: String
    package var at: Double
    /// The whole request as JSON, when the header `x-content` asked for it.
    package var content: String?
}

/// `Tests/Helpers/otlp_receiver.py`, which speaks all three protocols.
package final class Receiver: Sendable {
    /// One for all tests.
    package static let shared: Receiver? = {
        let receiver = try? Receiver()
        pidOfShared.withLock { $0 = receiver?.process.pid ?? 0 }
        atexit { pidOfShared.withLock { pid in if pid > 0 { kill(pid, SIGKILL) } } }
        return receiver
    }()
    private static let pidOfShared = Locked<pid_t>(0)

    /// The receiver said nothing: `make test` installs what it needs.
    package struct NotReady: Error {}

    private struct Ports: Decodable {
        var http, grpc: Int
    }

    package let process: ChildProcess
    package let http: Int
    package let grpc: Int
    /// Not a `Mutex`, into which the thread sanitizer does not see.
    private let lock = NSLock()
    private nonisolated(unsafe) var requests: [Request] = []

    package init(http: Int = 0, grpc: Int = 0) throws {
        process = try ChildProcess(python, ["\(packageFolder)/Tests/Helpers/otlp_receiver.py", "\(http)", "\(grpc)"])
        guard let line = process.line() else { throw NotReady() }
        let ports = try JSONDecoder().decode(Ports.self, from: Data(line.utf8))
        (self.http, self.grpc) = (ports.http, ports.grpc)
        Thread { [self] in
            while let line = process.line() {
                guard let request = try? JSONDecoder().decode(Request.self, from: Data(line.utf8)) else { continue }
                lock.withLock { unsafe requests.append(request) }
            }
        }.start()
    }

    package func stop() {
        process.kill(SIGKILL)
        _ = process.end()
    }

    /// What a test has sent so far.
    package func got(_ test: String) -> [Request] { lock.withLock { unsafe requests.filter { $0.test == test } } }

    /// Waits until a test has sent as much as it should; what it has sent then.
    package func got(_ test: String, _ isEnough: ([Request]) -> Bool) -> [Request] {
        _ = eventually { isEnough(got(test)) }
        return got(test)
    }

    /// The names of spans that arrived, when there are enough of them.
    package func names(_ test: String, count: Int) -> [String] {
        got(test) { $0.flatMap(\.names).count >= count }.flatMap(\.names)
    }
}
