import CommandSupport
import Foundation
import Ingest
import Synchronization

/// The tasks of an ingest as processes on this machine, as many at once as it has cores.
final class LocalTasks: Sendable {
  private let array: TaskArray
  private let running = Mutex<[Int32]>([])
  private let isCancelled = Atomic(false)

  /// How often a task is tried.
  private static let attempts = 3

  init(_ array: TaskArray) {
    self.array = array
  }

  /// Runs the tasks.
  ///
  /// - Parameters:
  ///   - tasks: the numbers of the tasks.
  ///   - progress: called after each task with the number of those that ended.
  /// - Returns: the tasks that failed in every attempt.
  /// - Throws: `CancellationError` after all processes were asked to end.
  func run(_ tasks: [Int], progress: @escaping @Sendable (Int) -> Void) async throws -> [Int] {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let failed = try await withTaskCancellationHandler {
      try await withThrowingTaskGroup(of: Int?.self) { group in
        var (waiting, failed, ended) = (tasks[...], [Int](), 0)
        for task in waiting.prefix(cores) { group.addTask { try await self.attempt(task) } }
        waiting = waiting.dropFirst(cores)
        while let result = try await group.next() {
          if let result { failed.append(result) }
          ended += 1
          progress(ended)
          if let task = waiting.popFirst() { group.addTask { try await self.attempt(task) } }
        }
        return failed
      }
    } onCancel: {
      isCancelled.store(true, ordering: .relaxed)
      running.withLock { for process in $0 { kill(process, SIGTERM) } }
    }
    try Task.checkCancellation()
    return failed.sorted()
  }

  /// Merges the parts; returns false if that failed, with the reason in `merge.log`.
  func merge() async throws -> Bool {
    try await start(array.mergeArguments, log: "\(array.parts.logs)/merge.log") == 0
  }

  /// Runs a task until it succeeds or has failed too often; returns its number in this case.
  private func attempt(_ task: Int) async throws -> Int? {
    for _ in 0..<Self.attempts {
      guard !isCancelled.load(ordering: .relaxed) else { throw CancellationError() }
      let code = try await start(
        array.arguments(of: task, jobs: array.jobs ?? 1), log: array.parts.log(task))
      // Some files may have been rejected, which is no failure.
      if code == 0 || code == ToolRunner.doneWithRejections.rawValue { return nil }
    }
    return task
  }

  private func start(_ arguments: [String], log: String) async throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: array.prep)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    let descriptor = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: log])
    }
    let output = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    process.standardOutput = output
    process.standardError = output
    return try await withCheckedThrowingContinuation { continuation in
      process.terminationHandler = { ended in
        self.running.withLock { $0.removeAll { $0 == ended.processIdentifier } }
        continuation.resume(returning: ended.terminationStatus)
      }
      do {
        try process.run()
        running.withLock { $0.append(process.processIdentifier) }
      } catch { continuation.resume(throwing: error) }
    }
  }
}
