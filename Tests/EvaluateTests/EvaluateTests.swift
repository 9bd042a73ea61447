import Randomness
import Testing

@testable import Evaluate

private func comparisons(
  genuine: [Double], impostor: [Double], fold: Int = 0
) -> Comparisons {
  Comparisons(
    genuine.map { Comparison(score: $0, isGenuine: true, fold: fold) }
      + impostor.map { Comparison(score: $0, isGenuine: false, fold: fold) })
}

/// Scores with many ties, from two overlapping distributions.
private func noisy(_ seed: Int, count: Int = 60) -> Comparisons {
  var random = RandomStream(seed: seed, "scores")
  return Comparisons(
    (0..<count).map { index in
      let isGenuine = index % 3 == 0
      let score = ((random.normal() + (isGenuine ? 1 : 0)) * 4).rounded() / 4
      return Comparison(score: score, isGenuine: isGenuine)
    })
}

private func + (left: Comparisons, right: Comparisons) -> Comparisons {
  Comparisons(Array(left) + Array(right))
}

@Suite("A ROC curve")
struct ROCTests {
  @Test("has the rates one counts by hand")
  func rates() throws {
    let roc = try #require(ROC(comparisons(genuine: [3, 2, 2, 0], impostor: [2, 1])))
    #expect(Array(roc.points).map(\.threshold) == [.infinity, 3, 2, 1, 0])
    #expect(Array(roc.points).map(\.gar) == [0, 0.25, 0.75, 0.75, 1])
    #expect(Array(roc.points).map(\.far) == [0, 0, 0.5, 1, 1])
  }

  @Test("has the area that comparing every genuine with every impostor score gives")
  func area() throws {
    for seed in 0..<10 {
      let scores = noisy(seed)
      var sum = 0.0
      let (genuine, impostor) = (scores.filter(\.isGenuine), scores.filter { !$0.isGenuine })
      for one in genuine {
        for other in impostor {
          sum += one.score > other.score ? 1 : one.score == other.score ? 0.5 : 0
        }
      }
      let roc = try #require(ROC(scores))
      #expect(abs(roc.auc - sum / Double(genuine.count * impostor.count)) < 1e-12)
    }
  }

  // FAR and FRR at the thresholds 3, 2, 1 are 0 and 3/4, 1/4 and 1/2, 1/2 and 1/4. They cross in
  // the middle between the last two, at 3/8 and 1.5.
  @Test("has the equal error rate of the crossing lines")
  func equalError() throws {
    let scores = comparisons(genuine: [3, 2, 1, 0], impostor: [2, 1, 0, 0])
    let error = try #require(ROC(scores)).equalError
    #expect(error.rate == 0.375 && error.threshold == 1.5)
    // Both neighbours have FAR and FRR of a half and a quarter.
    #expect(error.interval == 0.25...0.5)
    // The point behind the crossing, with FAR and FRR of a quarter, is nearer than that before, 0 and
    // 3/4.
    let later = comparisons(genuine: [9, 2, 2, 0], impostor: [2, 1, 1, 1])
    #expect(try #require(ROC(later)).equalError.interval == 0.25...0.25)
    let perfect = try #require(ROC(comparisons(genuine: [2, 3], impostor: [0, 1]))).equalError
    #expect(perfect.rate == 0)
    let worst = try #require(ROC(comparisons(genuine: [0, 1], impostor: [2, 3]))).equalError
    #expect(worst.rate == 1)
  }

  @Test("keeps its equal error rate when every score is changed by a rising function")
  func equalErrorIgnoresScale() throws {
    for seed in 0..<10 {
      let scores = noisy(seed)
      let cubed = Comparisons(
        scores.map {
          Comparison(score: $0.score * $0.score * $0.score - 7, isGenuine: $0.isGenuine)
        })
      #expect(ROC(scores)?.equalError.rate == ROC(cubed)?.equalError.rate)
    }
  }

  @Test("gives the genuine acceptance rate that a threshold reaches, and none it cannot measure")
  func pointAtFAR() throws {
    // Two genuine and one impostor comparison tie at 2: no threshold lies between them.
    let roc = try #require(ROC(comparisons(genuine: [3, 2, 2, 0], impostor: [2, 1])))
    #expect(roc.point(atFAR: 0.5)?.gar == 0.75)
    #expect(roc.point(atFAR: 0.9)?.gar == 0.75)
    #expect(roc.point(atFAR: 0.9)?.falseAccepts == 1)
    #expect(roc.point(atFAR: 1)?.trueAccepts == 4)
    // Two impostor comparisons cannot tell a rate below a half.
    #expect(roc.point(atFAR: 0.49) == nil)
    let tied = try #require(ROC(comparisons(genuine: [2, 2], impostor: [2, 1, 1, 1])))
    #expect(tied.point(atFAR: 0.25)?.gar == 1)
    let above = try #require(ROC(comparisons(genuine: [2, 2], impostor: [2, 2, 1, 1])))
    // Half of both is accepted at once, so at a quarter nothing is.
    #expect(above.point(atFAR: 0.25)?.gar == 0)
  }

  @Test("needs genuine and impostor comparisons")
  func needsBoth() {
    #expect(ROC(Comparisons()) == nil)
    #expect(ROC(comparisons(genuine: [1], impostor: [])) == nil)
  }
}

@Suite("A threshold")
struct ThresholdTests {
  @Test("is right as often as the best of all")
  func isBest() {
    for seed in 0..<20 {
      let scores = noisy(seed)
      let best = Decisions(scores, at: Threshold.best(for: scores)).accuracy
      let candidates = scores.map(\.score) + [.infinity]
      #expect(best == candidates.map { Decisions(scores, at: $0).accuracy }.max())
    }
  }

  @Test("lies in the middle of the widest run of equally good ones")
  func isMiddle() {
    #expect(Threshold.best(for: comparisons(genuine: [5, 4], impostor: [1, 0])) == 2.5)
    // Right for thresholds in (8, 9] and in (2, 6]: the second run is wider.
    let scores = comparisons(genuine: [9, 6], impostor: [8, 2])
    #expect(Threshold.best(for: scores) == 4)
    // In (5, 10] and in (3, 4]: the first is.
    #expect(Threshold.best(for: comparisons(genuine: [10, 4], impostor: [5, 3])) == 7.5)
  }

  @Test("accepts nobody, or everybody, when that is best")
  func extremes() {
    let none = comparisons(genuine: [0], impostor: [1, 2, 3])
    #expect(Decisions(none, at: Threshold.best(for: none)).accuracy == 0.75)
    let all = comparisons(genuine: [1, 2, 3], impostor: [4])
    #expect(Decisions(all, at: Threshold.best(for: all)).accuracy == 0.75)
  }
}

@Suite("An evaluation")
struct EvaluationTests {
  @Test("takes each fold's threshold from the other folds")
  func folds() throws {
    // Fold 1 alone would be judged at 5.5 without error; fold 2 asks for 2.5 and judges it so.
    let scores =
      comparisons(genuine: [6, 7], impostor: [5, 4], fold: 1)
      + comparisons(genuine: [3, 4], impostor: [2, 1], fold: 2)
    let evaluation = try #require(Evaluation(scores))
    #expect(evaluation.folds == 2)
    #expect(evaluation.thresholdSource == .otherFolds)
    // Fold 1 at 2.5: both genuine right, both impostors wrong; fold 2 at 5.5 the other way round.
    #expect(evaluation.accuracy == 0.5)
    #expect(evaluation.accuracyStd == 0)
  }

  /// Accuracies 1, 0.5 and 0.75: mean 0.75, sample deviation 0.25, standard error 0.25 / sqrt 3.
  @Test("gives the sample deviation and the standard error over folds")
  func deviation() throws {
    let scores =
      comparisons(genuine: [1, 1], impostor: [0, 0], fold: 1)
      + comparisons(genuine: [1, 0], impostor: [0, 1], fold: 2)
      + comparisons(genuine: [1, 1], impostor: [0, 1], fold: 3)
    let evaluation = try #require(Evaluation(scores))
    #expect(evaluation.accuracy == 0.75)
    #expect(abs((evaluation.accuracyStd ?? 0) - 0.25) < 1e-12)
    #expect(abs(evaluation.accuracyError - 0.25 / 3.0.squareRoot()) < 1e-12)
  }

  @Test("chooses no threshold on the tested pairs when it has others")
  func tuning() throws {
    let tested = comparisons(genuine: [6, 7], impostor: [5, 4])
    let others = comparisons(genuine: [3, 4], impostor: [2, 1])
    let tuned = try #require(Evaluation(tested, tuning: (others, "others")))
    #expect(tuned.threshold == 2.5)
    #expect(tuned.accuracy == 0.5)
    let alone = try #require(Evaluation(tested))
    #expect(alone.accuracy == 1)
    #expect(alone.thresholdSource == .sameComparisons)
    #expect(try #require(Evaluation(tested, threshold: 6.5)).accuracy == 0.75)
  }
}

@Suite("A file of scores")
struct ScoreFileTests {
  @Test("is read by the names of its columns")
  func reads() throws {
    // A byte order mark, a quoted field with a comma, a doubled quote and a line's end in it.
    let text =
      "\u{FEFF}fold,genuine,score,path\r\n1,1,0.5,\"a, \"\"b\"\"\n\"\r\n1,0,-1e-3,c\r\n\r\n"
    #expect(
      try ScoreFile.parse(text)
        == Comparisons([
          Comparison(score: 0.5, isGenuine: true, fold: 1),
          Comparison(score: -0.001, isGenuine: false, fold: 1),
        ]))
  }

  @Test("tells identities by their bytes, as a store does")
  func identities() throws {
    // One name in two Unicode forms is two identities.
    let text =
      "score,genuine,left_identity,right_identity\n"
      + "1,1,Jos\u{E9},Jos\u{E9}\n0,0,Jos\u{E9},Jose\u{301}\n"
    let identities = try #require(try ScoreFile.table(text).identities)
    #expect(identities[0] == (0, 0) && identities[1] == (0, 1))
    #expect(throws: ScoreFile.Failure.contradiction(line: 2)) {
      try ScoreFile.table("score,genuine,left_identity,right_identity\n1,1,a,b\n0,0,a,b\n")
    }
    #expect(try ScoreFile.table("score,genuine\n1,1\n0,0\n").identities == nil)
  }

  @Test("is refused with the line that is wrong")
  func refuses() {
    let cases: [(String, ScoreFile.Failure)] = [
      ("score,genuine,score\n1,1,1\n", .duplicateColumn("score")),
      (
        "score,genuine\n\"1\"x,1\n",
        .malformed(line: 2, reason: "something follows a field in quotes")
      ),
      (
        "score,genuine,fold\n1,1,1\n0,0,1\n1,1,2\n",
        .oneSidedFold(Evaluation.OneSidedFold(fold: 2, genuine: 1, impostor: 0))
      ),
      ("", .noHeader(found: "")), ("0.5,1\n", .noHeader(found: "0.5,1")),
      ("score,genuine\n1\n", .fields(line: 2, expected: 2, found: 1)),
      ("score,genuine\n1,1\nnan,0\n", .value(line: 3, column: "score", text: "nan")),
      ("score,genuine\n1,yes\n", .value(line: 2, column: "genuine", text: "yes")),
      ("score,genuine,fold\n1,1,-2\n", .value(line: 2, column: "fold", text: "-2")),
      ("score,genuine\n1,1\n", .oneSided(genuine: 1, impostor: 0)),
    ]
    for (text, failure) in cases {
      #expect(throws: failure) { try ScoreFile.parse(text) }
    }
  }
}
