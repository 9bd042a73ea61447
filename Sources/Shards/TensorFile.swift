/// Float tensors in a safetensors file, the format of checkpoints and embeddings.
public struct TensorFile: Sendable {
  /// One tensor of 32-bit floats.
  public struct Entry: Sendable, Equatable {
    /// The lengths of the axes, the slowest-varying first.
    public let shape: [Int]
    /// The elements, row-major.
    public let values: [Float]

    /// Creates a tensor from `values`.
    ///
    /// - Precondition: the number of values equals the number of elements of the shape.
    public init(shape: [Int], values: [Float]) {
      precondition(values.count == shape.reduce(1, *), "\(values.count) values for \(shape)")
      self.shape = shape
      self.values = values
    }
  }

  /// Text metadata by key.
  public let metadata: [String: String]
  /// The tensors by name.
  public let tensors: [String: Entry]

  /// Creates a file from the given tensors.
  public init(metadata: [String: String], tensors: [String: Entry]) {
    self.metadata = metadata
    self.tensors = tensors
  }

  /// Reads the tensors of the file at `path`.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - isWanted: whether the tensor of a name is read; all by default.
  /// - Throws: ``ShardError``; also if a tensor does not consist of 32-bit floats.
  public init(
    path: String, where isWanted: (_ name: String) -> Bool = { _ in true }
  ) throws(ShardError) {
    let file = try SafetensorsFile(path: path)
    var entries: [String: Entry] = [:]
    for (name, tensor) in file.header.tensors where isWanted(name) {
      guard tensor.type == .float32 else {
        throw .unexpectedTensor(path: path, tensor: name, expected: "F32")
      }
      let values = try file.withTensor(name) { bytes in
        [Float](unsafeUninitializedCapacity: bytes.count / 4) { buffer, count in
          UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
          count = bytes.count / 4
        }
      }
      entries[name] = Entry(shape: tensor.shape, values: values)
    }
    metadata = file.header.metadata
    tensors = entries
  }

  /// Writes the file durably: it appears complete or not at all.
  public func write(to path: String) throws(ShardError) {
    let tensors = tensors
    try Self.write(metadata: metadata, shapes: tensors.mapValues(\.shape), to: path) {
      name, put throws(ShardError) in
      let failure: ShardError? = (tensors[name]?.values ?? []).withUnsafeBytes { bytes in
        do throws(ShardError) {
          try put(bytes)
          return nil
        } catch { return error }
      }
      if let failure { throw failure }
    }
  }

  /// Writes a file durably and directly from the memory of the values, without copying them.
  ///
  /// - Parameters:
  ///   - metadata: text by key.
  ///   - shapes: the lengths of each tensor's axes, by name.
  ///   - path: the file, replaced only when the new one is completely on disk.
  ///   - values: called for each tensor with its name; passes the bytes of its 32-bit floats to
  ///     `put`.
  /// - Throws: ``ShardError``; in this case the existing file is unchanged.
  public static func write(
    metadata: [String: String], shapes: [String: [Int]], to path: String,
    values: (
      _ name: String, _ put: (UnsafeRawBufferPointer) throws(ShardError) -> Void
    ) throws(ShardError) -> Void
  ) throws(ShardError) {
    var descriptions: [(name: String, tensor: TensorDescription)] = []
    var offset = 0
    for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
      let tensor = TensorDescription(type: .float32, shape: shape, offset: offset)
      descriptions.append((name, tensor))
      offset = tensor.bytes.upperBound
    }
    let header = SafetensorsHeader(
      metadata: metadata,
      tensors: Dictionary(uniqueKeysWithValues: descriptions.map { ($0.name, $0.tensor) })
    ).encoded()
    let file = try DurableFile(path: path)
    try file.write(header, at: 0)
    for (name, tensor) in descriptions {
      try values(name) { bytes throws(ShardError) in
        precondition(bytes.count == tensor.bytes.count, "\(bytes.count) bytes for \(tensor.shape)")
        try file.write(bytes, at: header.count + tensor.bytes.lowerBound)
      }
    }
    try file.commit()
  }
}
