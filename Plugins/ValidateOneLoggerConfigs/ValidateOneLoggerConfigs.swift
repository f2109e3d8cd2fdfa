import Foundation
import PackagePlugin

/// Checks the configurations of a target while it is built: a mistake in one stops the build, with its line and column.
///
/// A configuration is a YAML or JSON file below the target's folder that has a standard name
/// (`one_logger_exporters_config.yaml`), ends in `.onelogger.yaml`, or lies in a folder `OneLogger`. It may be a resource
/// of the target, excluded from it, or neither.
@main
struct ValidateOneLoggerConfigs: BuildToolPlugin {
    private static let suffixes = ["yaml", "yml", "json"]

    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let files = configurations(in: target.directoryURL)
        guard !files.isEmpty else { return [] }
        guard target is SwiftSourceModuleTarget else {
            Diagnostics.error("ValidateOneLoggerConfigs: '\(target.name)' is no Swift target. Apply it to one that is.")
            return []
        }
        // Swift source, a comment only: anything else would become a resource, and a resource needs Foundation.
        let stamp = context.pluginWorkDirectoryURL.appending(path: "OneLoggerConfigsAreValid.swift")
        // The environment of a build is not that of the program: values that need a variable are left to the start.
        let arguments = ["validate", "--quiet", "--ignore-environment", "--stamp", stamp.path()]
        return [
            .buildCommand(
                displayName: "Checking OneLogger configurations of \(target.name)",
                executable: try context.tool(named: "onelogger").url,
                arguments: arguments + ["--"] + files.map { $0.path() }, inputFiles: files, outputFiles: [stamp])
        ]
    }

    /// The configurations in a folder and in those below it, in order; hidden ones are passed over.
    private func configurations(in folder: URL) -> [URL] {
        let options: FileManager.DirectoryEnumerationOptions = [.skipsHiddenFiles]
        let all = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil, options: options)
        let depth = folder.pathComponents.count
        return (all?.compactMap { $0 as? URL } ?? [])
            .filter { isConfiguration($0.pathComponents.dropFirst(depth)) }
            .sorted { $0.path() < $1.path() }
    }

    private func isConfiguration(_ path: ArraySlice<String>) -> Bool {
        guard let name = path.last?.lowercased(), Self.suffixes.contains(where: { name.hasSuffix(".\($0)") }) else {
            return false
        }
        return path.dropLast().contains("OneLogger")
            || Self.suffixes.contains { name == "one_logger_exporters_config.\($0)" || name.hasSuffix(".onelogger.\($0)") }
    }
}
