import Foundation
import Shards

extension ShardError: ExplainedError {
  /// The message for the user.
  public var explanation: String {
    switch self {
    case .system(let operation, let path, let code):
      SystemCall.explanation(operation, path, code)
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
    case .changed(let path, let tensor):
      Self.damaged(
        path, "\(tensor.map { "tensor \($0)" } ?? "its metadata") is not what was written")
    }
  }

  private static func damaged(_ path: String, _ how: String) -> String {
    "\(path) is damaged: \(how). Make it again from what it was made of."
  }
}
