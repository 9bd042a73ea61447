/// A loss that is the mean over pairs of a function of a head's logit, during training.
final class PairLogitFunction: LossFunction {
  /// Returns the loss of a logit and its derivative.
  typealias PairLoss = (_ logit: Float, _ isGenuine: Bool) -> (value: Float, derivative: Float)

  private let head: any PairHead
  private let loss: PairLoss

  /// Creates the function over the head of `context`.
  ///
  /// - Throws: ``NeuralError/badOption(what:reason:)`` if there is no head.
  init(
    _ context: LossContext, of name: String, _ loss: @escaping PairLoss
  ) throws(NeuralError) {
    guard let head = context.head else {
      throw .badOption(what: "loss", reason: "\(name) is about logits, so the recipe needs a head")
    }
    self.head = head
    self.loss = loss
  }

  var parameters: [Parameter] { head.parameters }

  func evaluate(
    _ embeddings: FloatBuffer, length: Int, labels: LossLabels, gradient: FloatBuffer
  ) -> LossValue {
    LossValue(data: head.mean(embeddings, genuine: labels.genuine, gradient: gradient, loss))
  }
}
