/// The name that a typing mistake most likely meant: at most a third of its characters differ, and not all of them.
///
/// A character too many, missing or wrong counts one, and so do two neighbours that changed places. Upper and lower case
/// are alike. Of several names that are equally near, the first wins.
package func nearestName(to name: String, among candidates: [String]) -> String? {
    let typed = Array(name.prefix(64).lowercased())
    var best: (name: String, distance: Int)?
    for candidate in candidates {
        let meant = Array(candidate.prefix(64).lowercased()), longest = max(typed.count, meant.count)
        let distance = editDistance(typed, meant)
        guard distance <= max(1, longest / 3), distance < longest || distance == 0 else { continue }
        if distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.name
}

/// Optimal string alignment: the Levenshtein distance, where an exchange of neighbours is one step.
private func editDistance(_ typed: [Character], _ meant: [Character]) -> Int {
    var beforeLast: [Int] = [], last = Array(0...meant.count)
    for i in typed.indices {
        var row = [i + 1]
        for j in meant.indices {
            var cost = min(last[j] + (typed[i] == meant[j] ? 0 : 1), row[j] + 1, last[j + 1] + 1)
            if i > 0, j > 0, typed[i] == meant[j - 1], typed[i - 1] == meant[j] {
                cost = min(cost, beforeLast[j - 1] + 1)
            }
            row.append(cost)
        }
        (beforeLast, last) = (last, row)
    }
    return last[meant.count]
}
