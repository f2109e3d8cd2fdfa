/// The places `0..<count` in the order that `precedes` says; equal ones stay as they stand.
///
/// Not generic: otherwise every kind of list that is sorted would bring a sorting algorithm of its own into the program.
@usableFromInline @inline(never)
package func placesInOrder(_ count: Int, _ precedes: (Int, Int) -> Bool) -> [Int] {
    var places = Array(0..<count), merged = places, width = 1
    while width < count {
        var low = 0
        while low < count {
            let middle = min(low + width, count), high = min(low + 2 * width, count)
            var left = low, right = middle
            for place in low..<high {
                if left < middle, right == high || !precedes(places[right], places[left]) {
                    merged[place] = places[left]
                    left += 1
                } else {
                    merged[place] = places[right]
                    right += 1
                }
            }
            low = high
        }
        swap(&places, &merged)
        width *= 2
    }
    return places
}

extension Array {
    /// The elements in the order that `precedes` says; equal ones stay as they stand.
    @inlinable
    package func inOrder(_ precedes: (Element, Element) -> Bool) -> [Element] {
        placesInOrder(count) { precedes(self[$0], self[$1]) }.map { self[$0] }
    }
}
