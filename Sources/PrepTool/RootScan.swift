import ArgumentParser
import Catalog
import CommandSupport
import Datasets
import Foundation
import Imaging
import Ingest

/// The poses to ingest.
enum PoseArgument: String, ExpressibleByArgument, CaseIterable {
  case frontal
  case profile
  case all
}

/// The layout of the photographs.
struct LayoutOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The layout: lfw, cfpw, orl, folder, or your own manifest FILE.yaml.",
      valueName: "name"))
  var dataset: String?

  @Option(help: "The poses to store, if the layout has poses.")
  var pose = PoseArgument.all
}

/// Scans directories of photographs, and determines how samples are made of them.
struct RootScan {
  let roots: [String]
  let layout: LayoutOptions
  let sample: SampleOptions
  let landmarks: LandmarkPredictor?

  /// Returns the scans as the store at `folder` uses them, the configuration of samples, and a note
  /// for the user; writes nothing.
  func run(
    into folder: StoreFolder, movedFrom: String? = nil
  ) throws -> (scans: [SourceScan], configuration: SampleConfiguration, note: String?) {
    let manifests = try Self.manifests()
    let named = try layout.dataset.map { try Self.manifest($0, among: manifests) }
    let known = folder.exists ? try Catalog.open(folder) : nil
    let scans = try SourceScan.placed(
      roots.map {
        try SourceScan(
          root: Self.trimmed($0), dataset: named, manifests: manifests,
          pose: layout.pose == .all ? nil : layout.pose.rawValue)
      }, in: known, store: folder, movedFrom: movedFrom)
    let (configuration, note) = try sample.configuration(
      for: scans, landmarks: landmarks, stored: Self.storedConfiguration(known))
    return (scans, configuration, note)
  }

  /// Returns all known layouts.
  static func manifests() throws -> [DatasetManifest] {
    try DatasetManifest.all(in: Installation.manifests("datasets"))
  }

  /// Returns the layout of a name, or of a file.
  static func manifest(
    _ name: String, among manifests: [DatasetManifest]
  ) throws -> DatasetManifest {
    if name.hasSuffix(".yaml") || name.hasSuffix(".yml") { return try .read(name) }
    guard let manifest = manifests.first(where: { $0.name == name }) else {
      throw DatasetError.unknownDataset(name: name, known: manifests.map(\.name))
    }
    return manifest
  }

  /// Returns the configuration of a store that has shards.
  private static func storedConfiguration(_ catalog: Catalog?) throws -> SampleConfiguration? {
    guard let catalog, try !catalog.shardNumbers().isEmpty,
      let json = try catalog.configuration()
    else { return nil }
    return try? JSONDecoder().decode(SampleConfiguration.self, from: Data(json.utf8))
  }

  private static func trimmed(_ root: String) -> String {
    root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
  }
}
