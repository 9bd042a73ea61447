/// Float tensors in a safetensors file, as checkpoints and embeddings are kept.
public struct TensorFile: Sendable {
  /// One tensor of 32-bit floats.
  public struct Entry: Sendable, Equatable {
    /// The lengths of the axes, the slowest first.
    public let shape: [Int]
    /// The elements, row-major.
    public let values: [Float]

    /// A tensor of `values`.
    ///
    /// - Precondition: there are as many values as the shape has elements.
    public init(shape: [Int], values: [Float]) {
      precondition(values.count == shape.reduce(1, *), "\(values.count) values for \(shape)")
      self.shape = shape
      self.values = values
    }
  }

  /// Text by key.
  public let metadata: [String: String]
  /// The tensors by name.
  public let tensors: [String: Entry]

  /// A file of the given tensors.
  public init(metadata: [String: String], tensors: [String: Entry]) {
    self.metadata = metadata
    self.tensors = tensors
  }

  /// Reads every tensor of the file at `path`.
  ///
  /// - Throws: ``ShardError``; also when a tensor is not of 32-bit floats.
  public init(path: String) throws(ShardError) {
    let file = try SafetensorsFile(path: path)
    var entries: [String: Entry] = [:]
    for (name, tensor) in file.header.tensors {
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

  /// Writes the file durably: whole or not at all.
  public func write(to path: String) throws(ShardError) {
    var descriptions: [String: TensorDescription] = [:]
    var offset = 0
    let names = tensors.keys.sorted()
    for name in names {
      let shape = tensors[name]?.shape ?? []
      let description = TensorDescription(type: .float32, shape: shape, offset: offset)
      descriptions[name] = description
      offset = description.bytes.upperBound
    }
    let header = SafetensorsHeader(metadata: metadata, tensors: descriptions).encoded()
    let file = try DurableFile(path: path)
    try file.write(header, at: 0)
    for name in names {
      guard let entry = tensors[name], let description = descriptions[name] else { continue }
      try file.write(entry.values, at: header.count + description.bytes.lowerBound)
    }
    try file.commit()
  }
}
