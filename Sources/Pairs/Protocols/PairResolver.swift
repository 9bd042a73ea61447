import Catalog

/// Separates the pairs of a list that can be compared from those that cannot.
struct PairResolver {
  private(set) var pairs: [Part: [Pair]] = [:]
  private(set) var missing: [Part: [MissingPair]] = [:]
  private var lost: Set<UTF8Key> = []

  /// The images that are not in the store, sorted.
  var missingImages: [String] { lost.sorted().map(\.text) }

  /// Adds an image that a list names outside its pairs.
  mutating func add(image path: String, id: Int?) {
    if id == nil { lost.insert(UTF8Key(path)) }
  }

  /// Adds the next pair of a part; an id is `nil` if the sample is not in the store.
  mutating func add(
    _ part: Part, genuine: Bool, left: (id: Int?, path: String), right: (id: Int?, path: String)
  ) {
    if let left = left.id, let right = right.id {
      pairs[part, default: []].append(Pair(left: left, right: right, genuine: genuine))
      return
    }
    for side in [left, right] where side.id == nil { lost.insert(UTF8Key(side.path)) }
    let number = (pairs[part]?.count ?? 0) + (missing[part]?.count ?? 0) + 1
    missing[part, default: []].append(
      MissingPair(number: number, genuine: genuine, left: left.path, right: right.path))
  }

  /// Throws if images are missing, unless missing images are allowed.
  func check(allowMissing: Bool) throws(PairError) {
    guard !lost.isEmpty && !allowMissing else { return }
    throw .missingImages(
      pairs: missing.values.reduce(0) { $0 + $1.count }, images: missingImages)
  }
}
