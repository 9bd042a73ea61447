import Evaluate
import Testing

/// Scores by kind.
private func comparisons(
  genuine: [Double], impostor: [Double], fold: Int = 0
) -> Comparisons {
  Comparisons(
    genuine.map { Comparison(score: $0, isGenuine: true, fold: fold) }
      + impostor.map { Comparison(score: $0, isGenuine: false, fold: fold) })
}

private func + (left: Comparisons, right: Comparisons) -> Comparisons {
  Comparisons(Array(left) + Array(right))
}

@Suite("Decisions at a threshold")
struct DecisionTests {
  @Test("are counted by kind, with the rates that follow from them")
  func counts() throws {
    let decisions = Decisions(
      comparisons(genuine: [1, 2, 3, 4], impostor: [0, 1, 2, 3, 4, 5]), at: 3)
    #expect(decisions.trueAccepts == 2 && decisions.falseRejects == 2)
    #expect(decisions.falseAccepts == 3 && decisions.trueRejects == 3)
    #expect(decisions.accuracy == 0.5 && decisions.accuracyOfDifferent == 0.6)
    #expect(decisions.far == 0.5 && decisions.frr == 0.5)
    #expect(decisions.balancedAccuracy == 0.5)
    let uneven = Decisions(comparisons(genuine: [1, 9], impostor: [0, 0, 0, 5]), at: 4)
    #expect(uneven.balancedAccuracy == (0.5 + 0.75) / 2)
    #expect(uneven.accuracy == 4.0 / 6)
  }

  @Test("of comparisons of one kind have no rates of the other")
  func undefined() {
    let decisions = Decisions(comparisons(genuine: [1], impostor: []), at: 0)
    #expect(decisions.far == nil && decisions.balancedAccuracy == nil && decisions.frr == 0)
  }

  @Test("over folds are each fold's at its own threshold")
  func folds() throws {
    // The best threshold for fold 1 comes from fold 2 and the other way round: both decide wrongly.
    let scores =
      comparisons(genuine: [10, 11], impostor: [8, 9], fold: 1)
      + comparisons(genuine: [4, 5], impostor: [2, 3], fold: 2)
    let evaluation = try #require(Evaluation(scores))
    #expect(evaluation.decisions.falseAccepts == 2 && evaluation.decisions.falseRejects == 2)
    #expect(evaluation.decisions.accuracy == 0.5 && evaluation.accuracy == 0.5)
  }

  @Test("are impossible in a fold of one kind, which is named")
  func oneSided() {
    let scores =
      comparisons(genuine: [1], impostor: [0], fold: 1)
      + comparisons(genuine: [2], impostor: [], fold: 2)
    #expect(Evaluation.oneSidedFold(in: scores)?.fold == 2)
    #expect(Evaluation.oneSidedFold(in: comparisons(genuine: [1], impostor: [])) == nil)
  }
}

@Suite("Trials of one-shot recognition")
struct OneShotEvaluationTests {
  private func trial(_ genuine: Double, _ others: Double...) -> Comparisons {
    comparisons(genuine: [genuine], impostor: others)
  }

  @Test("are won by the highest score, and shared by ties")
  func wins() throws {
    let scores = trial(3, 1, 2) + trial(1, 2, 0) + trial(2, 2, 1) + trial(1, 1, 1)
    let evaluation = try #require(OneShotEvaluation(scores, ways: 3))
    #expect(evaluation.trials == 4 && evaluation.chance == 1.0 / 3)
    #expect(abs(evaluation.accuracy - (1 + 0 + 0.5 + 1.0 / 3) / 4) < 1e-12)
    let p = evaluation.accuracy
    #expect(abs(evaluation.error - (p * (1 - p) / 4).squareRoot()) < 1e-12)
  }

  @Test("must be whole, with one genuine comparison each")
  func refuses() {
    #expect(OneShotEvaluation(trial(1, 0) + trial(1, 0, 0), ways: 2) == nil)
    #expect(OneShotEvaluation(comparisons(genuine: [1, 2], impostor: []), ways: 2) == nil)
    #expect(OneShotEvaluation(Comparisons(), ways: 2) == nil)
  }
}
