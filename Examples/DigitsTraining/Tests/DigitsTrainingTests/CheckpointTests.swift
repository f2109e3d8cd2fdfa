import DigitsNetwork
import Testing

@Suite struct CheckpointTests {
    /// A checkpoint in which no two parts are alike.
    private func sample(hiddenUnits: Int = 5) -> Checkpoint {
        var generator = SeededGenerator(seed: 3)
        let network = Network(hiddenUnits: hiddenUnits, using: &generator)
        var optimizer = Optimizer(learningRate: 0.0123, momentum: 0.87, hiddenUnits: hiddenUnits)
        optimizer.velocity = Network(hiddenUnits: hiddenUnits, using: &generator)
        optimizer.velocity.output.biases[2] = -0.0
        return Checkpoint(network: network, optimizer: optimizer, generator: generator, epoch: 12, step: 345)
    }

    @Test func `what is loaded equals what was saved, and no temporary file stays`() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/a.checkpoint"
        try sample().save(to: path)
        #expect(try Checkpoint(contentsOf: path) == sample())
        #expect(folder.files == ["a.checkpoint"])
    }

    @Test func `saving again replaces the file`() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/a.checkpoint"
        try sample(hiddenUnits: 9).save(to: path)
        try sample(hiddenUnits: 2).save(to: path)
        #expect(try Checkpoint(contentsOf: path) == sample(hiddenUnits: 2))
    }

    @Test(arguments: [0, 8, 20, 40, 63, 64, 1_000, -1])
    func `one changed bit anywhere is noticed`(place: Int) throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/a.checkpoint"
        try sample().save(to: path)
        var bytes = try readFile(path, advice: "")
        bytes[place < 0 ? bytes.count + place : place] ^= 4
        try writeFile(bytes, to: path)
        #expect(throws: ProblemReport.self) { try Checkpoint(contentsOf: path) }
    }

    @Test(arguments: [0, 7, 8, 64, 65, 2_000])
    func `a file that was cut is refused with its name`(length: Int) throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/a.checkpoint"
        try sample().save(to: path)
        try writeFile(Array(readFile(path, advice: "").prefix(length)), to: path)
        let problem = #expect(throws: ProblemReport.self) { try Checkpoint(contentsOf: path) }
        #expect(problem?.place == path)
    }

    @Test func `a checkpoint that cannot be written leaves the old one whole`() throws {
        // given a saved checkpoint, and a folder where the temporary file should go
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/a.checkpoint"
        try sample().save(to: path)
        try makeFolder(path + ".tmp")

        // when saving fails
        let problem = #expect(throws: ProblemReport.self) { try sample(hiddenUnits: 2).save(to: path) }

        // then the error names the file, and the old checkpoint is still there
        #expect(problem?.place == path + ".tmp")
        #expect(try Checkpoint(contentsOf: path) == sample())
        removeFolder(path + ".tmp")
    }
}

@Suite struct FilesTests {
    @Test func `files that are older than the run, and folders, are not listed`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("text", to: "b")
        _ = try folder.write("text", to: "a")
        try makeFolder(folder.path + "/c")
        let now = secondsSince1970()
        #expect(files(in: folder.path, changedSince: now - 600) == [folder.path + "/a", path])
        #expect(files(in: folder.path, changedSince: now + 600) == [])
        #expect(files(in: "/nowhere", changedSince: 0) == [])
        removeFolder(folder.path + "/c")
    }
}
