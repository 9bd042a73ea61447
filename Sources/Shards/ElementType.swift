/// The type of a tensor's elements, with its name in safetensors.
///
/// Types smaller than one byte, such as F4, are not supported, because the tensors of this project
/// never use them.
public enum ElementType: String, Sendable, CaseIterable {
  case bool = "BOOL"
  case uint8 = "U8"
  case int8 = "I8"
  case float8E5M2 = "F8_E5M2"
  case float8E4M3 = "F8_E4M3"
  case int16 = "I16"
  case uint16 = "U16"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int32 = "I32"
  case uint32 = "U32"
  case float32 = "F32"
  case int64 = "I64"
  case uint64 = "U64"
  case float64 = "F64"

  /// The size of one element in bytes.
  public var byteCount: Int {
    switch self {
    case .bool, .uint8, .int8, .float8E5M2, .float8E4M3: 1
    case .int16, .uint16, .float16, .bfloat16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }
}
