import Foundation
import SwiftProtobuf

/// An event file of TensorBoard: scalars by step, and the graph of a network.
///
/// A class because it owns the file's descriptor. Each record is its length, a checksum of the
/// length, an event and a checksum of the event. Source: tensorflow/core/lib/io/record_writer.h.
public final class EventFile {
  private let descriptor: Int32
  private var pending: [UInt8] = []

  /// One layer of a graph.
  public struct Node: Sendable, Equatable {
    /// The name, with slashes between groups.
    public let name: String
    /// The kind of layer.
    public let kind: String
    /// The names of the nodes that it reads.
    public let inputs: [String]
    /// The sizes of its output, without the batch.
    public let shape: [Int]

    /// Creates a node.
    public init(name: String, kind: String, inputs: [String], shape: [Int]) {
      self.name = name
      self.kind = kind
      self.inputs = inputs
      self.shape = shape
    }
  }

  /// Creates a file in `folder`, in addition to those of earlier calls.
  ///
  /// - Parameters:
  ///   - folder: the folder of the run.
  ///   - step: the number of steps done; TensorBoard then ignores later steps of earlier files.
  ///   - graph: the layers of the network.
  /// - Throws: `POSIXError` if the file cannot be created.
  public init(folder: String, step: Int, graph: [Node]) throws {
    let now = Date().timeIntervalSince1970
    // TensorBoard reads every file whose name has "tfevents", in the order of the names.
    let path =
      "\(folder)/events.out.tfevents.\(Int(now)).\(String(format: "%06d", step)).\(getpid())"
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    add(step: 0) { $0.fileVersion = "brain.Event:2" }
    if step > 0 {
      add(step: step + 1) { $0.sessionLog = .with { $0.status = Self.start } }
    } else {
      let definition = Self.definition(of: graph)
      add(step: 0) { $0.graphDef = (try? definition.serializedBytes()) ?? Data() }
    }
    try flush()
  }

  deinit { close(descriptor) }

  /// The status of a session that starts.
  private static let start: Int32 = 1

  /// Adds scalars of a step.
  public func add(_ scalars: [(tag: String, value: Double)], step: Int) {
    guard !scalars.isEmpty else { return }
    add(step: step) { event in
      event.summary = .with { summary in
        summary.value = scalars.map { scalar in
          .with {
            $0.tag = scalar.tag
            $0.simpleValue = Float(scalar.value)
          }
        }
      }
    }
  }

  private func add(step: Int, _ fill: (inout Twinset_Tensorboard_Event) -> Void) {
    var event = Twinset_Tensorboard_Event()
    event.wallTime = Date().timeIntervalSince1970
    event.step = Int64(step)
    fill(&event)
    guard let bytes: [UInt8] = try? event.serializedBytes() else { return }
    let length = withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { Array($0) }
    pending += length + Self.checksum(length) + bytes + Self.checksum(bytes)
  }

  /// Writes what was added.
  ///
  /// - Throws: `POSIXError`.
  public func flush() throws {
    var rest = pending[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
      rest = rest.dropFirst(count)
    }
    pending = []
  }

  private static func definition(of graph: [Node]) -> Twinset_Tensorboard_GraphDef {
    .with { definition in
      definition.node = graph.map { node in
        .with {
          $0.name = node.name
          $0.op = node.kind
          $0.input = node.inputs
          $0.attr["_output_shapes"] = .with {
            $0.list = .with {
              // -1 stands for any number of images.
              $0.shape = [
                .with {
                  $0.dim = ([-1] + node.shape).map { size in .with { $0.size = Int64(size) } }
                }
              ]
            }
          }
        }
      }
    }
  }

  /// The masked CRC-32C of some bytes, as four bytes.
  private static func checksum(_ bytes: [UInt8]) -> [UInt8] {
    let crc = CRC32C.checksum(bytes)
    let masked = (crc >> 15 | crc << 17) &+ 0xA282_EAD8
    return withUnsafeBytes(of: masked.littleEndian) { Array($0) }
  }
}
