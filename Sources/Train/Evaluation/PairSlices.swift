import Catalog
import Evaluate

/// The division of a protocol's test pairs into slices, such as frontal against profile.
public enum PairSlice: String, CaseIterable, Sendable {
  /// The poses of both images.
  case pose
  /// In how many of both images a face was found.
  case faceFound = "face-found"
  /// The datasets of both images.
  case dataset
}

extension ProtocolTest {
  /// The slice of each test pair, in their order.
  ///
  /// - Parameters:
  ///   - slice: the property.
  ///   - faces: the number of faces found in each sample; `nil` where no detector looked.
  /// - Returns: a name for each pair.
  public func slices(_ slice: PairSlice, faces: [Int: Int]) -> [String] {
    pairs.map { pair in
      let both = [pair.left, pair.right]
      switch slice {
      case .pose: return Self.joined(both.map { images[$0]?.pose ?? "none" })
      case .dataset: return Self.joined(both.map { images[$0]?.dataset ?? "none" })
      case .faceFound:
        guard both.allSatisfy({ faces[$0] != nil }) else { return "not looked for" }
        return ["in neither", "in one", "in both"][both.count { faces[$0] ?? 0 > 0 }]
      }
    }
  }

  /// Two values in alphabetical order; one if they are equal.
  private static func joined(_ values: [String]) -> String {
    let sorted = Set(values).sorted()
    return sorted.joined(separator: " - ")
  }

  /// Whether each test pair has a label that the dataset's errata call wrong.
  public var hasWrongLabel: [Bool] {
    let wrong = Set(
      findings.filter { $0.kind == .wrongLabel }.flatMap { finding in
        [finding.left + "\n" + finding.right, finding.right + "\n" + finding.left]
      })
    return pairs.map { pair in
      guard !wrong.isEmpty, let left = images[pair.left], let right = images[pair.right] else {
        return false
      }
      return wrong.contains(left.path + "\n" + right.path)
    }
  }

  /// The two identities of each test pair, as numbers from 0.
  public var identityNumbers: [(Int, Int)] {
    var numbers: [UTF8Key: Int] = [:]
    func number(_ id: Int) -> Int {
      let name = images[id].map { "\($0.dataset)/\($0.identity)" } ?? "\(id)"
      let key = UTF8Key(name)
      if let known = numbers[key] { return known }
      numbers[key] = numbers.count
      return numbers.count - 1
    }
    return pairs.map { (number($0.left), number($0.right)) }
  }
}
