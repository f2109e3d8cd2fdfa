import OneLoggerCore
import Synchronization

#if canImport(Glibc)
package import Glibc
#elseif canImport(Darwin)
package import Darwin
#endif

/// A program of the package that runs as a process of its own.
///
/// What it prints to standard output comes through a pipe, standard error goes into a file or where ours goes.
package final class ChildProcess: Sendable {
    /// How a process ended.
    package enum End: Equatable {
        case exit(Int32)
        case signal(Int32)
    }

    package struct NotStarted: Error {
        package var program: String
        package var errno: Int32
    }

    /// Between the making of a pipe and its mark, no other test may start a process that would inherit it.
    private static let starting = Locked(())

    package let pid: pid_t
    private let pipe: Int32
    /// Where its standard input comes from; -1 when that is ours.
    private let input: Int32
    private let rest = Locked<[UInt8]>([])

    /// The folder of the programs that were built together with the tests.
    package static let programs: String = {
        var bytes = [CChar](repeating: 0, count: 4096)
        let count = unsafe readlink("/proc/self/exe", &bytes, bytes.count)
        let own = count > 0 ? String(decoding: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) : ""
        let path = own.isEmpty ? CommandLine.arguments[0] : own
        return path.split(separator: "/").dropLast().map { "/\($0)" }.joined()
    }()

    /// Starts a program, by its path or, without a `/`, by its name in ``programs`` or the system's path.
    ///
    /// - Parameters:
    ///   - program: What to run.
    ///   - arguments: Its arguments.
    ///   - variables: What its environment has beyond ours; an empty value takes a variable away.
    ///   - errors: A file for standard error.
    ///   - input: True for a pipe to standard input, see ``write(_:)``; it ends with this object.
    /// - Throws: ``NotStarted``.
    package init(
        _ program: String, _ arguments: [String], variables: [String: String] = [:], errors: String? = nil,
        input: Bool = false
    ) throws {
        let own = "\(Self.programs)/\(program)"
        let path = unsafe access(own, X_OK) == 0 ? own : program
        var words: [UnsafeMutablePointer<CChar>?] = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        var settings = Self.environment
        for (name, value) in variables { settings[name] = value.isEmpty ? nil : value }
        var environment: [UnsafeMutablePointer<CChar>?] = unsafe settings.map { unsafe strdup("\($0)=\($1)") } + [nil]
        defer { unsafe (words + environment).forEach { unsafe free($0) } }

        (pid, pipe, self.input) = try Self.starting.withLock { _ throws -> (pid_t, Int32, Int32) in
            var ends: [Int32] = [0, 0], inputEnds: [Int32] = [-1, -1], pid: pid_t = 0
            guard Self.makePipe(&ends) == 0, !input || Self.makePipe(&inputEnds) == 0 else {
                throw NotStarted(program: program, errno: errno)
            }
            for end in ends + inputEnds where end >= 0 { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            defer {
                close(ends[1])
                if input { close(inputEnds[0]) }
            }
            var actions = unsafe posix_spawn_file_actions_t()
            unsafe posix_spawn_file_actions_init(&actions)
            defer { unsafe posix_spawn_file_actions_destroy(&actions) }
            unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
            if input { unsafe posix_spawn_file_actions_adddup2(&actions, inputEnds[0], 0) }
            if let errors {
                unsafe posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
            }
            // The threads that run tests block signals, and a new process inherits that.
            var attributes = posix_spawnattr_t()
            unsafe posix_spawnattr_init(&attributes)
            defer { unsafe posix_spawnattr_destroy(&attributes) }
            var none = sigset_t()
            unsafe sigemptyset(&none)
            unsafe posix_spawnattr_setsigmask(&attributes, &none)
            unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
            let problem = unsafe posix_spawnp(&pid, path, &actions, &attributes, &words, &environment)
            guard problem == 0 else {
                close(ends[0])
                if input { close(inputEnds[1]) }
                throw NotStarted(program: program, errno: problem)
            }
            return (pid, ends[0], inputEnds[1])
        }
    }

    deinit {
        close(pipe)
        if input >= 0 { close(input) }
    }

    /// Writes to its standard input.
    package func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            #if canImport(Glibc)
            unsafe _ = Glibc.write(input, bytes.baseAddress, bytes.count)
            #else
            unsafe _ = Darwin.write(input, bytes.baseAddress, bytes.count)
            #endif
        }
    }

    private static func makePipe(_ ends: inout [Int32]) -> Int32 {
        #if canImport(Glibc)
        unsafe Glibc.pipe(&ends)
        #else
        unsafe Darwin.pipe(&ends)
        #endif
    }

    private static var environment: [String: String] {
        var result: [String: String] = [:], place = 0
        while let entry = unsafe environ[place] {
            let parts = unsafe String(cString: entry).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
            place += 1
        }
        return result
    }

    /// Waits for the next line on standard output; nil at its end.
    package func line() -> String? {
        rest.withLock { rest in
            while true {
                if let end = rest.firstIndex(of: 10) {
                    defer { rest.removeFirst(end + 1) }
                    return String(decoding: rest[..<end], as: UTF8.self)
                }
                var bytes = [UInt8](repeating: 0, count: 4096)
                let count = unsafe read(pipe, &bytes, bytes.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return nil }
                rest += bytes[..<count]
            }
        }
    }

    package func kill(_ signal: Int32) {
        #if canImport(Glibc)
        _ = Glibc.kill(pid, signal)
        #else
        _ = Darwin.kill(pid, signal)
        #endif
    }

    /// Waits for its end.
    package func end() -> End {
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status & 0x7f == 0 ? .exit(status >> 8 & 0xff) : .signal(status & 0x7f)
    }

    /// Waits for the end, then for what is left of standard output.
    package func finish() -> (end: End, output: String) {
        var output = ""
        while let line = line() { output += line + "\n" }
        return (end(), output)
    }
}
