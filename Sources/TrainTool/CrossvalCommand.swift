import ArgumentParser
import CommandSupport
import Evaluate
import Foundation
import MessagePassing
import Neural
import Train

/// `train crossval`.
struct CrossvalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "crossval",
    abstract: "Trains once for each fold of a protocol, and tests on the fold that was left out.",
    discussion: """
      Every figure is computed for each fold and then averaged: the scores of different networks \
      are not comparable. Trainings that were interrupted continue where they were when the same \
      command is given again. --also tests the same networks on another protocol with the same \
      folds of people.
      """)

  @OptionGroup var store: ShardsOptions

  @Option(
    name: .customLong("protocol"),
    help: ArgumentHelp("A protocol with folds, as lfw-view2 or cfp-ff.", valueName: "name"))
  var protocolName: String?

  @Option(
    help: ArgumentHelp(
      "What of the other folds may be used: their pairs only, or all images of their people.",
      valueName: "restricted|unrestricted"))
  var mode = TrainingData.Fold.Mode.unrestricted

  @Flag(help: "Let one of the other folds validate and choose the threshold.")
  var holdOut = false

  @Option(
    help: ArgumentHelp(
      "Test each network also on the same fold of this protocol; may be repeated.",
      valueName: "name"))
  var also: [String] = []

  @Option(help: ArgumentHelp("Only these folds, as 1,2,3.", valueName: "list"))
  var folds: String?

  @Option(
    help: ArgumentHelp(
      "The folder of the runs; runs/RECIPE-PROTOCOL-SEED-SETTINGS-MODE.", valueName: "dir"))
  var run: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Seed of every random choice; 0.", valueName: "n"))
  var seed = 0

  @OptionGroup var recipe: RecipeOptions
  @OptionGroup var arithmetic: ArithmeticOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard folds.map({ Self.numbers($0) != nil }) ?? true else {
      throw ValidationError("--folds is a list of different numbers, as 1,2,3.")
    }
  }

  private static func numbers(_ text: String) -> [Int]? {
    let numbers = text.split(separator: ",").map { Int($0) }
    guard !numbers.isEmpty, !numbers.contains(nil), Set(numbers).count == numbers.count else {
      return nil
    }
    return numbers.compactMap(\.self)
  }

  func run() async throws {
    guard Launch.count == 1 else {
      throw ValidationError("train crossval runs as one process; start it without mpirun or srun.")
    }
    let catalog = try store.open(output)
    try recipe.checkName()
    let chosen = try ProtocolFinder.find(protocolName, in: catalog)
    guard chosen.pairs.keys.contains(where: { $0.fold > 0 && $0.role == .test }) else {
      throw TrainError.noFolds(protocol: chosen.name)
    }
    let data = try TrainingData(
      StoreSet([catalog]), protocolName: chosen.name,
      fold: TrainingData.Fold(tested: 0, validation: nil, mode: mode))
    let recipe = try recipe.resolved(for: data)
    let name = recipe.runName(protocol: chosen.name, seed: seed)
    let training = FoldTraining(
      recipe: recipe, catalog: catalog, protocolName: chosen.name, mode: mode, holdsOut: holdOut,
      folder: run ?? "runs/\(name)-\(mode.rawValue)")
    let all = try training.folds()
    let wanted = folds.flatMap(Self.numbers) ?? all
    if let unknown = wanted.first(where: { !all.contains($0) }) {
      throw ValidationError("\(chosen.name) has no fold \(unknown).")
    }
    guard Set(also + [chosen.name]).count == also.count + 1 else {
      throw ValidationError("--also names a protocol that is tested already.")
    }
    try training.checkFolds()
    for other in also { try training.checkFolds(of: other) }
    let machine = try threads.start()
    let (command, prepared) = (self, try arithmetic.training(seed: seed, on: machine))
    let results = try await ToolRunner.interruptible {
      do {
        return try wanted.map { fold in
          try command.train(fold, training, prepared, machine)
          return try ([nil] + command.also).map { try command.test(fold, on: $0, training) }
        }
      } catch TrainError.interrupted {
        // There is no --resume here: the same command continues.
        throw CancellationError()
      }
    }
    let reports = ([chosen.name] + also).enumerated().map { place, name in
      CrossvalReport(
        results.map { $0[place] }, protocol: name, mode: mode.rawValue, of: all.count,
        run: training.folder)
    }
    var report = reports[0]
    report.also = also.isEmpty ? nil : Array(reports.dropFirst())
    output.summary(report) {
      (reports.map(\.text) + ["the runs are in \(training.folder)"]).joined(separator: "\n")
    }
  }

  private func test(
    _ fold: Int, on other: String?, _ training: FoldTraining
  ) throws -> CrossValidation.Fold {
    let result = try training.test(fold, on: other)
    if result.sharedImages > 0 {
      output.note(
        "warning: fold \(fold) tests \(result.sharedImages) images that were trained on under another name"
      )
    }
    output.line(
      "fold",
      FoldLine(
        figures: EvaluationReport.Fold(result), protocol: other ?? training.protocolName,
        run: training.run(of: fold).path))
    return result
  }

  private func train(
    _ fold: Int, _ training: FoldTraining, _ options: TrainingOptions, _ machine: Machine
  ) throws {
    let bar = ProgressBar("fold \(fold)", unit: "steps", isEnabled: !output.quiet)
    defer { bar.finish() }
    var earlier: Int?
    try training.train(fold, options: options, machine: machine) { event, steps in
      switch event {
      case .step(let report, _):
        if earlier == nil { earlier = report.step - 1 }
        bar.update(
          report.step, of: steps,
          postfix: "epoch \(report.epoch), loss \(String(format: "%.4f", report.loss))",
          earlier: earlier ?? 0)
      case .evaluation(let report):
        if !output.quiet && !output.json { bar.note(report.text) }
      case .warning(let text): output.note("warning: fold \(fold): \(text)")
      case .note(let text): output.note("fold \(fold): \(text)")
      }
    }
  }
}

extension TrainingData.Fold.Mode: ExpressibleByArgument {}
