import Dispatch
import Synchronization

#if MPI
internal import CMPI
#endif

/// The processes of one training, each of which is a rank: 0, 1 and so on.
///
/// Every rank must call the same functions in the same order. They run one after another on a queue,
/// so that sums are computed while the caller computes something else.
///
/// A class because it stands for the connection of the process. It is safe to share: what changes is
/// in `state`, a mutex.
public final class RankGroup: Sendable {
  /// The number of this process, from 0.
  public let index: Int
  /// Number of processes.
  public let count: Int
  /// Number of the ranks, with this one, that may run on the same processors.
  public let sharers: Int

  /// What the exchanges of a process have cost so far.
  public struct Costs: Sendable, Equatable {
    /// Seconds in which an exchange was running.
    public var busy = 0.0
    /// Seconds in which the caller waited for one.
    public var waited = 0.0
    /// Number of bytes that this rank has sent.
    public var bytesSent = 0

    /// No costs.
    public init() {}
  }

  private struct State {
    var costs = Costs()
    var failure: MessagePassingError?
  }

  /// Floats that are added up over the ranks in their place.
  ///
  /// It is safe to send to the queue, although the memory is shared: whoever adds a piece does not touch
  /// it before the next call of ``settle()``, and `owner` keeps the memory until the queue is done.
  public struct Piece: @unchecked Sendable {
    let start: UnsafeMutablePointer<Float>
    let count: Int
    /// What owns the memory, which is used after an error, too.
    private let owner: AnyObject?

    /// The `count` floats from `start` on, in the memory of `owner`.
    public init(start: UnsafeMutablePointer<Float>, count: Int, owner: AnyObject?) {
      (self.start, self.count, self.owner) = (start, count, owner)
    }
  }

  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "ranks", qos: .userInitiated)

  /// The group of this process; `nil` if it trains alone.
  public static var current: RankGroup? { joined.withLock { $0 } }

  private static let joined = Mutex<RankGroup?>(nil)

  /// Whether this build can train on several ranks.
  public static var isBuilt: Bool {
    #if MPI
    true
    #else
    false
    #endif
  }

  /// Joins the other processes that the launcher has started.
  ///
  /// - Returns: the group; `nil` for a process that was started alone.
  /// - Throws: ``MessagePassingError``.
  public static func join() throws(MessagePassingError) -> RankGroup? {
    guard Launch.count > 1 else { return nil }
    #if MPI
    var rank = CMPIRank()
    try check(cmpi_start(&rank), "starting")
    guard Int(rank.count) == Launch.count else {
      throw .notTogether(ranks: Launch.count, found: Int(rank.count))
    }
    let group = RankGroup(rank)
    joined.withLock { $0 = group }
    return group
    #else
    throw .notBuilt(ranks: Launch.count)
    #endif
  }

  /// Whether this is the rank that writes files and tells the user what happens.
  public var isFirst: Bool { index == 0 }

  /// What the exchanges have cost so far.
  public var costs: Costs { state.withLock { $0.costs } }

  private static func check(_ code: Int32, _ operation: String) throws(MessagePassingError) {
    guard code == 0 else { throw .failed(operation: operation, code: Int(code)) }
  }

  /// Adds up floats over all ranks, while the caller goes on.
  ///
  /// Every rank gets the same sums, to the bit; they do not depend on which rank is faster.
  ///
  /// - Parameter pieces: the floats, which the caller must not touch before ``settle()`` returns. All
  ///   ranks give pieces of the same lengths.
  public func addUp(_ pieces: [Piece]) {
    #if MPI
    queue.async { [self] in
      exchange("adding up") { rank, sent in
        if pieces.count == 1 { return Self.addUp(pieces[0], rank, &sent) }
        let all = UnsafeMutablePointer<Float>.allocate(
          capacity: pieces.reduce(0) { $0 + $1.count })
        defer { all.deallocate() }
        var next = all
        for piece in pieces {
          next.update(from: piece.start, count: piece.count)
          next += piece.count
        }
        let code = Self.addUp(Piece(start: all, count: next - all, owner: nil), rank, &sent)
        next = all
        for piece in pieces {
          piece.start.update(from: next, count: piece.count)
          next += piece.count
        }
        return code
      }
    }
    #endif
  }

  /// Waits until everything before is done.
  ///
  /// - Throws: ``MessagePassingError``, also for an exchange before.
  public func settle() throws(MessagePassingError) {
    wait {}
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }

  /// Gets what every rank has.
  ///
  /// - Parameters:
  ///   - own: what this rank has; the same number of bytes on every rank.
  ///   - all: receives the bytes of all ranks, in their order.
  /// - Throws: ``MessagePassingError``.
  public func gather(
    _ own: UnsafeRawBufferPointer, into all: UnsafeMutableRawPointer
  ) throws(MessagePassingError) {
    #if MPI
    wait {
      exchange("gathering") { rank, sent in
        cmpi_gather(rank, own.baseAddress, own.count, all, &sent)
      }
    }
    try settle()
    #endif
  }

  /// Gets the values of every rank.
  ///
  /// - Parameter own: the values of this rank, as many on every rank.
  /// - Returns: the values, `[ranks, values]`.
  /// - Throws: ``MessagePassingError``.
  public func gather<Value: BitwiseCopyable & ExpressibleByIntegerLiteral>(
    _ own: [Value]
  ) throws(MessagePassingError) -> [Value] {
    var all = [Value](repeating: 0, count: count * own.count)
    var failure: MessagePassingError?
    own.withUnsafeBytes { own in
      all.withUnsafeMutableBytes { all in
        guard let start = all.baseAddress else { return }
        do throws(MessagePassingError) { try gather(own, into: start) } catch { failure = error }
      }
    }
    if let failure { throw failure }
    return all
  }

  /// Gets the text of the first rank that has one; at most its first 255 bytes.
  ///
  /// - Throws: ``MessagePassingError``.
  public func firstText(_ own: String?) throws(MessagePassingError) -> String? {
    let length = 256
    let bytes = Array((own ?? "").utf8.prefix(length - 1))
    let padded = bytes + [UInt8](repeating: 0, count: length - bytes.count)
    let all = try gather(padded)
    return (0..<count).lazy.map { rank in
      String(decoding: all[rank * length..<(rank + 1) * length].prefix { $0 != 0 }, as: UTF8.self)
    }.first { !$0.isEmpty }
  }

  /// Gets the bytes of rank 0; those of the other ranks are ignored.
  ///
  /// - Throws: ``MessagePassingError``.
  public func broadcast(_ bytes: [UInt8]) throws(MessagePassingError) -> [UInt8] {
    #if MPI
    var result = bytes
    wait {
      exchange("broadcasting") { _, _ in
        var count = Int64(bytes.count)
        let code = cmpi_broadcast(&count, 8)
        guard code == 0 else { return code }
        if index > 0 { result = [UInt8](repeating: 0, count: Int(count)) }
        return result.isEmpty ? 0 : cmpi_broadcast(&result, Int32(result.count))
      }
    }
    try settle()
    return result
    #else
    return bytes
    #endif
  }

  /// Ends every rank, with the exit code of this one.
  public func abort(code: Int32) {
    #if MPI
    cmpi_abort(code)
    #endif
  }

  /// Leaves the group, after the work is done on every rank.
  public func leave() {
    #if MPI
    wait { cmpi_finish() }
    Self.joined.withLock { $0 = nil }
    #endif
  }

  /// Runs `body` after what is in the queue.
  private func wait(_ body: () -> Void) {
    let start = DispatchTime.now().uptimeNanoseconds
    queue.sync(execute: body)
    let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
    state.withLock { $0.costs.waited += seconds }
  }

  #if MPI
  private let rank: CMPIRank

  private init(_ rank: CMPIRank) {
    self.rank = rank
    (index, count) = (Int(rank.index), Int(rank.count))
    sharers = Int(rank.sharers)
  }

  /// Runs an exchange on the queue, unless one before has failed.
  private func exchange(_ operation: String, _ body: (CMPIRank, inout Int) -> Int32) {
    guard state.withLock({ $0.failure == nil }) else { return }
    let start = DispatchTime.now().uptimeNanoseconds
    var sent = 0
    let code = body(rank, &sent)
    let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
    state.withLock { state in
      state.costs.busy += seconds
      state.costs.bytesSent += sent
      if code != 0 { state.failure = .failed(operation: operation, code: Int(code)) }
    }
  }

  private static func addUp(_ piece: Piece, _ rank: CMPIRank, _ sent: inout Int) -> Int32 {
    let work = UnsafeMutablePointer<Float>.allocate(capacity: piece.count / Int(rank.count) + 1)
    defer { work.deallocate() }
    return cmpi_sum(rank, piece.start, piece.count, work, &sent)
  }
  #else
  private init() { (index, count, sharers) = (0, 1, 1) }
  #endif
}
