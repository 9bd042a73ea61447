/// What can be wrong with a tensor file, one case for each way.
///
/// Byte counts and offsets are in bytes; offsets count from the end of the header.
public enum ShardError: Error, Equatable, Sendable {
  /// The file is shorter than the eight bytes that say how long the header is.
  case tooShort(path: String, bytes: Int)
  /// The header claims more bytes than ``SafetensorsHeader/limit``.
  case headerTooLarge(path: String, bytes: UInt64)
  /// The header claims more bytes than the file has.
  case headerTruncated(path: String, bytes: UInt64)
  /// The header is not the JSON object that the format asks for.
  case malformedHeader(path: String, reason: String)
  /// A name stands twice in the header.
  case duplicateKey(path: String, key: String)
  /// A tensor's element type is none that is known.
  case unknownType(path: String, tensor: String, type: String)
  /// A tensor's byte range does not follow from its shape and type, or its shape overflows.
  case wrongLength(path: String, tensor: String)
  /// Bytes between two tensors, or before the first, belong to none.
  case hole(path: String, offset: Int)
  /// Two tensors share bytes.
  case overlap(path: String, tensor: String)
  /// The tensors end before or behind the end of the file.
  case wrongFileLength(path: String, expected: Int, found: Int)
  /// The file has no tensor of this name.
  case missingTensor(path: String, tensor: String)
  /// A tensor has another type or shape than its reader needs.
  case unexpectedTensor(path: String, tensor: String, expected: String)
  /// A system call failed; `code` is its `errno`.
  case system(operation: String, path: String, code: Int32)
}
