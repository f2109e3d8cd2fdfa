import OneLoggerConfig
import OneLoggerCore
import OneLoggerTestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

@Suite struct ConfigFileTests {
    private let nothing = ConfigEnvironment([:])

    private func reason(_ file: ConfigFile?) -> String {
        do throws(SettingsError) {
            _ = try file?.read(environment: nothing)
            return ""
        } catch {
            return error.description
        }
    }

    @Test func `the file is the argument, else the variable, else yaml, yml, json of the working directory`() throws {
        // given all of them
        let folder = TemporaryFolder()
        let names = ["yaml", "yml", "json"].map { "one_logger_exporters_config.\($0)" }
        for name in names { folder.write("{}", to: name) }
        let variable = ConfigEnvironment([ConfigFile.pathVariable: "named.yaml"])

        // then each gives way to the one before it
        #expect(
            ConfigFile.choose(explicit: "given.yaml", environment: variable, directory: folder.path)
                == ConfigFile(path: "given.yaml", choice: .argument))
        #expect(
            ConfigFile.choose(environment: variable, directory: folder.path)
                == ConfigFile(path: "named.yaml", choice: .variable))
        for name in names {
            let chosen = ConfigFile.choose(environment: nothing, directory: folder.path)
            #expect(chosen == ConfigFile(path: folder("\(name)"), choice: .standardName))
            #expect(try #require(chosen).read(environment: nothing).root.plain == "{}")
            _ = unsafe remove(folder("\(name)"))
        }

        // and no file at all is fine
        #expect(ConfigFile.choose(environment: nothing, directory: folder.path) == nil)
        #expect(
            ConfigFile.choose(environment: ConfigEnvironment([ConfigFile.pathVariable: ""]), directory: folder.path)
                == nil)
    }

    @Test func `a path that was named never falls through to another file`() throws {
        let folder = TemporaryFolder()
        folder.write("{}", to: "one_logger_exporters_config.yaml")
        folder.write("{}", to: "config.toml")
        let advice = "Pass an existing .yaml, .yml or .json file."

        let absent = ConfigFile.choose(
            explicit: folder("absent.yaml"), environment: nothing, directory: folder.path)
        #expect(reason(absent) == folder("absent.yaml: error: can't be read: no such file. \(advice)"))

        let environment = ConfigEnvironment([ConfigFile.pathVariable: folder("absent.yml")])
        let named = ConfigFile.choose(environment: environment, directory: folder.path)
        #expect(
            reason(named) == folder("absent.yml: error: can't be read: no such file, ")
                + "and ONE_LOGGER_EXPORTER_CONFIG_PATH names it. \(advice)")

        #expect(reason(ConfigFile(path: folder("config.toml"))).contains("it has another suffix"))
        #expect(reason(ConfigFile(path: folder.path)).contains("it has another suffix"))
        #expect(
            reason(ConfigFile(path: folder("config.toml/x.yaml"))).contains("a part of the path is no folder"))
    }

    @Test func `folders, pipes and dangling links are errors, whatever they are called`() throws {
        let folder = TemporaryFolder()
        let path = folder("one_logger_exporters_config.yaml")
        _ = unsafe mkdir(path, 0o700)
        #expect(reason(ConfigFile.choose(environment: nothing, directory: folder.path)).contains("it is a folder"))
        _ = unsafe rmdir(path)
        _ = unsafe mkfifo(path, 0o600)
        #expect(
            reason(ConfigFile.choose(environment: nothing, directory: folder.path)).contains("it is no regular file"))
        _ = unsafe remove(path)
        _ = unsafe symlink("nowhere", path)
        #expect(reason(ConfigFile.choose(environment: nothing, directory: folder.path)).contains("no such file"))
    }

    @Test(.enabled(if: geteuid() != 0, "root may read everything"))
    func `a file that may not be read is an error`() throws {
        let folder = TemporaryFolder()
        folder.write("{}", to: "a.yaml")
        _ = unsafe chmod(folder("a.yaml"), 0)
        #expect(reason(ConfigFile(path: folder("a.yaml"))).contains("permission denied"))
    }

    @Test func `a file that is too long is an error`() throws {
        let folder = TemporaryFolder()
        folder.write(String(repeating: "# comment\n", count: 200_000), to: "a.yaml")
        #expect(reason(ConfigFile(path: folder("a.yaml"))).contains("at most 1 MiB"))
    }

    @Test func `the suffix chooses the language, in upper or lower case`() throws {
        let folder = TemporaryFolder()
        folder.write("merge: true", to: "a.YML")
        folder.write("merge: true", to: "a.JSON")
        #expect(try ConfigFile(path: folder("a.YML")).read(environment: nothing).root.plain == "{merge: true}")
        #expect(reason(ConfigFile(path: folder("a.JSON"))).contains("/a.JSON:1:1: error: in JSON, "))
    }
}
