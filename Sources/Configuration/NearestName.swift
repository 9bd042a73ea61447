/// The known name that is most like a mistyped one.
public enum NearestName {
  /// The known name that is near enough to be what was meant; `nil` when there is none.
  public static func nearest(to name: String, among known: [String]) -> String? {
    let nearest = known.min { distance(name, $0) < distance(name, $1) }
    return nearest.flatMap { distance(name, $0) <= max(2, name.count / 3) ? $0 : nil }
  }

  /// "; did you mean X?", or which names there are when none is near.
  public static func hint(_ name: String, among known: [String]) -> String {
    guard let nearest = nearest(to: name, among: known) else {
      return known.isEmpty ? "" : "; there is \(known.joined(separator: ", "))"
    }
    return "; did you mean \(nearest)?"
  }

  /// How many letters have to be changed, added or left out (Levenshtein).
  static func distance(_ one: String, _ other: String) -> Int {
    let other = Array(other)
    var row = Array(0...other.count)
    for (i, letter) in one.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for j in other.indices {
        let above = row[j + 1]
        row[j + 1] = min(above + 1, row[j] + 1, diagonal + (letter == other[j] ? 0 : 1))
        diagonal = above
      }
    }
    return row[other.count]
  }
}
