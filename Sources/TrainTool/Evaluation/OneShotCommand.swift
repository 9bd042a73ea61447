import ArgumentParser
import CommandSupport
import Evaluate
import Pairs
import Report
import Train

/// `train one-shot`.
struct OneShotCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "one-shot",
    abstract: "Lets a network choose the right person among several, from one image of each.",
    discussion: """
      The trials are drawn from the tested images by the seed, and are the same in every call. A \
      protocol of trials in the store, made by prep pairs --one-shot, is tested by train evaluate.
      """)

  @OptionGroup var tested: TestedOptions
  @OptionGroup var store: ShardsOptions
  @OptionGroup var protocolOptions: TestedProtocolOptions

  @Option(help: ArgumentHelp("Number of people in each trial.", valueName: "n"))
  var ways = 10

  @Option(help: ArgumentHelp("Number of trials.", valueName: "n"))
  var trials = 500

  @Option(parsing: .unconditional, help: "The seed of the trials.")
  var seed = 0

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard ways >= 2 else { throw ValidationError("--ways must be 2 or more.") }
    guard trials >= 1 else { throw ValidationError("--trials must be 1 or more.") }
  }

  func run() async throws {
    let catalog = try store.open(output)
    let subject = try TestSubject(tested, catalog: catalog, protocolName: protocolOptions.name)
    _ = try threads.start()
    let samples = try subject.samples(allowsContaminated: protocolOptions.allowContaminated)
    let drawn: OneShotTrials
    do throws(PairError) {
      drawn = try OneShotTrials(samples.table, ways: ways, count: trials, seed: seed)
    } catch {
      throw CommandFailure(
        "The protocol \(subject.protocolName) tests \(samples.table.identities.count) people; "
          + "\(ways) in each trial need as many, one of them with two images. Give fewer --ways.")
    }
    for note in samples.notes { output.note("warning: \(note)") }
    for warning in subject.warnings(samples.contamination, isClosedSet: samples.isClosedSet) {
      output.note("warning: \(warning)")
    }
    let pairs = drawn.comparisons
    let embeddings = try subject.embeddings(of: pairs.flatMap { [$0.left, $0.right] })
    guard
      let evaluation = OneShotEvaluation(
        try embeddings.comparisons(of: pairs, fold: 0), ways: ways)
    else { preconditionFailure("every trial has one genuine comparison") }
    var figures = OneShotReport(evaluation)
    figures.closedSet = samples.isClosedSet
    figures.contaminated = subject.isContaminated(
      samples.contamination, isClosedSet: samples.isClosedSet)
    figures.weights = embeddings.scorerDigest
    output.summary(figures) { figures.rows.asLines }
  }
}
