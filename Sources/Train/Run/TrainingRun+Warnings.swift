extension TrainingRun {
  /// What the user should know before the training begins.
  func warnings() throws -> [String] {
    let people = try data.peopleInSeveralStores()
    let sides =
      people > 0
      ? "people who train in one store and validate in another: \(people). The evaluations are too "
        + "good; make the protocols of all stores with the same --seed and shares"
      : nil
    return [missingEvaluation, sides].compactMap(\.self)
  }

  /// Why the recipe's evaluation leaves out steps, or is left out as a whole.
  private var missingEvaluation: String? {
    if validator == nil && !data.validation.ids.isEmpty {
      return "the listed validation pairs are all genuine or all impostor pairs, so there is no "
        + "evaluation"
    }
    guard recipe.evaluation != nil else { return nil }
    guard validator != nil else {
      return "the protocol has no validation side, so the recipe's evaluation is left out; "
        + "prep pairs --validation 0.1 makes one"
    }
    let interval = evaluationInterval
    guard interval <= steps else {
      return "evaluation.every-steps is \(interval) and the training has \(steps) steps: "
        + "no weights are evaluated"
    }
    guard steps % interval > 0 else { return nil }
    return "the last \(steps % interval) of \(steps) steps follow the last evaluation, so that "
      + "their weights cannot be chosen; an evaluation.every-steps that divides \(steps) "
      + "evaluates them"
  }
}
