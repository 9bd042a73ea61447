import Configuration
import Foundation
import Imaging

/// What is known of a dataset: how its files are named, what samples are made of it by default,
/// how many there should be, and whom to cite.
public struct DatasetManifest: Sendable, Equatable {
  /// How many samples and identities the complete dataset has.
  public struct Expected: Codable, Sendable, Equatable {
    /// Stored samples.
    public let samples: Int
    /// Identities.
    public let identities: Int
    /// Stored samples of each pose, where the layout tells poses.
    public let poses: [String: Int]?

    /// The counts when only one pose is taken; `nil` when they are not known.
    public func counts(pose: String?) -> (samples: Int, identities: Int)? {
      guard let pose else { return (samples, identities) }
      return poses?[pose].map { ($0, identities) }
    }
  }

  /// Where the points of an image's face lie: in its own path with one folder for another.
  public struct Fiducials: Codable, Sendable, Equatable {
    /// The folder of the images.
    public let replace: String
    /// The folder of the points.
    public let by: String
    /// The ending of their files.
    public let `extension`: String

    /// The path of the points for the image at `path`.
    func path(for path: String) -> String? {
      guard let range = path.range(of: "/\(replace)/", options: .backwards),
        let dot = path.lastIndex(of: "."), dot > range.upperBound
      else { return nil }
      return path[..<range.lowerBound] + "/\(by)/" + path[range.upperBound...dot] + self.extension
    }
  }

  /// The short name, as `--dataset` takes it.
  public let name: String
  /// The full name.
  public let title: String
  /// How a file's path tells its identity, pose and number.
  public let pattern: String
  /// The endings of image files, in lower case.
  public let extensions: [String]
  /// Whether any folder could be of this layout, so that a more exact one goes first.
  public let isGeneral: Bool
  /// The samples made by default.
  public let sample: SampleConfiguration
  /// What a complete copy holds.
  public let expected: Expected?
  /// Where the points of the faces lie, for a dataset that has any.
  public let fiducials: Fiducials?
  /// The MD5 of the official lists, by file name.
  public let lists: [String: String]
  /// Whose official protocols its images follow, as "lfw"; `nil` for none.
  public let protocols: String?
  /// Whom images show whose name says otherwise, by the image's name without its ending.
  public let errata: [String: String]
  /// Under which terms the dataset may be used.
  public let licence: String?
  /// What to cite.
  public let citation: String?

  /// Reads a manifest from YAML.
  ///
  /// - Parameters:
  ///   - yaml: the text of the file.
  ///   - path: names the file in errors.
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
    licence = source.licence
    citation = source.citation
    _ = try PathPattern(pattern, extensions: extensions, manifest: path)
  }

  /// Reads every manifest of a folder, by name.
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
    "protocols", "errata", "licence", "citation",
  ]

  /// Whether a dataset may be called so: its name becomes part of files' names.
  static func isName(_ name: String) -> Bool {
    name.wholeMatch(of: /[\p{L}\p{N}_][\p{L}\p{N}_.\-]*/) != nil && name.utf8.count <= 100
  }

  /// The manifest as its file has it.
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
    let licence: String?
    let citation: String?
  }
}
