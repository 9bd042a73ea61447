import CSV
import Foundation
import TestSupport
import Testing

/// The page of `train evaluate`: what it says first, and its tables against the scores.
@Suite("The page of an evaluation", .serialized)
struct EvaluationPageTests: EvaluatedRunTests {
  let evaluated: EvaluatedRun

  init() throws { evaluated = try EvaluatedRun() }

  /// Evaluates and returns the summary and the page.
  private func evaluate(_ arguments: String...) throws -> (summary: [String: Any], page: String) {
    let folder = scratch.file("page")
    let outcome = try Tool.train.run(
      all: ["evaluate", "--shards", store, "--report", folder, "--json"] + arguments)
    #expect(outcome.code == 0, "\(outcome.error)")
    return (
      outcome.summary, try String(contentsOfFile: "\(folder)/index.html", encoding: .utf8)
    )
  }

  /// The rows of the table with a caption, without its heading.
  private func table(_ caption: String, of page: String) throws -> [[String]] {
    let start = try #require(page.range(of: ">\(caption)</caption>"))
    let end = try #require(page.range(of: "</table>", range: start.upperBound..<page.endIndex))
    return page[start.upperBound..<end.lowerBound].split(separator: "<tr>").dropFirst(2).map {
      $0.matches(of: /<bdi>([^<]*)<\/bdi>/).map { String($0.1) }
    }
  }

  /// A pair of the file of scores.
  private struct Scored {
    let score: Double
    let isGenuine: Bool
    let people: Set<String>
  }

  private func scores() throws -> [Scored] {
    let text = try String(contentsOfFile: scratch.file("page/scores.csv"), encoding: .utf8)
    return try CSVTable.records(text).dropFirst().map {
      Scored(
        score: Double($0.fields[0]) ?? .nan, isGenuine: $0.fields[1] == "1",
        people: [$0.fields[5], $0.fields[6]])
    }
  }

  @Test("begins with people, EER and a clean bill, and its tables follow from the scores")
  func clean() throws {
    let (summary, page) = try evaluate("--run", run)
    let eer = try #require(summary["eer"] as? Double)
    let percent = (eer * 1_000).rounded() / 10
    #expect(page.contains("<p>7 people never trained on; EER \(percent) %"))
    #expect(
      page.contains("<li class=\"good\">No tested person or image was trained on.</li>"))
    #expect(page.contains("<b>\(String(format: "%.4f", eer))</b> EER</li>"))
    let different = try #require(summary["accuracy_of_different"] as? Double)
    #expect(
      page.contains("accuracy (always answering different: \(String(format: "%.4f", different)))"))
    let threshold = try #require(summary["threshold"] as? Double)
    let pairs = try scores()
    func count(_ isGenuine: Bool, _ isAccepted: Bool) -> String {
      "\(pairs.count { $0.isGenuine == isGenuine && ($0.score >= threshold) == isAccepted })"
    }
    #expect(
      try table("Decisions", of: page) == [
        ["genuine", count(true, true), count(true, false)],
        ["impostor", count(false, true), count(false, false)],
      ])
    var wrong: [String: [Int]] = [:]
    for pair in pairs {
      for person in pair.people {
        var counts = wrong[person] ?? [0, 0, 0]
        counts[0] += 1
        if (pair.score >= threshold) != pair.isGenuine { counts[pair.isGenuine ? 2 : 1] += 1 }
        wrong[person] = counts
      }
    }
    let expected = wrong.filter { $0.value[1] + $0.value[2] > 0 }.map { person, counts in
      let share = (Double(counts[1] + counts[2]) / Double(counts[0]) * 1_000).rounded() / 10
      return [person.replacing("folder/", with: "").replacing("\"", with: "&quot;")]
        + counts.map(String.init) + ["\(share)"]
    }
    let shown = try table("Mistakes by person", of: page)
    #expect(Set(shown) == Set(expected) && !shown.isEmpty)
    let mistakes = shown.map { (Int($0[2]) ?? 0) + (Int($0[3]) ?? 0) }
    #expect(mistakes == mistakes.sorted(by: >))
    #expect(page.contains("False accepts") && page.contains("Loss by step"))
    for file in ["training-1.svg", "training-2.svg"] {
      #expect(scratch.contents(of: "page").contains(file))
    }
  }

  @Test("says that a test is contaminated, of a closed set, or of an unknown network")
  func marks() throws {
    let folds = try evaluate("--run", run, "--protocol", "f", "--allow-contaminated")
    #expect(folds.page.contains("<li class=\"wrong\">Contaminated: "))
    #expect(folds.page.contains("14 people, some of whom were trained on;"))
    #expect(folds.page.contains("All folds together, each at its own threshold."))
    let drawn = try String(contentsOfFile: scratch.file("page/folds.svg"), encoding: .utf8)
    #expect(drawn.matches(of: /<circle class="one"/).count == 3)

    let embeddings = scratch.file("e.safetensors")
    #expect(
      try train("embed", "--run", run, "--shards", store, "--output", embeddings).code == 0)
    let foreign = try evaluate("--embeddings", embeddings, "--protocol", "p").page
    #expect(
      foreign.contains("<li class=\"notice\">It is not known whom the network was trained on."))
    #expect(foreign.contains("<p>7 people; EER ") && !foreign.contains("Loss by step"))

    let made = try Tool.prep.run(
      "pairs", "--out", store, "--split", "image", "--train", "0.5", "--name", "c")
    #expect(made.code == 0, "\(made.error)")
    let closed = scratch.file("closed")
    let trained = try train(
      "run", "--shards", store, "--protocol", "c", "--recipe", evaluated.recipe, "--run", closed)
    #expect(trained.code == 0, "\(trained.error)")
    let page = try evaluate("--run", closed).page
    #expect(page.contains("<li class=\"notice\">Closed set: "))
    #expect(page.contains("14 people who were trained on in other images (closed set); EER"))
  }

  @Test("names nobody in its tables and shows nobody with --no-pictures")
  func shared() throws {
    let page = try evaluate("--run", run, "--no-pictures").page
    #expect(!page.contains("data:image") && !page.contains("Mistakes by person"))
    #expect(!page.contains("Person 1") && page.contains("Decisions"))
  }
}
