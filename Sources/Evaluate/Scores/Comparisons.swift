/// The outcomes of many comparisons, stored in columns: 8 bytes for a score, 1 for its kind and, only
/// if there are folds, 4 for its fold.
public struct Comparisons: Sendable, Equatable {
  /// The scores, all finite; larger means more similar.
  public private(set) var scores: [Double] = []
  /// Whether both samples of each comparison show the same identity.
  public private(set) var genuine: [Bool] = []
  /// The fold of each comparison, from 1; empty if no comparison has a fold.
  private var folds: [Int32] = []

  /// Creates no comparisons.
  public init() {}

  /// Creates the columns of a sequence of comparisons.
  public init(_ comparisons: some Sequence<Comparison>) {
    for comparison in comparisons { append(comparison) }
  }

  /// Creates comparisons without folds.
  ///
  /// - Parameters:
  ///   - scores: the scores; they must be finite.
  ///   - genuine: whether each is genuine; as many as scores.
  public init(scores: [Double], genuine: [Bool]) {
    precondition(scores.count == genuine.count, "a score for each comparison")
    precondition(scores.allSatisfy(\.isFinite), "a score is a finite number")
    self.scores = scores
    self.genuine = genuine
  }

  /// Adds a comparison.
  public mutating func append(_ comparison: Comparison) {
    if comparison.fold != 0 && folds.isEmpty { folds = Array(repeating: 0, count: scores.count) }
    scores.append(comparison.score)
    genuine.append(comparison.isGenuine)
    if comparison.fold != 0 || !folds.isEmpty { folds.append(Int32(comparison.fold)) }
  }

  /// Adds other comparisons.
  public static func += (left: inout Comparisons, right: Comparisons) {
    for comparison in right { left.append(comparison) }
  }

  /// The numbers of the folds, ascending; [0] if no comparison has a fold.
  public var foldNumbers: [Int] { folds.isEmpty ? [0] : Set(folds).sorted().map(Int.init) }

  /// The comparisons whose position is accepted by `condition`.
  public func selected(where condition: (_ position: Int) -> Bool) -> Comparisons {
    var kept = Comparisons()
    for position in indices where condition(position) { kept.append(self[position]) }
    return kept
  }

  /// The scores of one kind.
  func scores(genuine isGenuine: Bool) -> [Double] {
    var kept: [Double] = []
    for (score, kind) in zip(scores, genuine) where kind == isGenuine { kept.append(score) }
    return kept
  }
}

extension Comparisons: RandomAccessCollection {
  /// The position of the first comparison.
  public var startIndex: Int { 0 }
  /// The number of comparisons.
  public var endIndex: Int { scores.count }

  /// The comparison at a position.
  public subscript(position: Int) -> Comparison {
    Comparison(
      score: scores[position], isGenuine: genuine[position],
      fold: folds.isEmpty ? 0 : Int(folds[position]))
  }
}
