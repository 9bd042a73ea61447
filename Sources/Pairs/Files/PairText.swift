import Catalog
import Foundation

/// Pairs in LFW's text format: names and numbers of images.
///
/// Writing and then reading gives the same pairs in the same order. An image whose identity was
/// corrected is named by the identity before.
public enum PairText {
  /// Reads the user's own pairs from LFW's text format: names and numbers of images.
  ///
  /// Several folds become folds with the role test. A single fold becomes the test pairs.
  public static func read(
    _ path: String, name: String, _ index: ImageIndex, allowMissing: Bool
  ) throws -> ProtocolRecord {
    let list = try NamedPairList(try ListFile(path))
    var resolver = PairResolver()
    for (fold, pairs) in list.folds.enumerated() {
      let part = Part(fold: list.folds.count == 1 ? 0 : fold + 1, role: .test)
      for pair in pairs {
        resolver.add(
          part, genuine: pair.genuine,
          left: (index.id(pair.left), "\(pair.left.name) \(pair.left.number)"),
          right: (index.id(pair.right), "\(pair.right.name) \(pair.right.number)"))
      }
    }
    return try ListedPairs.record(resolver, path, name, allowMissing: allowMissing)
  }

  /// Formats pairs in LFW's text format.
  ///
  /// - Parameters:
  ///   - parts: the pairs of each fold, in order.
  ///   - catalog: the store.
  /// - Returns: the text.
  /// - Throws: ``PairError/notExportable(reason:)`` if the format cannot represent the pairs.
  public static func text(
    _ parts: [[Pair]], _ catalog: Catalog
  ) throws -> String {
    let counts = parts.map { pairs in pairs.count { $0.genuine } }
    guard let half = counts.first, half > 0,
      zip(parts, counts).allSatisfy({ $1 == half && $0.count == 2 * half })
    else {
      throw PairError.notExportable(
        reason: "every fold must have as many genuine pairs as impostor pairs, and all as many")
    }
    let images = try catalog.images(parts.joined().flatMap { [$0.left, $0.right] })
    for pairs in parts where !pairs.prefix(half).allSatisfy(\.genuine) {
      throw PairError.notExportable(reason: "in every fold the genuine pairs must come first")
    }
    guard let dataset = images.values.first?.dataset,
      images.values.allSatisfy({ $0.dataset == dataset })
    else {
      throw PairError.notExportable(reason: "it names no datasets, and these pairs are of several")
    }
    // Throws if two images have the same name and number and so cannot be distinguished.
    let index = try ImageIndex(catalog, dataset: dataset)
    var text = parts.count == 1 ? "\(half)\n" : "\(parts.count)\t\(half)\n"
    for pairs in parts {
      for pair in pairs { text += try line(of: pair, images, index) }
    }
    return text
  }

  private static func line(
    of pair: Pair, _ images: [Int: ImageKey], _ index: ImageIndex
  ) throws(PairError) -> String {
    guard let left = images[pair.left], let right = images[pair.right],
      let one = left.number, let other = right.number, left.pose == nil, right.pose == nil
    else { throw .notExportable(reason: Self.unnamed) }
    let (name, otherName) = (index.identity(of: left), index.identity(of: right))
    for text in [name, otherName] where text.contains("\t") || text.contains("\n") {
      throw .notExportable(reason: Self.unnamed)
    }
    guard pair.genuine == (UTF8Key(name) == UTF8Key(otherName)) else {
      throw .notExportable(
        reason: "it tells genuine pairs by their names, and \(left.path) with \(right.path) "
          + "is labelled otherwise")
    }
    return pair.genuine
      ? "\(name)\t\(one)\t\(other)\n" : "\(name)\t\(one)\t\(otherName)\t\(other)\n"
  }

  private static let unnamed =
    "it names an image by its identity and number, which not all of these have"
}
