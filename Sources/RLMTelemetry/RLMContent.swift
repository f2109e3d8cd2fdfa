/// What an agent is told and says: the texts that may hold what nobody else should read.
@nonexhaustive
public enum RLMContent: String, Sendable, Hashable {
    /// What it is asked to do.
    case task
    /// A program that it runs.
    case code
    /// What the program prints.
    case output
    /// What it answers in the end.
    case answer
    /// Why a step or a run failed.
    case error

    /// Whether texts leave the process at all.
    public enum Mode: Sendable, Hashable {
        /// Task, code, output and answer are left out; errors stay, because a status needs its reason.
        case none
        /// Each text up to its limit.
        case truncated
    }

    /// How many characters of each text are kept.
    ///
    /// A text never ends inside a character. One whose characters are longer than 32 bytes each ends earlier.
    public struct Limits: Sendable, Hashable {
        /// Of a task.
        ///
        /// Unit: characters.
        public var task = 500
        /// Of a program.
        ///
        /// Unit: characters.
        public var code = 1000
        /// Of an output.
        ///
        /// Unit: characters.
        public var output = 1000
        /// Of an answer.
        ///
        /// Unit: characters.
        public var answer = 1000
        /// Of an error.
        ///
        /// Unit: characters.
        public var error = 200

        /// Creates the defaults.
        public init() {}

        subscript(content: RLMContent) -> Int {
            switch content {
            case .task: task
            case .code: code
            case .output: output
            case .answer: answer
            case .error: error
            }
        }
    }
}

/// Changes a text before it leaves the process; nil leaves it out.
///
/// Called on the thread of the hook, before the text is cut; must be quick.
public typealias RLMRedaction = @Sendable (RLMContent, String) -> String?

/// What happens to texts on their way out.
struct ContentRules: Sendable {
    var mode = RLMContent.Mode.truncated
    var limits = RLMContent.Limits()
    var redaction: RLMRedaction?

    /// The text as it may leave, not cut; nil when it may not.
    func whole(_ content: RLMContent, _ text: String?) -> String? {
        guard let text, mode == .truncated || content == .error else { return nil }
        guard let redaction else { return text }
        return redaction(content, text)
    }

    /// The text as it may leave, and whether something was cut; nil when there is none, or it may not leave.
    func kept(_ content: RLMContent, _ text: String?) -> (text: String, isCut: Bool)? {
        guard let text = whole(content, text), !text.isEmpty else { return nil }
        return prefix(of: text, limits[content])
    }
}

/// The first `limit` characters, and whether that is less than all.
func prefix(of text: String, _ limit: Int) -> (text: String, isCut: Bool) {
    let bytes = text.utf8.count
    // No character is shorter than a byte.
    guard bytes > limit else { return (text, false) }
    // Characters can be of any length, so bytes have a limit, too.
    let most = limit * 32
    var end = text.startIndex, count = 0, used = 0
    while count < limit, end < text.endIndex {
        let next = text.index(after: end)
        used += text.utf8.distance(from: end, to: next)
        if used > most { break }
        end = next
        count += 1
    }
    guard end < text.endIndex else { return (text, false) }
    return (String(text[..<end]), true)
}
