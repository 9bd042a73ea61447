import Foundation
import Pairs

/// `enumerate-pairs IDENTITIES IMAGES`: prints the seconds that one core takes to go through all
/// pairs of as many identities with as many images each.
@main
enum EnumeratePairs {
  static func main() {
    let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
    guard numbers.count == 2 else { fatalError("usage: enumerate-pairs IDENTITIES IMAGES") }
    var table = SampleTable()
    for identity in 0..<numbers[0] {
      for image in 0..<numbers[1] {
        table.append(identity * numbers[1] + image, dataset: "d", identity: "\(identity)")
      }
    }
    let start = Date()
    var (genuine, all, sum) = (0, 0, 0)
    for pair in AllPairs(table) {
      all += 1
      genuine += pair.genuine ? 1 : 0
      sum &+= pair.left ^ pair.right
    }
    let seconds = Date().timeIntervalSince(start)
    let expected = numbers[0] * numbers[1] * (numbers[1] - 1) / 2
    precondition(genuine == expected && all == AllPairs(table).count && sum != 0)
    print(seconds)
  }
}
