/// An error in a tensor file, with one case for each kind.
///
/// Lengths and offsets are in bytes; offsets are relative to the end of the header.
public enum ShardError: Error, Equatable, Sendable {
  /// The file is shorter than the eight bytes for the header's length.
  case tooShort(path: String, bytes: Int)
  /// The stated header length exceeds ``SafetensorsHeader/limit``.
  case headerTooLarge(path: String, bytes: UInt64)
  /// The stated header length exceeds the file.
  case headerTruncated(path: String, bytes: UInt64)
  /// The header is not the JSON object that the format requires.
  case malformedHeader(path: String, reason: String)
  /// A name occurs twice in the header.
  case duplicateKey(path: String, key: String)
  /// The element type of a tensor is unknown.
  case unknownType(path: String, tensor: String, type: String)
  /// A tensor's byte range does not match its shape and type, or its shape overflows.
  case wrongLength(path: String, tensor: String)
  /// Some bytes before or between the tensors belong to no tensor.
  case hole(path: String, offset: Int)
  /// Two tensors share bytes.
  case overlap(path: String, tensor: String)
  /// The tensors end before or after the end of the file.
  case wrongFileLength(path: String, expected: Int, found: Int)
  /// The file has no tensor of this name.
  case missingTensor(path: String, tensor: String)
  /// A tensor does not have the type or shape that the reader requires.
  case unexpectedTensor(path: String, tensor: String, expected: String)
  /// The values of a tensor, or the metadata if `tensor` is `nil`, are not those that were written.
  case changed(path: String, tensor: String?)
  /// A system call failed; `code` is its `errno`.
  case system(operation: String, path: String, code: Int32)
}
