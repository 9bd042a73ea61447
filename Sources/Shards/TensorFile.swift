/// Float tensors in a safetensors file, the format of checkpoints and embeddings.
///
/// The file's metadata has the SHA-256 of each tensor's bytes, `twinset-sha256.NAME`, and of the rest of the
/// metadata, `twinset-sha256`, so that a changed value is an error. Files of other programs have none, and are
/// read without it.
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
    let digests = TensorDigests(stored: file.header.metadata)
    guard digests.matchMetadata else { throw .changed(path: path, tensor: nil) }
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
      guard digests.match(values, of: name) else { throw .changed(path: path, tensor: name) }
      entries[name] = Entry(shape: tensor.shape, values: values)
    }
    metadata = digests.metadata
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
    let tensors = Dictionary(uniqueKeysWithValues: descriptions.map { ($0.name, $0.tensor) })
    var digests = TensorDigests(metadata, names: descriptions.map(\.name))
    // The digests follow from the values, and all have the same length: the header comes last.
    let length = SafetensorsHeader(metadata: digests.stored, tensors: tensors).encoded().count
    let file = try DurableFile(path: path)
    for (name, tensor) in descriptions {
      var digest: String?
      try values(name) { bytes throws(ShardError) in
        precondition(bytes.count == tensor.bytes.count, "\(bytes.count) bytes for \(tensor.shape)")
        try file.write(bytes, at: length + tensor.bytes.lowerBound)
        digest = Digest.sha256(bytes)
      }
      if let digest { digests.set(digest, of: name) }
    }
    try file.write(SafetensorsHeader(metadata: digests.stored, tensors: tensors).encoded(), at: 0)
    try file.commit()
  }
}
