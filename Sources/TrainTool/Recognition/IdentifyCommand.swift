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
    help: ArgumentHelp("The rate of strangers who are taken for somebody.", valueName: "rate"))
  var far = 0.01

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
  }

  private struct Summary: Encodable {
    let images: Int
    let identified: Int
    let rejected: Int
    let threshold: Double
    @OrNull var far: Double?
  }

  func validate() throws {
    guard far > 0, far <= 1 else {
      throw ValidationError("--far must be more than 0 and at most 1.")
    }
  }

  func run() async throws {
    let parts = try options.open()
    let known = try GalleryFile(
      path: gallery, run: parts.folder, length: parts.embedder.embeddings(of: []).length)
    let limit = try threshold ?? measuredThreshold(known, parts.embedder.rule)
    var (identified, rejected) = (0, 0)
    for image in images {
      let pixels: [UInt8]
      switch parts.reader.read(image) {
      case .success(let read): pixels = read
      case .failure(let failure):
        rejected += 1
        output.note("rejected: \(image): \(PhotoReader.words(failure))")
        continue
      }
      let scores = parts.embedder.rule.matrix(
        try parts.embedder.embeddings(of: [pixels]), known.rows)
      guard let best = scores.indices.max(by: { scores[$0] < scores[$1] }) else { continue }
      let isKnown = Double(scores[best]) >= limit
      var answer = Answer(
        image: image, nearest: known.identities[best], score: Double(scores[best]))
      answer.identity = isKnown ? known.identities[best] : nil
      if isKnown { identified += 1 }
      if output.json {
        output.line("answer", answer)
      } else {
        Console.print(
          "\(image): \(answer.identity ?? "nobody in the gallery") (nearest \(answer.nearest), score "
            + "\(Figures.threshold(answer.score)))".printable)
      }
    }
    var summary = Summary(
      images: images.count, identified: identified, rejected: rejected, threshold: limit)
    summary.far = threshold == nil ? far : nil
    output.summary(summary) {
      "\(identified) of \(images.count) identified at the threshold \(Figures.threshold(limit))"
    }
    if rejected > 0 { throw ExitCode(3) }
  }

  /// The threshold at which the gallery's images would be taken for another person at the rate
  /// ``far``.
  private func measuredThreshold(_ known: GalleryFile, _ rule: ScoreRule) throws -> Double {
    let scores = rule.matrix(known.rows, known.rows)
    let count = known.rows.count
    let strangers = (0..<count).map { row -> Double in
      let others = (0..<count).lazy.filter { known.identities[$0] != known.identities[row] }
      return others.map { Double(scores[row * count + $0]) }.max() ?? -.infinity
    }.sorted(by: >)
    guard far * Double(count) >= 1 - 1e-9, strangers[0].isFinite else {
      throw TrainError.badGallery(
        path: gallery,
        reason: "its \(count) images cannot measure a rate of \(far); give a higher --far, or "
          + "--threshold")
    }
    let allowed = Int((far * Double(count) + 1e-9).rounded(.down))
    // Just above the first score that may not be accepted.
    return allowed < count ? strangers[allowed].nextUp : strangers[count - 1]
  }
}
