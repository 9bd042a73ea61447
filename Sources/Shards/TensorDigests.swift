/// The digests of a file's tensors and of its metadata, which stand in the metadata.
struct TensorDigests {
  /// The metadata without digests.
  let metadata: [String: String]
  /// The digest of each tensor by name.
  private var digests: [String: String]
  /// The digest of the metadata that was read; `nil` if there is none.
  private var ofMetadata: String?

  private static let key = "twinset-sha256"

  /// The digests of tensors of these names, which are still to be set.
  init(_ metadata: [String: String], names: [String]) {
    self.metadata = metadata
    let none = String(repeating: "0", count: 64)
    digests = Dictionary(uniqueKeysWithValues: names.map { ($0, none) })
  }

  /// The digests in the metadata of a file.
  init(stored: [String: String]) {
    ofMetadata = stored[Self.key]
    let prefix = Self.key + "."
    metadata = stored.filter { $0.key != Self.key && !$0.key.hasPrefix(prefix) }
    digests = Dictionary(
      uniqueKeysWithValues: stored.filter { $0.key.hasPrefix(prefix) }
        .map { (String($0.key.dropFirst(prefix.count)), $0.value) })
  }

  mutating func set(_ digest: String, of tensor: String) { digests[tensor] = digest }

  /// The metadata of the file.
  var stored: [String: String] {
    var stored = metadata
    for (name, digest) in digests { stored["\(Self.key).\(name)"] = digest }
    stored[Self.key] = computed
    return stored
  }

  /// Whether the metadata is what was written; true if the file has no digests.
  var matchMetadata: Bool { ofMetadata.map { $0 == computed } ?? digests.isEmpty }

  /// Whether values are those that were written; true if there is no digest of them.
  func match(_ values: [Float], of tensor: String) -> Bool {
    guard let digest = digests[tensor] else { return ofMetadata == nil }
    return values.withUnsafeBytes { Digest.sha256($0) } == digest
  }

  private var computed: String {
    var builder = DigestBuilder()
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      builder.update(line: "\(key.utf8.count) \(key) \(value)")
    }
    for (name, digest) in digests.sorted(by: { $0.key < $1.key }) {
      builder.update(line: "\(name.utf8.count) \(name) \(digest)")
    }
    return builder.finalize()
  }
}
