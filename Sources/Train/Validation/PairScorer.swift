import Neural

/// The score of two embeddings: the logit of the recipe's head or, without a head, the negative
/// distance that the loss uses.
struct PairScorer {
  private let head: (any PairHead)?
  private let distance: Distance?
  private let length: Int

  init(_ recipe: Recipe, head: (any PairHead)?, length: Int) {
    self.head = head
    self.length = length
    distance = head == nil ? recipe.loss.distance : nil
  }

  /// The score; a larger one means more similar.
  func score(_ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>) -> Double {
    if let head { return Double(head.score(left, right)) }
    return -(distance?.between(left, right, length: length) ?? 0)
  }
}
