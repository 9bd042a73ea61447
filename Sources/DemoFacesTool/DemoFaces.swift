import ArgumentParser
import CommandSupport
import Foundation
import SyntheticFaces

/// `demo-faces`: draws the images of the demonstration.
@main
struct DemoFaces: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo-faces",
    abstract: "Draws a set of faces of nobody, in the shape of the ORL set.")

  @Argument(help: ArgumentHelp("Where the pictures go.", valueName: "dir"))
  var folder: String

  @Option(help: "What everything is drawn from.")
  var seed = 0

  @Option(help: "How many people.")
  var people = 40

  @Option(help: "How many pictures of each.")
  var pictures = 10

  func validate() throws {
    guard people >= 1, pictures >= 1 else {
      throw ValidationError("--people and --pictures must be 1 or more.")
    }
  }

  func run() throws {
    try FaceSet(seed: seed).write(to: folder, people: people, pictures: pictures)
    Console.note("drew \(people) people in \(pictures) poses each into \(folder)")
  }
}
