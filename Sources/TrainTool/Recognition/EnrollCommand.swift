import ArgumentParser
import CommandSupport
import Foundation
import Train

/// `train enroll`.
struct EnrollCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "enroll",
    abstract: "Writes a gallery of known people for train identify.",
    discussion: """
      ROOT has a folder for each person, with photographs. A photograph that cannot be used is named \
      with the reason, and the exit code is then 3.
      """)

  @Argument(help: ArgumentHelp("The folder of the people's folders.", valueName: "root"))
  var root: String

  @Option(help: ArgumentHelp("The file of the gallery.", valueName: "file.safetensors"))
  var gallery: String

  @OptionGroup var options: RecognitionOptions
  @OptionGroup var output: OutputOptions

  private struct Summary: Encodable {
    let gallery: String
    let identities: Int
    let images: Int
    let rejected: Int
  }

  func run() async throws {
    let photographs = try Self.photographs(in: root) { output.note("not enrolled: \($0)") }
    let parts = try options.open(output)
    var kept: [(identity: String, path: String, pixels: [UInt8])] = []
    var rejected = 0
    for photograph in photographs {
      switch parts.reader.read(photograph.path) {
      case .success(let pixels): kept.append((photograph.identity, photograph.path, pixels))
      case .failure(let failure):
        rejected += 1
        output.line("rejected", PhotoReader.Rejected(path: photograph.path, failure))
        output.note("rejected: \(photograph.path): \(PhotoReader.words(failure))")
      }
    }
    guard !kept.isEmpty else {
      throw CommandFailure(
        "\(root) has no usable photograph in a person's folder. Put each person's photographs into a "
          + "folder of their own.")
    }
    let rows = try parts.embedder.embeddings(of: kept.map(\.pixels))
    guard rows.faultyRow == nil else {
      throw CommandFailure(
        "An embedding is not finite: the training of \(options.run) has diverged.")
    }
    try GalleryFile(
      rows: rows, identities: kept.map(\.identity), paths: kept.map(\.path),
      weights: parts.embedder.scorerDigest
    ).write(to: gallery)
    let summary = Summary(
      gallery: gallery, identities: Set(kept.map(\.identity)).count, images: kept.count,
      rejected: rejected)
    output.summary(summary) {
      "\(counted(summary.images, "image", "images")) of "
        + "\(counted(summary.identities, "person", "people")) are in \(gallery)"
    }
    if rejected > 0 { throw ExitCode(3) }
  }

  /// The files in each person's folder, by name; hidden files are skipped.
  private static func photographs(
    in root: String, note: (String) -> Void
  ) throws -> [(identity: String, path: String)] {
    let manager = FileManager.default
    guard let people = try? manager.contentsOfDirectory(atPath: root) else {
      throw CommandFailure("The folder \(root) cannot be read. Check the path.")
    }
    return people.sorted().filter { !$0.hasPrefix(".") }.flatMap { person in
      guard let files = try? manager.contentsOfDirectory(atPath: "\(root)/\(person)") else {
        note("\(root)/\(person) is not in a person's folder")
        return [(identity: String, path: String)]()
      }
      if files.isEmpty { note("the folder \(root)/\(person) is empty") }
      return files.sorted().filter { !$0.hasPrefix(".") }.map {
        (identity: person, path: "\(root)/\(person)/\($0)")
      }
    }
  }
}
