import ArgumentParser
import CommandSupport
import Evaluate
import Neural
import Train

/// `train identify`.
struct IdentifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "identify",
    abstract: "Says whom a photograph shows, among the people of a gallery.",
    discussion: """
      A photograph of somebody else is accepted as one of the gallery's people with a probability of \
      --far. The threshold for it is measured on the gallery itself: every image is compared with all \
      other people, as if its own person were not enrolled.
      """)

  @Argument(help: "The photographs.")
  var images: [String]

  @Option(help: ArgumentHelp("The gallery, made by train enroll.", valueName: "file.safetensors"))
  var gallery: String

  @Option(
    help: ArgumentHelp(
      "The rate of strangers who are taken for somebody; 0.01 by default.", valueName: "rate"))
  var far: Double?

  // A score may be negative and must not be parsed as the name of an option.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The lowest score of a known person, in place of --far.", valueName: "score")
  )
  var threshold: Double?

  @OptionGroup var options: RecognitionOptions
  @OptionGroup var output: OutputOptions

  private struct Answer: Encodable {
    let image: String
    /// `nil` for nobody in the gallery.
    @OrNull var identity: String?
    /// The most similar person, whether accepted or not.
    let nearest: String
    let score: Double

    var text: String {
      "\(image): \(identity ?? "nobody in the gallery") (nearest \(nearest), score "
        .printable + "\(Figures.threshold(score)))"
    }
  }

  private struct Summary: Encodable {
    let images: Int
    let identified: Int
    let rejected: Int
    let threshold: Double
    @OrNull var far: Double?
  }

  private var rate: Double { far ?? 0.01 }

  func validate() throws {
    guard threshold?.isFinite ?? true else { throw ValidationError("--threshold must be finite.") }
    guard far == nil || threshold == nil else {
      throw ValidationError("Give one of --far and --threshold.")
    }
    guard rate > 0, rate <= 1 else {
      throw ValidationError("--far must be more than 0 and at most 1.")
    }
  }

  func run() async throws {
    let parts = try options.open(output)
    let known = try GalleryFile(
      path: gallery, run: parts.folder, scorer: parts.embedder.scorerDigest,
      length: parts.embedder.embeddings(of: []).length)
    let limit = try threshold ?? measuredThreshold(known, parts.embedder.rule)
    var (identified, rejected) = (0, 0)
    for image in images {
      let pixels: [UInt8]
      switch parts.reader.read(image) {
      case .success(let read): pixels = read
      case .failure(let failure):
        rejected += 1
        output.line("rejected", PhotoReader.Rejected(path: image, failure))
        output.note("rejected: \(image): \(PhotoReader.words(failure))")
        continue
      }
      let answer = try answer(
        image, try parts.embedder.embeddings(of: [pixels]), known, parts.embedder.rule, limit)
      if answer.identity != nil { identified += 1 }
      if output.json {
        output.line("answer", answer)
      } else {
        Console.print(answer.text)
      }
    }
    var summary = Summary(
      images: images.count, identified: identified, rejected: rejected, threshold: limit)
    summary.far = threshold == nil ? rate : nil
    output.summary(summary) {
      "\(identified) of \(images.count) identified at the threshold \(Figures.threshold(limit))"
        + (threshold == nil ? " (FAR \(rate))" : "")
        + (rejected > 0 ? ", \(rejected) not readable" : "")
    }
    if rejected > 0 { throw ExitCode(3) }
  }

  /// The most similar person of the gallery, accepted or not.
  private func answer(
    _ image: String, _ embedding: EmbeddingRows, _ known: GalleryFile, _ rule: ScoreRule,
    _ limit: Double
  ) throws -> Answer {
    let scores = rule.matrix(embedding, known.rows)
    guard let best = scores.indices.max(by: { scores[$0] < scores[$1] }),
      scores.allSatisfy(\.isFinite)
    else {
      throw CommandFailure("A score is not finite: the training of \(options.run) has diverged.")
    }
    var answer = Answer(
      image: image, nearest: known.identities[best], score: Double(scores[best]))
    answer.identity = answer.score >= limit ? answer.nearest : nil
    return answer
  }

  /// The threshold at which the gallery's images would be taken for another person at the rate
  /// ``rate``.
  private func measuredThreshold(_ known: GalleryFile, _ rule: ScoreRule) throws -> Double {
    let scores = rule.matrix(known.rows, known.rows)
    let count = known.rows.count
    let strangers = (0..<count).map { row -> Double in
      let others = (0..<count).lazy.filter { known.identities[$0] != known.identities[row] }
      return others.map { Double(scores[row * count + $0]) }.max() ?? -.infinity
    }.sorted(by: >)
    guard strangers[0].isFinite else {
      throw TrainError.badGallery(
        path: gallery, reason: "it has one person only, so that --threshold is needed")
    }
    guard rate * Double(count) >= 1 - 1e-9 else {
      throw TrainError.badGallery(
        path: gallery,
        reason: "its \(count) images cannot measure a rate of \(rate); give a higher --far, or "
          + "--threshold")
    }
    let allowed = Int((rate * Double(count) + 1e-9).rounded(.down))
    // Just above the first score that may not be accepted.
    return allowed < count ? strangers[allowed].nextUp : strangers[count - 1]
  }
}
