import Configuration
import Foundation
import Imaging

/// What is known about a dataset: its file names, default samples, expected counts and citation.
public struct DatasetManifest: Sendable, Equatable {
  /// Number of samples and identities in the complete dataset.
  public struct Expected: Codable, Sendable, Equatable {
    /// Number of stored samples.
    public let samples: Int
    /// Number of identities.
    public let identities: Int
    /// Number of stored samples of each pose, if the layout distinguishes poses.
    public let poses: [String: Int]?

    /// Returns the counts for one pose, or for all poses; `nil` if they are not known.
    public func counts(pose: String?) -> (samples: Int, identities: Int)? {
      guard let pose else { return (samples, identities) }
      return poses?[pose].map { ($0, identities) }
    }
  }

  /// The location of an image's facial landmarks: the path of the image with one folder name
  /// replaced.
  public struct Fiducials: Codable, Sendable, Equatable {
    /// The folder of the images.
    public let replace: String
    /// The folder of the landmarks.
    public let by: String
    /// The extension of the landmark files.
    public let `extension`: String

    /// Returns the path of the landmarks for the image at `path`.
    func path(for path: String) -> String? {
      guard let range = path.range(of: "/\(replace)/", options: .backwards),
        let dot = path.lastIndex(of: "."), dot > range.upperBound
      else { return nil }
      return path[..<range.lowerBound] + "/\(by)/" + path[range.upperBound...dot] + self.extension
    }
  }

  /// The short name, as used with `--dataset`.
  public let name: String
  /// The full name.
  public let title: String
  /// The pattern that extracts identity, pose and number from a file's path.
  public let pattern: String
  /// The extensions of image files, in lower case.
  public let extensions: [String]
  /// Whether any folder could have this layout; a more specific layout takes precedence.
  public let isGeneral: Bool
  /// The samples made by default.
  public let sample: SampleConfiguration
  /// The counts of a complete copy.
  public let expected: Expected?
  /// The location of the facial landmarks, if the dataset has any.
  public let fiducials: Fiducials?
  /// The MD5 of the official lists, by file name.
  public let lists: [String: String]
  /// The dataset whose official protocols these images follow, as "lfw"; `nil` if there is none.
  public let protocols: String?
  /// The correct identity of mislabelled images, by the image's name without its extension.
  public let errata: [String: String]
  /// The place where the dataset is obtained.
  public let source: String?
  /// The terms of use of the dataset.
  public let licence: String?
  /// The citation.
  public let citation: String?

  /// Parses a manifest from YAML.
  ///
  /// - Parameters:
  ///   - yaml: the text of the file.
  ///   - path: the name of the file in errors.
  /// - Throws: ``ConfigurationError``.
  public init(yaml: String, path: String) throws(ConfigurationError) {
    let source = try StrictYAML.decode(
      Source.self, from: yaml, what: "manifest", path: path, keys: Self.keys)
    guard Self.isName(source.name) else {
      throw ConfigurationError(
        what: "manifest", path: path,
        reason:
          "name \(source.name) must be a word of letters, digits, -, _ and ., at most 100 long")
    }
    if let list = source.lists?.first(where: { $0.value.wholeMatch(of: /[0-9a-f]{32}/) == nil }) {
      throw ConfigurationError(
        what: "manifest", path: path, reason: "lists.\(list.key): \(list.value) is not an MD5")
    }
    guard let size = PixelSize(source.sample.size) else {
      throw ConfigurationError(
        what: "manifest", path: path, reason: "sample.size \(source.sample.size) is not a size")
    }
    name = source.name
    title = source.title
    pattern = source.pattern
    extensions = source.extensions
    isGeneral = source.general ?? false
    sample = SampleConfiguration(
      width: size.width, height: size.height, color: source.sample.color,
      resample: source.sample.resample)
    expected = source.expected
    fiducials = source.fiducials
    lists = source.lists ?? [:]
    protocols = source.protocols
    errata = source.errata ?? [:]
    self.source = source.source
    licence = source.licence
    citation = source.citation
    _ = try PathPattern(pattern, extensions: extensions, manifest: path)
  }

  /// Reads all manifests in a folder, by name.
  public static func all(in folder: String) throws(ConfigurationError) -> [DatasetManifest] {
    let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
      .filter { $0.hasSuffix(".yaml") }.sorted()
    var manifests: [DatasetManifest] = []
    for file in files { manifests.append(try read("\(folder)/\(file)")) }
    return manifests
  }

  /// Reads the manifest at `path`.
  public static func read(_ path: String) throws(ConfigurationError) -> DatasetManifest {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw ConfigurationError(
        what: "manifest", path: path, reason: "it cannot be read")
    }
    return try DatasetManifest(yaml: text, path: path)
  }

  private static let keys = [
    "name", "title", "pattern", "extensions", "general", "sample", "expected", "fiducials", "lists",
    "protocols", "errata", "source", "licence", "citation",
  ]

  /// Returns true if the name is valid for a dataset; it becomes part of file names.
  static func isName(_ name: String) -> Bool {
    name.wholeMatch(of: /[\p{L}\p{N}_][\p{L}\p{N}_.\-]*/) != nil && name.utf8.count <= 100
  }

  /// The manifest as decoded from its file.
  private struct Source: Codable {
    struct SampleSource: Codable {
      let size: String
      let color: SampleConfiguration.Color
      let resample: SampleConfiguration.Resampling
    }
    let name: String
    let title: String
    let pattern: String
    let extensions: [String]
    let general: Bool?
    let sample: SampleSource
    let expected: Expected?
    let fiducials: Fiducials?
    let lists: [String: String]?
    let protocols: String?
    let errata: [String: String]?
    let source: String?
    let licence: String?
    let citation: String?
  }
}
