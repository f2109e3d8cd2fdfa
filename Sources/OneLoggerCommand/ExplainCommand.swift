internal import OneLoggerBootstrap
internal import OneLoggerConfig
internal import OneLoggerCore

/// `onelogger explain`: the configuration that applies, and where each value came from.
struct ExplainCommand {
    private var file: String?
    private var others: [String] = []
    private var wantsHelp = false

    init(_ arguments: inout Arguments) throws(UsageError) {
        let found = try arguments.parse(flags: [], options: ["--allow"]) { _, value in others.append(value) }
        wantsHelp = found == nil
        file = found?.first
        guard found?.count ?? 0 < 2 else {
            throw UsageError("more than one file is given. Write onelogger explain [FILE].")
        }
    }

    func run() -> Command.Outcome {
        guard !wantsHelp else { return Command.Outcome(output: Help.explain) }
        do throws(SettingsError) {
            let document = try ConfigFile.choose(explicit: file)?.read()
            let checked = try CheckedConfig(ConfigLayers(file: document), catalog: .builtIn, allowing: others)
            return Command.Outcome(output: checked.config.explain())
        } catch {
            return Command.Outcome(errors: "\(error)\n", status: 1)
        }
    }
}
