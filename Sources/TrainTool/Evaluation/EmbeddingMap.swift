import Catalog
import Evaluate
import Plots
import Report
import Train

/// A map of the embeddings of some tested people, with their pictures.
struct EmbeddingMap {
  private let entries: [PictureMap.Entry]
  private let people: Int
  private let usesNeighbours: Bool

  /// Number of pictures shown, and of each person.
  private static let (shown, ofEach) = (160, 8)

  /// Chooses the people with the most tested images; `nil` with fewer than three images.
  ///
  /// - Parameters:
  ///   - embeddings: the embeddings.
  ///   - images: the tested samples.
  ///   - catalog: the store.
  ///   - usesNeighbours: whether the map is t-SNE instead of principal components.
  /// - Throws: ``TrainError`` if a sample cannot be read.
  init?(
    _ embeddings: EmbeddingSet, _ images: [Int: ImageKey], _ catalog: Catalog,
    usesNeighbours: Bool = false
  ) throws {
    self.usesNeighbours = usesNeighbours
    let byPerson = Dictionary(grouping: images.values) { "\($0.dataset)/\($0.identity)" }
      .sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
    var chosen: [ImageKey] = []
    var people = 0
    for (_, own) in byPerson where chosen.count < Self.shown {
      chosen += own.sorted { $0.id < $1.id }.prefix(Self.ofEach)
      people += 1
    }
    guard chosen.count >= 3 else { return nil }
    self.people = people
    let rows = embeddings.rows(of: chosen.map(\.id)).directions
    let places =
      usesNeighbours
      ? NeighbourEmbedding.project(rows.values, length: rows.length)
      : PrincipalComponents.project(rows.values, length: rows.length)
    let pictures = SamplePictures(catalog)
    entries = try zip(chosen, places).map { image, place in
      PictureMap.Entry(
        try pictures.picture(of: image.id).shrunk(toWidth: 60), x: place.x, y: place.y,
        name: image.identity.isolated)
    }
  }

  /// The map with its title.
  var drawing: (title: String, svg: String) {
    let method = usesNeighbours ? "t-SNE" : "two principal components"
    let title =
      "Map of \(entries.count) embeddings of \(people) people, the directions by \(method)"
    return (title, PictureMap.svg(entries, title: title))
  }
}
