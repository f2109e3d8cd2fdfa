public import OneLoggerCore

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A configuration file that was found, and how.
public struct ConfigFile: Sendable, Hashable {
    /// The variable that names the configuration file.
    public static let pathVariable = "ONE_LOGGER_EXPORTER_CONFIG_PATH"
    /// The names that are looked for in the working directory, in this order.
    public static let standardNames = ["yaml", "yml", "json"].map { "one_logger_exporters_config.\($0)" }

    /// Why a file was chosen.
    @nonexhaustive
    public enum Choice: Sendable, Hashable {
        /// The program, or its caller, named it.
        case argument
        /// The environment variable names it.
        case variable
        /// It has a standard name and lies in the working directory.
        case standardName
    }

    /// The path, as it was given.
    public let path: String
    /// Why this file.
    public let choice: Choice

    /// Names a file.
    public init(path: String, choice: Choice = .argument) {
        self.path = path
        self.choice = choice
    }

    /// Chooses the file: `explicit`, else what the variable names, else the first standard name that exists.
    ///
    /// A path that is named is chosen whether it exists or not, so that `read(environment:)` can say what is wrong
    /// with it; there is no falling through. An empty variable counts as not set.
    ///
    /// - Parameters:
    ///   - explicit: The path that the program was given.
    ///   - environment: Where the variable is looked up.
    ///   - directory: Where standard names are looked for; the working directory unless a test says otherwise.
    /// - Returns: nil when nothing was named and no standard name exists.
    public static func choose(
        explicit: String? = nil, environment: ConfigEnvironment = .process, directory: String = ""
    ) -> ConfigFile? {
        if let explicit { return ConfigFile(path: explicit) }
        if let named = environment.meaningful(pathVariable) { return ConfigFile(path: named, choice: .variable) }
        let prefix = directory.isEmpty || directory.hasSuffix("/") ? directory : "\(directory)/"
        let path = standardNames.map { prefix + $0 }.first { path in
            // A dangling link exists, and is then reported as unreadable.
            var status = stat()
            return unsafe lstat(path, &status) == 0
        }
        return path.map { ConfigFile(path: $0, choice: .standardName) }
    }

    /// Reads and parses the file.
    ///
    /// - Parameters:
    ///   - environment: Where `${NAME}` is looked up.
    ///   - name: What messages call the file; its path unless given.
    /// - Returns: What the file holds.
    /// - Throws: `SettingsError.unreadable` when it is absent, no regular file, not allowed to be read,
    ///   or has another suffix than `.yaml`, `.yml` and `.json`; others when it cannot be parsed.
    public func read(
        environment: ConfigEnvironment = .process, name: String? = nil
    ) throws(SettingsError) -> ConfigDocument {
        let name = name ?? path
        guard let syntax else {
            throw .unreadable(file: name, reason: "it has another suffix" + because)
        }
        let bytes: [UInt8]
        do throws(Unreadable) {
            bytes = try contents()
        } catch {
            throw .unreadable(file: name, reason: error.reason + because)
        }
        return try ConfigDocument(bytes: bytes, file: name, syntax: syntax, environment: environment)
    }

    private var syntax: ConfigDocument.Syntax? {
        let lowercased = path.lowercased()
        if lowercased.hasSuffix(".yaml") || lowercased.hasSuffix(".yml") { return .yaml }
        return lowercased.hasSuffix(".json") ? .json : nil
    }

    private var because: String { choice == .variable ? ", and \(Self.pathVariable) names it" : "" }

    private struct Unreadable: Error {
        var reason: String

        init(_ reason: String) { self.reason = reason }

        init(errno number: Int32) {
            reason =
                switch number {
                case ENOENT: "no such file"
                case ENOTDIR: "a part of the path is no folder"
                case EACCES, EPERM: "permission denied"
                case EISDIR: "it is a folder"
                case ELOOP: "too many links"
                case ENAMETOOLONG: "the name is too long"
                default: "error \(number) of the operating system"
                }
        }
    }

    /// The file's bytes, at most one more than a configuration may hold.
    private func contents() throws(Unreadable) -> [UInt8] {
        // Without O_NONBLOCK a named pipe would hold the program until somebody writes.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Unreadable(errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw Unreadable(errno: errno) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw Unreadable("it is a folder")
        default: throw Unreadable("it is no regular file")
        }
        let limit = SourceText.maxBytes + 4
        var bytes: [UInt8] = [], chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < limit {
            let count = Self.read(descriptor, into: &chunk)
            guard count >= 0 else {
                if errno == EINTR { continue }
                throw Unreadable(errno: errno)
            }
            guard count > 0 else { break }
            bytes += chunk.prefix(min(count, limit - bytes.count))
        }
        return bytes
    }

    private static func read(_ descriptor: Int32, into chunk: inout [UInt8]) -> Int {
        let room = chunk.count
        #if canImport(Glibc)
        return unsafe Glibc.read(descriptor, &chunk, room)
        #else
        return unsafe Darwin.read(descriptor, &chunk, room)
        #endif
    }
}
