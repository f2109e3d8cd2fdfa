import Foundation
import OneLoggerCore
import Synchronization

/// A folder that is gone, with everything in it, when the test is over or the process exits.
package final class TemporaryFolder: Sendable {
    private static let owner = getpid()
    /// The folders there are: some belong to the whole process, and some tests end theirs.
    private static let all: Locked<Set<String>> = {
        _ = owner  // known before anybody forks
        atexit {
            guard getpid() == TemporaryFolder.owner else { return }  // a child leaves its parent's folders alone
            for path in TemporaryFolder.all.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
        }
        return Locked([])
    }()

    /// Where it is.
    package let path: String

    package init() {
        var template = Array("\(P_tmpdir)/onelogger-test-XXXXXX".utf8CString)
        path = unsafe mkdtemp(&template).map { unsafe String(cString: $0) } ?? "/nonexistent"
        Self.all.withLock { [path] all in _ = all.insert(path) }
    }

    deinit {
        Self.all.withLock { [path] all in _ = all.remove(path) }
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of a file in it.
    package func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    /// The names of what is in it, in order.
    package var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

    /// Writes a file, where `FOLDER` stands for the folder; its path.
    @discardableResult
    package func write(_ text: String, to name: String) -> String {
        let parts = text.split(separator: "FOLDER", omittingEmptySubsequences: false)
        if let file = unsafe fopen(self(name), "wb") {
            _ = unsafe fputs(parts.joined(separator: path), file)
            unsafe fclose(file)
        }
        return self(name)
    }

    /// The text of a file in it; empty when there is none.
    package func text(_ name: String) -> String {
        guard let file = unsafe fopen(self(name), "rb") else { return "" }
        defer { unsafe fclose(file) }
        var result: [UInt8] = [], bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe fread(&bytes, 1, bytes.count, file)
            if count == 0 { return String(decoding: result, as: UTF8.self) }
            result += bytes[..<count]
        }
    }

    /// Removes a file.
    package func remove(_ name: String) { try? FileManager.default.removeItem(atPath: self(name)) }
}
