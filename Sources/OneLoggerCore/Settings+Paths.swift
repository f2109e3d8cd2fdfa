extension Settings {
    /// Reports names in braces that ``Resource/expanding(_:)`` does not replace: a mistyped one would stay in every path.
    ///
    /// Braces around anything but a name of letters and underscores are left alone.
    package mutating func checkPlaceholders(_ key: String, in path: String, at place: SettingsOrigin?) {
        let known = ["pid", "rank", "session"]
        for part in path.split(separator: "{", omittingEmptySubsequences: false).dropFirst() {
            guard let end = part.firstIndex(of: "}") else { continue }
            let name = part[..<end]
            guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0 == "_" }), !known.contains(String(name)) else {
                continue
            }
            let near = nearestName(to: String(name), among: known).map { "Did you mean '{\($0)}'? " } ?? ""
            report(
                key, "has the placeholder \(excerpt("{\(name)}")), which nothing replaces",
                advice: "\(near)Allowed: {pid}, {rank}, {session}.", at: place)
        }
    }
}
