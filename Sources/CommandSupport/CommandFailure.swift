import Catalog
import Configuration
import Foundation
import Shards

/// An error that can say in one sentence what is wrong, where, and what to do next.
public protocol ExplainedError: Error {
  /// The sentence.
  var explanation: String { get }
  /// The exit code of a command that ends with it.
  var exitCode: Int32 { get }
}

extension ExplainedError {
  /// 1, a failure.
  public var exitCode: Int32 { 1 }
}

/// An error that a command itself finds.
public struct CommandFailure: ExplainedError {
  /// What the user reads.
  public let explanation: String

  /// An error with its words.
  public init(_ explanation: String) {
    self.explanation = explanation
  }
}

extension CatalogError: ExplainedError {
  /// What the user reads.
  public var explanation: String {
    switch self {
    case .missing(let folder):
      "No store lies in \(folder). Make one with: prep ingest PHOTOGRAPHS --out \(folder)"
    case .notACatalog(let path, let reason):
      "\(path) is no catalog of Twinset (\(reason)). Name another folder with --out or --shards."
    case .newerFormat(let path, let found, let supported):
      "\(path) has the store format \(found); this version reads up to \(supported). "
        + "Install a newer Twinset, or ingest again into another folder."
    case .olderFormat(let path, let found, let supported):
      "\(path) has the store format \(found) of an earlier version; this one reads format "
        + "\(supported). Ingest the photographs again into another folder."
    case .configurationDiffers(let stored, let asked):
      "The store was made with another configuration: \(Self.difference(stored, asked)). "
        + "Give the same options, or ingest into another folder with --out."
    case .locked(let folder, let holder):
      "\(folder) is being written by \(holder.isEmpty ? "another process" : holder). "
        + "Wait until it ends, or write into another folder with --out."
    case .protocolExists(let name, let differences):
      "A protocol \(name) exists and differs: \(differences.joined(separator: "; ")). "
        + "Replace it with --replace, or give this one another name with --name."
    case .noSuchProtocol(let name, let known):
      known.isEmpty
        ? "The store has no pairs, so no protocol \(name). "
          + "Make some with: prep pairs --split identity"
        : "The store has no protocol \(name)"
          + (NearestName.nearest(to: name, among: known).map { "; did you mean \($0)?" }
            ?? ". It has: \(known.joined(separator: ", ")).")
    case .database(let path, let message):
      "The catalog \(path) failed: \(message). Run the command again; what was stored is safe."
    case .system(let operation, let path, let code):
      Self.systemExplanation(operation, path, code)
    }
  }

  /// What differs between two configurations, key by key.
  private static func difference(_ stored: String, _ asked: String) -> String {
    func values(_ json: String) -> [String: Any] {
      let object = try? JSONSerialization.jsonObject(with: Data(json.utf8))
      return object as? [String: Any] ?? [:]
    }
    let (one, other) = (values(stored), values(asked))
    func word(_ value: Any?) -> String { value.map { "\($0)" } ?? "none" }
    return Set(one.keys).union(other.keys).sorted()
      .filter { word(one[$0]) != word(other[$0]) }
      .map { "\($0) is \(word(one[$0])), asked for is \(word(other[$0]))" }
      .joined(separator: "; ")
  }

  static func systemExplanation(_ operation: String, _ path: String, _ code: Int32) -> String {
    "Could not \(operation) \(path): \(String(cString: strerror(code))). "
      + (code == ENOSPC
        ? "Make room on the disk and run the command again; it goes on where it was."
        : "Check the path and its permissions, then run the command again.")
  }
}

extension ShardError: ExplainedError {
  /// What the user reads.
  public var explanation: String {
    switch self {
    case .system(let operation, let path, let code):
      CatalogError.systemExplanation(operation, path, code)
    case .tooShort(let path, let bytes): Self.damaged(path, "it has only \(bytes) bytes")
    case .headerTooLarge(let path, let bytes):
      Self.damaged(path, "its header claims \(bytes) bytes")
    case .headerTruncated(let path, let bytes):
      Self.damaged(path, "its header of \(bytes) bytes is cut off")
    case .malformedHeader(let path, let reason): Self.damaged(path, "its header: \(reason)")
    case .duplicateKey(let path, let key): Self.damaged(path, "its header has \(key) twice")
    case .unknownType(let path, let tensor, let type):
      Self.damaged(path, "tensor \(tensor) has the unknown type \(type)")
    case .wrongLength(let path, let tensor):
      Self.damaged(path, "tensor \(tensor) has a length that does not follow from its shape")
    case .hole(let path, let offset): Self.damaged(path, "a hole at byte \(offset) of its data")
    case .overlap(let path, let tensor):
      Self.damaged(path, "tensor \(tensor) shares bytes with another")
    case .wrongFileLength(let path, let expected, let found):
      Self.damaged(path, "\(found) bytes of data where \(expected) belong")
    case .missingTensor(let path, let tensor): Self.damaged(path, "it has no tensor \(tensor)")
    case .unexpectedTensor(let path, let tensor, let expected):
      Self.damaged(path, "tensor \(tensor) is not \(expected)")
    }
  }

  private static func damaged(_ path: String, _ how: String) -> String {
    "\(path) is damaged: \(how). Make it again from what it was made of."
  }
}
