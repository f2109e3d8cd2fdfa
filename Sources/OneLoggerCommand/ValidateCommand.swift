internal import OneLoggerBootstrap
internal import OneLoggerConfig
internal import OneLoggerCore

/// `onelogger validate`: checks files, and says of each what it asks for or what is wrong with it.
struct ValidateCommand {
    private var files: [String] = []
    private var isQuiet = false
    private var environment = ConfigEnvironment.process
    private var others: [String] = []
    private var stamp: String?
    private var wantsHelp = false

    init(_ arguments: inout Arguments) throws(UsageError) {
        let found = try arguments.parse(
            flags: ["--quiet", "--ignore-environment"], options: ["--allow", "--stamp"]
        ) { name, value in
            switch name {
            case "--quiet": isQuiet = true
            case "--ignore-environment": environment = .unknown
            case "--allow": others.append(value)
            default: stamp = value
            }
        }
        wantsHelp = found == nil
        files = found ?? []
        guard wantsHelp || !files.isEmpty else {
            throw UsageError("no file is given. Write onelogger validate FILE…")
        }
    }

    func run() -> Command.Outcome {
        guard !wantsHelp else { return Command.Outcome(output: Help.validate) }
        var outcome = Command.Outcome()
        for file in files {
            do throws(SettingsError) {
                let checked = try check(file)
                if !isQuiet { outcome.output += "\(onOneLine(file)): ok, \(checked.config.summary)\n" }
            } catch {
                outcome.errors += "\(error)\n"
                outcome.status = 1
            }
        }
        if outcome.status == 0, let stamp, !writeFile(stamp) {
            outcome.errors += "\(stamp): error: can't be written. Choose a folder that exists and may be written to.\n"
            outcome.status = 1
        }
        return outcome
    }

    private func check(_ file: String) throws(SettingsError) -> CheckedConfig {
        let document = try ConfigFile(path: file).read(environment: environment)
        let layers = ConfigLayers(file: document, environment: environment)
        return try CheckedConfig(layers, catalog: .builtIn, allowing: others)
    }
}

extension EffectiveConfig {
    /// `2 exporters: jsonl, console`, and what else there is.
    fileprivate var summary: String {
        let running = exporters.filter(\.isEnabled), resting = exporters.filter { !$0.isEnabled }
        let plugins = recorders.filter(\.isEnabled)
        var parts = [running.isEmpty ? "no exporters" : list("exporter", running)]
        if !resting.isEmpty { parts.append(list("disabled exporter", resting)) }
        if !plugins.isEmpty { parts.append(list("recorder plug-in", plugins)) }
        return parts.joined(separator: "; ")
    }

    private func list(_ noun: String, _ selections: [ComponentSelection]) -> String {
        let names = selections.map { $0.name == $0.type ? $0.type : "\($0.name) (\($0.type))" }
        return "\(names.count) \(noun)\(names.count == 1 ? "" : "s"): \(names.joined(separator: ", "))"
    }
}
