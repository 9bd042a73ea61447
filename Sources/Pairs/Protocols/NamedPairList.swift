/// A list of pairs in LFW's text format: in each fold the matched rows (`name`, `i`, `j`), then the
/// same number of mismatched rows (`name`, `i`, `name`, `j`), with fields separated by tabs.
///
/// The first line has the number of matched rows, preceded by the number of folds if there is more
/// than one. It may be missing if the rows alone are unambiguous. Source: G. B. Huang and others,
/// <http://vis-www.cs.umass.edu/lfw/README.txt>.
public struct NamedPairList: Sendable {
  /// The pairs of each fold, matched ones first.
  public let folds: [[NamedPair]]

  /// Reads a list.
  ///
  /// - Throws: ``ListError`` that names the first line that is wrong.
  public init(_ file: ListFile) throws(ListError) {
    guard let first = file.lines.first else { throw file.failure(nil, "it is empty") }
    var start = 0
    var promised: (folds: Int, half: Int)?
    let header = first.split(separator: "\t", omittingEmptySubsequences: false).map { Int($0) }
    if header.count <= 2, let half = header.last ?? nil, let folds = header.first ?? nil {
      promised = (header.count == 2 ? folds : 1, half)
      start = 1
      guard half > 0, folds > 0 else { throw file.failure(0, "it announces no pairs") }
      guard half <= file.lines.count, folds <= file.lines.count else {
        throw file.failure(
          file.lines.count - 1, "the list is far shorter than its first line says")
      }
    }
    let pairs = try Self.pairs(file, from: start)
    guard !pairs.isEmpty else { throw file.failure(nil, "it has no pairs") }
    let half = promised?.half ?? pairs.prefix { $0.genuine }.count
    guard half > 0 else {
      throw file.failure(
        0, "the header line is missing, and the list does not begin with matched rows")
    }
    for (index, pair) in pairs.enumerated() where pair.genuine != (index % (2 * half) < half) {
      let fold = index / (2 * half) + 1
      throw file.failure(
        pair.line - 1,
        "row \(index % (2 * half) + 1) of fold \(fold) must be \(pair.genuine ? "mis" : "")matched: each "
          + "fold has \(half) matched rows, then \(half) mismatched rows")
    }
    let folds = promised?.folds ?? pairs.count / (2 * half)
    if pairs.count < folds * 2 * half {
      throw file.failure(
        file.lines.count - 1,
        "the list ends after \(pairs.count) pairs of \(folds * 2 * half)")
    }
    if pairs.count > folds * 2 * half {
      throw file.failure(
        pairs[folds * 2 * half].line - 1,
        "the first line says \(folds * 2 * half) pairs, and the list continues here")
    }
    self.folds = (0..<folds).map { Array(pairs[$0 * 2 * half..<($0 + 1) * 2 * half]) }
  }

  private static func isHeader(_ fields: [Substring]) -> Bool {
    fields.count <= 2 && fields.allSatisfy { Int($0) != nil }
  }

  private static func pairs(_ file: ListFile, from start: Int) throws(ListError) -> [NamedPair] {
    var pairs: [NamedPair] = []
    pairs.reserveCapacity(file.lines.count)
    for index in start..<file.lines.count {
      let fields = file.lines[index].split(separator: "\t", omittingEmptySubsequences: false)
      guard fields.count == 3 || fields.count == 4 else {
        let isHeader = Self.isHeader(fields)
        // A list of people begins with one or two counts.
        let next = file.lines[index...].lazy.map { $0.split(separator: "\t") }.first {
          !Self.isHeader($0)
        }
        let isPerson = next.map { $0.count == 2 && Int($0[0]) == nil && Int($0[1]) != nil } ?? false
        throw file.failure(
          index,
          isPerson
            ? "this is a list of people, a name and a number in each row, not of pairs"
            : isHeader
              ? "another list begins here: two files were joined"
              : "this line has \(fields.count) fields; a pair has 3 or 4, separated by tabs")
      }
      func image(_ name: Int, _ number: Int) throws(ListError) -> NamedImage {
        guard let value = Int(fields[number]), value >= 1, !fields[name].isEmpty else {
          throw file.failure(
            index,
            "\"\(fields[name])\", \"\(fields[number])\" are not a name and the number of an image")
        }
        return NamedImage(name: String(fields[name]), number: value)
      }
      let left = try image(0, 1)
      let right = try fields.count == 3 ? image(0, 2) : image(2, 3)
      guard fields.count == 3 || left.name != right.name else {
        throw file.failure(index, "a mismatched row names \(left.name) twice")
      }
      guard left != right else { throw file.failure(index, "it compares an image with itself") }
      pairs.append(NamedPair(left: left, right: right, line: index + 1))
    }
    return pairs
  }

  /// Throws for the first pair that contains an unknown name or a number that the person does not
  /// have.
  ///
  /// - Parameters:
  ///   - people: the number of images of each person.
  ///   - file: the list, for the error.
  /// - Throws: ``ListError`` that names the line.
  func check(against people: [String: Int], _ file: ListFile) throws(ListError) {
    for pair in folds.joined() {
      for image in [pair.left, pair.right] {
        guard let count = people[image.name] else {
          throw file.failure(pair.line - 1, "\(image.name) is not in the list of people")
        }
        guard image.number <= count else {
          throw file.failure(
            pair.line - 1, "\(image.name) has \(count) images, not \(image.number)")
        }
      }
    }
  }
}
