import OneLoggerConfig
import OneLoggerCore
import Testing

@Suite struct SessionEnvironmentTests {
    private func section(_ variables: [String: String]) -> String {
        SessionEnvironment(ConfigEnvironment(variables)).application.plain
    }

    private let torch = ["RANK": "3", "LOCAL_RANK": "1", "WORLD_SIZE": "8", "TORCHELASTIC_RUN_ID": "run-7"]
    private let slurm = ["SLURM_PROCID": "5", "SLURM_LOCALID": "2", "SLURM_NTASKS": "16", "SLURM_JOB_ID": "4711"]
    private let mpi = [
        "OMPI_COMM_WORLD_RANK": "4", "OMPI_COMM_WORLD_LOCAL_RANK": "0", "OMPI_COMM_WORLD_SIZE": "6",
    ]

    @Test func `each launcher says rank, place and size`() {
        #expect(section(torch) == "{rank: 3, local_rank: 1, world_size: 8, session_tag: \"run-7\"}")
        #expect(section(slurm) == "{rank: 5, local_rank: 2, world_size: 16, session_tag: \"4711\"}")
        #expect(section(mpi) == "{rank: 4, local_rank: 0, world_size: 6}")
        #expect(section([:]) == "{}")
    }

    @Test func `ranks come from one launcher: torchrun, then Open MPI, then SLURM`() {
        let all = torch.merging(slurm) { $1 }.merging(mpi) { $1 }
        #expect(section(all).hasPrefix("{rank: 3, local_rank: 1, world_size: 8"))
        #expect(section(slurm.merging(mpi) { $1 }) == "{rank: 4, local_rank: 0, world_size: 6, session_tag: \"4711\"}")
        // never the rank of one and the size of another
        #expect(section(["RANK": "3"].merging(mpi) { $1 }) == "{rank: 3}")
        #expect(section(["WORLD_SIZE": "4"]) == "{world_size: 4}")
        #expect(section(["SLURM_NTASKS": "4"]) == "{}")
    }

    @Test func `an indexed job of Kubernetes says the rank, and its pod's name the job`() {
        let pod = ["JOB_COMPLETION_INDEX": "3", "HOSTNAME": "train-7b-3"]
        #expect(section(pod) == "{rank: 3, session_tag: \"train-7b\"}")
        #expect(
            section(pod.merging(["WORLD_SIZE": "16"]) { $1 }) == "{rank: 3, world_size: 16, session_tag: \"train-7b\"}")
        #expect(
            section(torch.merging(pod) { $1 }).hasPrefix(
                "{rank: 3, local_rank: 1, world_size: 8, session_tag: \"run-7\""))
        // a host that is called otherwise, or no indexed job, says nothing
        #expect(section(["JOB_COMPLETION_INDEX": "3", "HOSTNAME": "node-13"]) == "{rank: 3}")
        #expect(section(["HOSTNAME": "train-7b-3"]) == "{}")
    }

    @Test func `an empty variable counts as not set, and torchrun's none is no name`() {
        #expect(section(["RANK": "", "SLURM_PROCID": "1"]) == "{rank: 1}")
        #expect(section(["TORCHELASTIC_RUN_ID": "none", "SLURM_JOB_ID": "4711"]) == "{session_tag: \"4711\"}")
    }

    @Test func `a rank that is no number is a problem with the variable's name, unless somebody else says it`() {
        #expect(
            problems("", environment: ["RANK": "abc"]) == "environment variable RANK: error: 'application.rank' "
                + "must be an integer of at least 0, but is the text \"abc\". Write an integer of at least 0.")
        #expect(
            problems("", environment: ["RANK": "-1"]).hasPrefix(
                "environment variable RANK: error: 'application.rank' is -1"))
        #expect(problems("application: {rank: 0}", environment: ["RANK": "abc"]) == "")
    }

    @Test func `the variables of OpenTelemetry give the name and metadata`() throws {
        let attributes = ["OTEL_RESOURCE_ATTRIBUTES": " service.name = from%20list , team=r%C3%A9s , team=b, empty= ,"]
        #expect(section(attributes) == "{name: \"from list\", custom_metadata: {team: \"b\", empty: \"\"}}")
        let both = attributes.merging(["OTEL_SERVICE_NAME": "own"]) { $1 }
        #expect(section(both) == "{name: \"own\", custom_metadata: {team: \"b\", empty: \"\"}}")
        #expect(try resolve("", environment: both).applicationSection.customMetadata == ["team": "b", "empty": ""])
        #expect(try resolve("application: {name: file}", environment: both).applicationSection.name == "file")
    }

    @Test(arguments: ["a", "=b", "a=1,b", "a=%4", "a=%GG", "a=%+1", "a=%FF", "a=%00", "a=hunter2,hunter2"])
    func `attributes that cannot be read are a problem, are discarded and are not shown`(value: String) {
        let session = SessionEnvironment(ConfigEnvironment(["OTEL_RESOURCE_ATTRIBUTES": value]))
        #expect(session.application.plain == "{}")
        let message = problems("", environment: ["OTEL_RESOURCE_ATTRIBUTES": value])
        #expect(message.hasPrefix("environment variable OTEL_RESOURCE_ATTRIBUTES: error: pair "))
        #expect(!message.contains("hunter2"))
    }

    @Test func `control characters in a variable are a problem`() {
        #expect(
            problems("", environment: ["SLURM_JOB_ID": "a\u{1B}[31m"])
                == "environment variable SLURM_JOB_ID: error: it holds a control character. Remove it.")
    }

    @Test func `every variable that is read is in the list, and nothing else is read`() {
        // given an environment that notes what is asked for
        let expected = Set(SessionEnvironment.variables)
        for launcher in [torch, slurm, mpi] {
            for name in launcher.keys { #expect(expected.contains(name)) }
        }
        let environment = ConfigEnvironment { name in
            #expect(expected.contains(name), "\(name) is read")
            return nil
        }
        _ = SessionEnvironment(environment)
    }

    @Test func `the environment of the process is the real one`() {
        #expect(ConfigEnvironment.process["PATH"]?.contains("/bin") == true)
        #expect(ConfigEnvironment.process["ONELOGGER_EXAMPLE_UNSET"] == nil)
    }
}
