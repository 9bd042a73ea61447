import MessagePassing
import Neural

/// Adds up the gradients of a step over the processes of a training, while the network computes those
/// of the layers below.
///
/// A class because the backward pass adds to it layer by layer.
final class GradientExchange {
  private let group: RankGroup
  /// The gradients that wait for more, so that small ones travel together.
  private var waiting: [RankGroup.Piece] = []
  private var count = 0

  /// Number of floats that travel together, 4 MiB of them.
  ///
  /// Less costs more messages; more leaves less time in which the exchange and the backward pass
  /// overlap.
  private static let bucket = 1 << 20

  init(_ group: RankGroup) { self.group = group }

  /// Takes the gradients of a layer, which the caller must not touch before ``finish(averaging:)``.
  func add(_ parameters: [Parameter]) {
    for parameter in parameters where parameter.isTrainable {
      take(parameter.gradient, count: parameter.count)
    }
  }

  private func take(_ values: FloatBuffer, count all: Int) {
    for first in stride(from: 0, to: all, by: Self.bucket) {
      let length = min(Self.bucket, all - first)
      waiting.append(RankGroup.Piece(start: values.start + first, count: length, owner: values))
      count += length
      if count >= Self.bucket { send() }
    }
  }

  private func send() {
    guard !waiting.isEmpty else { return }
    group.addUp(waiting)
    (waiting, count) = ([], 0)
  }

  /// Waits until all gradients are added up.
  ///
  /// - Parameter statistics: values of which every process gets the mean over the processes: the
  ///   running means and variances of batch normalisation.
  /// - Throws: `MessagePassingError`.
  func finish(averaging statistics: [Parameter]) throws {
    for parameter in statistics { take(parameter.values, count: parameter.count) }
    send()
    try group.settle()
    for parameter in statistics {
      for index in 0..<parameter.count { parameter.values.start[index] /= Float(group.count) }
    }
  }
}
