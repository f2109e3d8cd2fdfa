internal import OneLoggerCore

extension SettingsNode {
    /// This value laid over `base`.
    ///
    /// Maps merge key by key, the keys of `base` keep their places, new ones follow. Anything else replaces what is
    /// below, lists as wholes; a null replaces nothing.
    ///
    /// - Parameters:
    ///   - base: What has less priority.
    ///   - deepKeys: The keys of this map whose maps merge key by key, too; nil stands for all, at any depth.
    /// - Returns: A value with the origins of both.
    func laid(over base: SettingsNode, deepKeys: Set<String>? = nil) -> SettingsNode {
        if content == .null { return base }
        guard case .map(let top) = content, case .map(let bottom) = base.content else { return self }
        var result = bottom
        var places: [String: Int] = [:]
        for (place, entry) in bottom.enumerated() { places[entry.key] = place }
        for entry in top {
            guard let place = places[entry.key] else {
                result.append(entry)
                continue
            }
            if entry.value.content == .null { continue }
            result[place].origin = entry.origin
            let isDeep = deepKeys?.contains(entry.key) ?? true
            result[place].value = isDeep ? entry.value.laid(over: result[place].value) : entry.value
        }
        var node = self
        node.content = .map(result)
        return node
    }

    /// The same values with other origins: those for which `isStale` is true get what `origin` says about their path.
    func moved(
        path: String = "", where isStale: (SettingsOrigin) -> Bool = { _ in true },
        to origin: (String) -> SettingsOrigin
    ) -> SettingsNode {
        var node = self
        if isStale(self.origin) { node.origin = origin(path) }
        switch content {
        case .list(let items):
            node.content = .list(
                items.enumerated().map { $1.moved(path: "\(path)[\($0)]", where: isStale, to: origin) })
        case .map(let entries):
            node.content = .map(
                entries.map { entry in
                    let path = path.isEmpty ? entry.key : "\(path).\(entry.key)"
                    return Entry(
                        key: entry.key, origin: isStale(entry.origin) ? origin(path) : entry.origin,
                        value: entry.value.moved(path: path, where: isStale, to: origin))
                })
        case .null, .bool, .int, .double, .string: break
        }
        return node
    }
}

extension SettingsError {
    /// The place that the problem names.
    var origin: SettingsOrigin? {
        switch self {
        case .unreadable, .several: nil
        case .syntax(_, let origin), .missing(_, let origin), .unknownKey(_, _, let origin),
            .unknownType(_, _, _, let origin), .wrongType(_, _, _, let origin), .outOfRange(_, _, _, let origin),
            .invalid(_, _, _, let origin):
            origin
        }
    }
}
