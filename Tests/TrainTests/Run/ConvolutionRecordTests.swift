import Foundation
import Neural
import Testing

@testable import Train

/// The methods of convolutions in the record of a run.
@Suite("The record of a run's convolutions")
struct ConvolutionRecordTests {
  private let faces: SmallFaces
  private let recipe: Recipe

  init() async throws {
    faces = try await SmallFaces()
    recipe = try SmallFaces.recipe(
      tower: """
          - convolution: {filters: 5, kernel: 3, activation: relu}
          - convolution: {filters: 4, kernel: 5}
          - flatten: {}
          - dense: {units: 6}
        """)
  }

  private func run(
    _ name: String, _ policy: ConvolutionPolicy, resumed: Bool = false, steps: Int = .max
  ) throws {
    var options = TrainingOptions()
    options.convolution = policy
    options.isResumed = resumed
    _ = try TrainingRun(
      recipe: recipe, data: TrainingData(StoreSet([faces.catalog]), protocolName: "p"),
      options: options, machine: faces.machine, folder: faces.folder(name)
    ).train(maxSteps: steps) { _ in }
  }

  @Test("lets it go on to the same bits, and keeps every evaluation to the same methods")
  func resumes() throws {
    let mixed = try #require(
      ConvolutionChoices("0 frequency/direct/direct, 1 direct/frequency/frequency"))
    try run("whole", .recorded(mixed))
    try run("parts", .recorded(mixed), steps: 4)
    let record = try RunRecord.read(faces.folder("parts"))
    #expect(record.convolution == mixed.description)
    try run(
      "parts", .recorded(try record.convolutionChoices(of: faces.folder("parts"))), resumed: true)
    #expect(try faces.checkpoint("whole") == faces.checkpoint("parts"))
    let network = try InferenceNetwork(run: faces.folder("whole"), recipe: recipe, rows: 3)
    #expect(network.tower.convolutions == mixed)
    // With other methods the sums have another order.
    try run("direct", .direct)
    #expect(try faces.checkpoint("whole") != faces.checkpoint("direct"))
  }

  @Test("is not gone on with by other methods")
  func refuses() throws {
    try run("a", .always(.frequency), steps: 2)
    let before = try faces.checkpoint("a")
    #expect {
      try run("a", .direct, resumed: true)
    } throws: { error in
      guard case TrainError.differentRun(_, let what) = error else { return false }
      return what == "way to compute convolutions"
    }
    #expect(try faces.checkpoint("a") == before)
  }

  @Test("has methods of its own for evaluations, except in earlier versions")
  func inference() throws {
    let mixed = try #require(ConvolutionChoices("1 frequency/direct/direct"))
    try run("a", .recorded(mixed), steps: 1)
    let path = faces.folder("a").record
    let text = try String(contentsOfFile: path, encoding: .utf8)
    func methods(_ text: String) throws -> String {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      return try InferenceNetwork(run: faces.folder("a"), recipe: recipe, rows: 3)
        .tower.convolutions.description
    }
    let line = "\"inference_convolution\" : "
    let own = "\"" + mixed.description.replacing("/", with: "\\/") + "\""
    #expect(text.contains(line + own))
    #expect(
      try methods(text.replacing(line + own, with: line + "\"0 winograd/direct/direct\""))
        == "0 winograd/direct/direct")
    #expect(
      try methods(text.replacing(line + own + ",", with: "")) == "1 frequency/direct/direct")
  }

  @Test("with methods that are not known is refused", arguments: ["planes", "0 fast/fast/fast"])
  func unknown(text: String) throws {
    try run("a", .direct, steps: 1)
    let path = faces.folder("a").record
    try String(contentsOfFile: path, encoding: .utf8)
      .replacing("\"direct\"", with: "\"\(text)\"")
      .write(toFile: path, atomically: true, encoding: .utf8)
    #expect {
      _ = try InferenceNetwork(run: faces.folder("a"), recipe: recipe, rows: 3)
    } throws: { error in
      guard case TrainError.badRun(_, let reason) = error else { return false }
      return reason.contains(text)
    }
  }
}
