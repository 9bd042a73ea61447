import ArgumentParser
import Pairs

extension PairCounts: ExpressibleByArgument {
  /// Parses "genuine=1000,impostor=1000".
  public init?(argument: String) {
    var counts: [Substring: Int] = [:]
    for part in argument.split(separator: ",") {
      let halves = part.split(separator: "=", maxSplits: 1)
      guard halves.count == 2, let count = Int(halves[1]), count >= 1,
        ["genuine", "impostor"].contains(halves[0]), counts[halves[0]] == nil
      else { return nil }
      counts[halves[0]] = count
    }
    guard let genuine = counts["genuine"], let impostor = counts["impostor"] else { return nil }
    self.init(genuine: genuine, impostor: impostor)
  }
}
