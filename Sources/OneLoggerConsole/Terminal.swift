#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Where lines go, and what can be shown there.
package struct Terminal: Sendable {
    package let descriptor: Int32
    /// What errors call it.
    package let name: String
    package let isTerminal: Bool
    /// True when the locale writes UTF-8.
    package let isUTF8: Bool
    /// True when the user forbids colours: `NO_COLOR` is set and not empty.
    ///
    /// Source: https://no-color.org
    package let forbidsColor: Bool
    /// True when `auto` means colours: a terminal that knows them, and nobody forbids them.
    package let allowsColor: Bool

    /// - Parameters:
    ///   - descriptor: The open file.
    ///   - name: What errors call it.
    ///   - environment: Gives the value of an environment variable.
    package init(descriptor: Int32, name: String, environment: (String) -> String? = Self.variable) {
        self.descriptor = descriptor
        self.name = name
        isTerminal = isatty(descriptor) == 1
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(environment).first { !$0.isEmpty } ?? ""
        // What follows an @ is not the encoding: de_DE.UTF-8@euro.
        let encoding = locale.lowercased().prefix { $0 != "@" }
        isUTF8 = encoding.hasSuffix("utf-8") || encoding.hasSuffix("utf8")
        forbidsColor = !(environment("NO_COLOR") ?? "").isEmpty
        allowsColor = isTerminal && !forbidsColor && environment("TERM") != "dumb"
    }

    /// The width of the terminal now; nil when it is none, or does not say.
    package var columns: Int? {
        var size = winsize()
        guard isTerminal, unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// The environment variable `name`; nil when it is not set.
    package static func variable(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}
