import Catalog
import Foundation

/// The protocols of Celebrities in Frontal-Profile in the Wild: ten splits of 350 genuine and 350
/// impostor pairs, frontal with frontal (FF) or frontal with profile (FP).
///
/// Source: S. Sengupta and others, "Frontal to Profile Face Verification in the Wild", 2016, and
/// the dataset's own Readme. Pairs are numbers into two lists of files, counted from 1.
public struct CFPProtocol: Sendable {
  /// The name of these protocols in the manifests of datasets with CFP's images.
  public static let protocols = "cfpw"

  /// The poses that are compared.
  public enum Kind: String, Sendable, CaseIterable {
    /// Frontal with frontal.
    case frontal = "FF"
    /// Frontal with profile.
    case profile = "FP"

    /// The protocol's name.
    public var name: String { "cfp-\(rawValue.lowercased())" }
  }

  private let index: ImageIndex
  private let folder: String
  private let allowMissing: Bool

  /// Creates the protocols over the samples of a store.
  ///
  /// - Parameters:
  ///   - index: the store's images.
  ///   - folder: the dataset's folder Protocol, with Pair_list_F.txt, Pair_list_P.txt and Split.
  ///   - allowMissing: whether pairs that cannot be compared are skipped.
  public init(_ index: ImageIndex, folder: String, allowMissing: Bool) {
    self.index = index
    self.folder = folder
    self.allowMissing = allowMissing
  }

  private struct Specification: Encodable {
    let `protocol`: String
    let allowMissing: Bool
  }

  /// The ten folds, each with role test.
  ///
  /// The samples of a fold are all samples of its people in the compared poses.
  public func record(_ kind: Kind) throws -> ProtocolRecord {
    var resolver = PairResolver()
    var people: [Part: Set<String>] = [:]
    let left = try images("Pair_list_F.txt")
    let right = kind == .frontal ? left : try images("Pair_list_P.txt")
    for fold in 1...10 {
      let part = Part(fold: fold, role: .test)
      for (file, genuine) in [("same", true), ("diff", false)] {
        let number = fold < 10 ? "0\(fold)" : "\(fold)"
        let path = "\(folder)/Split/\(kind.rawValue)/\(number)/\(file).txt"
        for (one, other) in try pairs(ListFile(path), genuine, left, right) {
          people[part, default: []].formUnion([one.image.name, other.image.name])
          resolver.add(
            part, genuine: genuine, left: (index.id(one.image, pose: one.pose), one.path),
            right: (index.id(other.image, pose: other.pose), other.path))
        }
      }
    }
    for image in kind == .frontal ? left : left + right {
      resolver.add(image: image.path, id: index.id(image.image, pose: image.pose))
    }
    try resolver.check(allowMissing: allowMissing)
    let poses = kind == .frontal ? ["frontal"] : ["frontal", "profile"]
    var record = ProtocolRecord(
      name: kind.name, kind: kind.name,
      specification: Specification(
        protocol: kind.name, allowMissing: !resolver.missingImages.isEmpty
      ).sortedJSON,
      members: people.mapValues { names in
        names.sorted().flatMap { name in
          poses.flatMap { pose in
            (1...10).compactMap { index.id(NamedImage(name: name, number: $0), pose: pose) }
          }
        }
      }, pairs: resolver.pairs, missing: resolver.missing)
    record.missingImages = resolver.missingImages
    return record
  }

  /// A file of one of the lists.
  private struct ListedImage {
    let image: NamedImage
    let pose: String
    var path: String {
      let number = image.number < 10 ? "0\(image.number)" : "\(image.number)"
      return "\(image.name)/\(pose)/\(number).jpg"
    }
  }

  /// The files of a list by number, from rows "n path".
  private func images(_ name: String) throws(ListError) -> [ListedImage] {
    let file = try ListFile("\(folder)/\(name)")
    var images: [ListedImage] = []
    for (index, line) in file.lines.enumerated() {
      let fields = line.split(separator: " ", maxSplits: 1)
      let parts = fields.last?.split(separator: "/").suffix(3).map(String.init) ?? []
      guard fields.count == 2, Int(fields[0]) == index + 1, parts.count == 3,
        parts[2].hasSuffix(".jpg"), let number = Int(parts[2].dropLast(4)), number >= 1
      else {
        throw file.failure(
          index, "\"\(index + 1) .../identity/pose/number.jpg\" should stand here")
      }
      images.append(
        ListedImage(image: NamedImage(name: parts[0], number: number), pose: parts[1]))
    }
    guard !images.isEmpty else { throw file.failure(nil, "it is empty") }
    return images
  }

  /// The rows "a,b" of a split, as images.
  private func pairs(
    _ file: ListFile, _ genuine: Bool, _ left: [ListedImage], _ right: [ListedImage]
  ) throws(ListError) -> [(ListedImage, ListedImage)] {
    var pairs: [(ListedImage, ListedImage)] = []
    for (index, line) in file.lines.enumerated() {
      let numbers = line.split(separator: ",").map { Int($0) }
      guard numbers.count == 2, let one = numbers[0], let other = numbers[1] else {
        throw file.failure(index, "two numbers with a comma between them should stand here")
      }
      guard one >= 1, one <= left.count, other >= 1, other <= right.count else {
        throw file.failure(
          index, "the lists have \(left.count) and \(right.count) files, not \(one) and \(other)")
      }
      let pair = (left[one - 1], right[other - 1])
      guard (pair.0.image.name == pair.1.image.name) == genuine else {
        throw file.failure(
          index,
          "the pair is of \(pair.0.image.name) and \(pair.1.image.name), and this file lists "
            + (genuine ? "pairs of one person" : "pairs of two people"))
      }
      pairs.append(pair)
    }
    guard pairs.count == Self.pairsOfAKind else {
      throw file.failure(nil, "it has \(pairs.count) pairs of \(Self.pairsOfAKind)")
    }
    return pairs
  }

  private static let pairsOfAKind = 350
}
