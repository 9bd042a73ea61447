import Foundation
import Neural

/// The batches of a training, in order, each prepared while the network computes the one before.
///
/// One background thread reads, augments and normalises samples into buffers that are allocated
/// once. Its loops run on that thread alone: with more, OpenMP would start a second set of threads
/// that would compete with the network for the cores.
///
/// A class because two threads share it. It is safe to share: everything that both change is in
/// `state`, which `condition` protects; a buffer belongs to one of them at a time; `lent` and
/// `secondsWaited` are used by the caller of ``next()`` only; the rest is constant.
final class BatchStream: @unchecked Sendable {
  /// One prepared step.
  struct Batch {
    /// The step, from 0 over all epochs.
    let step: Int
    let plan: StepPlan
    /// The samples, `[rows] + input`; valid until the next call of ``next()``.
    let input: FloatBuffer
  }

  /// What the two threads share.
  private struct State {
    var ready: [Batch] = []
    var free: [FloatBuffer] = []
    var failure: (any Error)?
    var isStopped = false
    var hasEnded = false
  }

  private let reader: BatchReader
  private let seed: Int
  private let slice: RowSlice
  private var state = State()
  private let condition = NSCondition()
  private var lent: FloatBuffer?
  /// The seconds that ``next()`` has waited for a batch.
  private(set) var secondsWaited = 0.0

  /// Number of buffers: one that the network computes on, one that is ready, one that is filled.
  private static let buffers = 3

  /// Starts the thread.
  ///
  /// - Parameters:
  ///   - reader: reads the samples; only the thread uses it until ``stop()`` returns.
  ///   - planner: plans the steps.
  ///   - steps: the steps to prepare, in order.
  ///   - bufferCount: the number of floats of a batch.
  ///   - seed: the seed of the augmentation.
  ///   - slice: the rows of a step that are prepared.
  init(
    _ reader: BatchReader, planner: StepPlanner, steps: Range<Int>, bufferCount: Int, seed: Int,
    slice: RowSlice = .all
  ) {
    self.reader = reader
    self.seed = seed
    self.slice = slice
    state.free = (0..<Self.buffers).map { _ in FloatBuffer(count: bufferCount) }
    let thread = Thread { [self] in prepare(steps, planner) }
    thread.name = "batches"
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// The body of the thread.
  private func prepare(_ steps: Range<Int>, _ planner: StepPlanner) {
    Machine.computeOnThisThreadOnly()
    var lookahead = ShardLookahead(
      reader.stores, planner: planner, end: steps.upperBound, slice: slice)
    var planner = planner
    for step in steps {
      guard let buffer = takeFree() else { break }
      do {
        lookahead?.announce(from: step)
        let (epoch, own) = step.quotientAndRemainder(dividingBy: planner.stepsPerEpoch)
        let plan = planner.plan(epoch: epoch, step: own)
        try reader.read(
          slice.elements(of: plan.samples).enumerated().map { (id: $1, row: $0) }, to: buffer,
          augmentedAt: Augmenter.Place(seed: seed, epoch: epoch, step: own, slice: slice))
        change { $0.ready.append(Batch(step: step, plan: plan, input: buffer)) }
      } catch {
        change { $0.failure = error }
        break
      }
    }
    change { $0.hasEnded = true }
  }

  private func change(_ body: (inout State) -> Void) {
    condition.lock()
    body(&state)
    condition.broadcast()
    condition.unlock()
  }

  /// Waits for a buffer that nobody uses; `nil` if the stream was stopped.
  private func takeFree() -> FloatBuffer? {
    condition.lock()
    defer { condition.unlock() }
    while state.free.isEmpty && !state.isStopped { condition.wait() }
    return state.isStopped ? nil : state.free.removeLast()
  }

  /// The next step; waits until it is prepared.
  ///
  /// - Throws: the error that stopped the thread, after the steps before it.
  /// - Precondition: there is another step.
  func next() throws -> Batch {
    let start = DispatchTime.now().uptimeNanoseconds
    condition.lock()
    defer { condition.unlock() }
    if let lent {
      state.free.append(lent)
      condition.broadcast()
    }
    lent = nil
    while state.ready.isEmpty && state.failure == nil {
      precondition(!state.hasEnded, "there is no further step")
      condition.wait()
    }
    secondsWaited += Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
    guard !state.ready.isEmpty else {
      // A transfer that was ended by the user fails as well.
      if let failure = state.failure, !Task.isCancelled { throw failure }
      throw TrainError.interrupted
    }
    let batch = state.ready.removeFirst()
    lent = batch.input
    return batch
  }

  /// Ends the thread and waits until it uses the reader no more.
  func stop() {
    condition.lock()
    state.isStopped = true
    condition.broadcast()
    while !state.hasEnded { condition.wait() }
    condition.unlock()
  }
}
