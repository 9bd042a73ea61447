import MessagePassing

/// The rows of a step that one of several processes computes: rank, rank + ranks, rank + 2 ranks and
/// so on.
///
/// In a step over pairs, whose left samples come before the right ones, a rank has both sides of its
/// pairs if the number of pairs is a multiple of the ranks.
public struct RowSlice: Sendable, Equatable {
  /// The first row.
  public let first: Int
  /// The distance from one row to the next: the number of ranks.
  public let stride: Int

  /// Every row.
  public static let all = RowSlice(first: 0, stride: 1)

  /// The number in the step of a row of this process.
  public func row(_ own: Int) -> Int { first + own * stride }

  /// The elements for the rows of this process.
  public func elements<Element>(of all: [Element]) -> [Element] {
    Swift.stride(from: first, to: all.count, by: stride).map { all[$0] }
  }
}

/// The part of a network's work that one of several processes does.
public struct RankShare: Sendable {
  /// The rows.
  public let slice: RowSlice
  /// The processes whose rows form one batch for batch normalisation; `nil` for those of this process
  /// alone.
  let normalizationGroup: RankGroup?

  /// The work of a process that trains alone.
  public static let whole = RankShare(nil, synchronizesNormalization: false)

  /// The work of a rank.
  ///
  /// - Parameters:
  ///   - group: the processes; `nil` for one that trains alone.
  ///   - synchronizesNormalization: whether batch normalisation takes the mean and variance over the
  ///     rows of all processes.
  public init(_ group: RankGroup?, synchronizesNormalization: Bool) {
    slice = group.map { RowSlice(first: $0.index, stride: $0.count) } ?? .all
    normalizationGroup = synchronizesNormalization ? group : nil
  }
}
