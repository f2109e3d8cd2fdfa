import Foundation

/// The folder of the package.
package let packageFolder = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")

/// Python with the packages of `Tests/Helpers/requirements.txt`; `make test` makes it.
package let python = "\(packageFolder)/.build/venv/bin/python"

/// The files of this repository, by their paths in it.
package enum Repository {
    package static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: "\(packageFolder)/\(path)")))
    }

    package static func text(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }

    package static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(packageFolder)/\(path)")
    }

    /// The names in a folder, in order, but those that begin with a dot; none when there is no folder.
    package static func names(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(packageFolder)/\(folder)")) ?? []
        return names.filter { !$0.hasPrefix(".") }.sorted()
    }

    /// The files below a folder whose names end in `suffix`, but for what was built.
    package static func files(below folder: String, suffix: String) -> [String] {
        guard let all = FileManager.default.enumerator(atPath: "\(packageFolder)/\(folder)") else { return [] }
        return all.compactMap { $0 as? String }
            .filter { path in path.hasSuffix(suffix) && !path.split(separator: "/").contains(".build") }
            .map { "\(folder)/\($0)" }.sorted()
    }
}
