import OneLoggerConfig
import OneLoggerCore
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The folder of the package.
let packageFolder: String = {
    let parts = #filePath.split(separator: "/").dropLast(3)
    return "/" + parts.joined(separator: "/")
}()

struct NoFile: Error {
    var path: String
}

/// The bytes of a file of the package.
func bytes(of path: String) throws -> [UInt8] {
    guard let file = unsafe fopen("\(packageFolder)/\(path)", "rb") else { throw NoFile(path: path) }
    defer { unsafe fclose(file) }
    var result: [UInt8] = [], chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = unsafe fread(&chunk, 1, chunk.count, file)
        if count == 0 { return result }
        result += chunk.prefix(count)
    }
}

/// The text of a file of the package.
func text(of path: String) throws -> String { String(decoding: try bytes(of: path), as: UTF8.self) }

/// The names in a folder of the package, in order.
func names(in folder: String) throws -> [String] {
    guard let directory = unsafe opendir("\(packageFolder)/\(folder)") else { throw NoFile(path: folder) }
    defer { unsafe closedir(directory) }
    var result: [String] = []
    while let entry = unsafe readdir(directory) {
        let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if !name.hasPrefix(".") { result.append(name) }
    }
    return result.sorted()
}

/// A folder that is gone when the test is over.
struct TemporaryFolder: ~Copyable {
    let path: String

    init() throws {
        var template = Array("\(P_tmpdir)/onelogger-config-XXXXXX".utf8CString)
        guard let made = unsafe mkdtemp(&template) else { throw NoFile(path: "a temporary folder") }
        path = unsafe String(cString: made)
    }

    func write(_ text: String, to name: String) throws {
        guard let file = unsafe fopen("\(path)/\(name)", "wb") else { throw NoFile(path: name) }
        _ = unsafe fputs(text, file)
        unsafe fclose(file)
    }

    deinit {
        guard let directory = unsafe opendir(path) else { return }
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { _ = unsafe remove("\(path)/\(name)") }
        }
        unsafe closedir(directory)
        _ = unsafe rmdir(path)
    }
}

/// What reading `yaml` and resolving it alone gives.
func resolve(
    _ yaml: String, file: String = "a.yaml", syntax: ConfigDocument.Syntax = .yaml,
    direct: DirectConfig = DirectConfig(),
    packages: [PackageConfig] = [], environment: [String: String] = [:]
) throws(SettingsError) -> EffectiveConfig {
    let environment = ConfigEnvironment(environment)
    let document = try ConfigDocument(text: yaml, file: file, syntax: syntax, environment: environment)
    return try ConfigLayers(direct: direct, file: document, packages: packages, environment: environment).resolve()
}

/// The messages that reading and resolving a text gives, one per line; empty when all is well.
func problems(
    _ yaml: String, file: String = "a.yaml", syntax: ConfigDocument.Syntax = .yaml,
    direct: DirectConfig = DirectConfig(),
    packages: [PackageConfig] = [], environment: [String: String] = [:]
) -> String {
    do throws(SettingsError) {
        _ = try resolve(
            yaml, file: file, syntax: syntax, direct: direct, packages: packages, environment: environment)
        return ""
    } catch {
        return error.description
    }
}

/// The content of a text, without problems.
func parse(
    _ text: String, syntax: ConfigDocument.Syntax = .yaml, environment: [String: String] = [:]
) throws -> SettingsNode {
    let document = try ConfigDocument(
        text: text, file: "a.yaml", syntax: syntax, environment: ConfigEnvironment(environment))
    try #require(document.isUsable)
    return document.root
}

extension SettingsNode {
    /// The values alone, as text: `{a: 1, b: [true, "x"]}`.
    var plain: String {
        switch content {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .double(let value): "\(value)"
        case .string(let value): "\"\(value)\""
        case .list(let items): "[" + items.map(\.plain).joined(separator: ", ") + "]"
        case .map(let entries): "{" + entries.map { "\($0.key): \($0.value.plain)" }.joined(separator: ", ") + "}"
        }
    }
}
