import Catalog
import Foundation

/// The folder beside a store in which the tasks of one ingest share a listing and make their parts.
public struct PartsFolder: Sendable, Equatable {
  /// The folder itself.
  public let path: String

  /// Creates the paths of the folder at `path`; nothing is read or created.
  public init(path: String) {
    self.path = path
  }

  /// Creates the paths of the folder of the parts of `store`, OUT.parts.
  public init(of store: StoreFolder) {
    let url = URL(fileURLWithPath: store.path).standardizedFileURL
    path = url.path + ".parts"
  }

  /// What the tasks share, as JSON.
  public var record: String { "\(path)/listing.json" }
  /// The folder of the tasks' output.
  public var logs: String { "\(path)/logs" }

  /// Returns the file of the images of root `number`, from 0.
  public func listing(_ number: Int) -> String { "\(path)/listing-\(number)" }

  /// Returns the store of task `index`.
  public func part(_ index: Int) -> StoreFolder { StoreFolder(path: "\(path)/part-\(index)") }

  /// Returns the file of the output of task `index`.
  public func log(_ index: Int) -> String { "\(logs)/\(index).log" }
}
