import Catalog
import Evaluate
import Neural
import Pairs
import Randomness

/// Verification with several templates: every probe claims to be every identity in turn, and the score
/// of a claim is its highest score with a template of the identity.
///
/// A probe is never among the templates of its own identity.
public struct OneVsAll: Sendable {
  /// The number of templates of an identity.
  public enum Templates: Sendable, Equatable, CustomStringConvertible {
    /// The same number for genuine and impostor claims: the largest that every identity has beside
    /// a probe.
    case equal
    /// A fixed number, the same for both; identities with too few images are left out.
    case fixed(Int)
    /// All images: the own identity has one fewer than the others, because the probe is left out.
    case all

    /// The option of the command.
    public var description: String {
      switch self {
      case .equal: "equal"
      case .fixed(let count): "\(count)"
      case .all: "all"
      }
    }
  }

  /// An identity in the gallery.
  private struct Enrolled {
    let images: [Int]
    let probes: [Int]

    /// Number of images that are left for each of its own probes: a probe that is an image of the
    /// gallery is not its own template.
    var templates: Int {
      Set(images).isDisjoint(with: probes) ? images.count : images.count - 1
    }
  }

  private let enrolled: [Enrolled]
  /// The greatest number of templates of a claim.
  public let templates: Int
  /// Number of identities left out because they have too few images.
  public let leftOut: Int
  /// Number of identities in the gallery.
  public var identities: Int { enrolled.count }
  /// Number of probes.
  public var probes: Int { enrolled.reduce(0) { $0 + $1.probes.count } }

  /// Plans the claims.
  ///
  /// - Parameters:
  ///   - samples: the tested samples; all of an identity in the gallery are probes.
  ///   - usesTraining: whether the templates are the training images of the same people instead of
  ///     the other tested images.
  ///   - templates: the number of templates.
  ///   - seed: the seed of the choice among more images than templates.
  /// - Throws: ``TrainError/noClaims(protocol:reason:)``.
  public init(
    _ samples: TestedSamples, usesTraining: Bool, templates: Templates, seed: Int = 0
  ) throws(TrainError) {
    let name = samples.name
    func failure(_ reason: String) -> TrainError { .noClaims(protocol: name, reason: reason) }
    let candidates = Self.candidates(samples, usesTraining: usesTraining)
    let wanted: Int? = if case .fixed(let count) = templates { count } else { nil }
    let kept = candidates.filter { $0.templates >= wanted ?? 1 }
    leftOut = candidates.count - kept.count
    guard kept.count >= 2 else {
      throw failure(
        "fewer than two people have an image for each of \(wanted ?? 1) templates beside a probe")
    }
    switch templates {
    case .equal: self.templates = kept.map(\.templates).min() ?? 1
    case .fixed(let count): self.templates = count
    case .all: self.templates = kept.map(\.images.count).max() ?? 1
    }
    enrolled = kept.enumerated().map { place, identity in
      var random = RandomStream(seed: seed, "templates", place)
      return Enrolled(
        images: identity.images.shuffled(using: &random), probes: identity.probes)
    }
  }

  private static func candidates(_ samples: TestedSamples, usesTraining: Bool) -> [Enrolled] {
    func key(_ identity: SampleTable.Identity) -> UTF8Key {
      UTF8Key("\(identity.dataset)/\(identity.name)")
    }
    let training = Dictionary(
      uniqueKeysWithValues: samples.training.identities.map {
        (key($0), Array(samples.training.ids[$0.samples]))
      })
    return samples.table.identities.map { identity in
      let probes = Array(samples.table.ids[identity.samples])
      return Enrolled(
        images: usesTraining ? training[key(identity)] ?? [] : probes, probes: probes)
    }
  }

  /// The samples that need an embedding.
  public var samples: Set<Int> { Set(enrolled.flatMap { $0.images + $0.probes }) }

  /// Number of probes scored at once: a few MB of scores.
  private static let rows = 64

  /// Scores all claims.
  ///
  /// - Parameter embeddings: the embeddings of ``samples``.
  /// - Returns: the score of each claim.
  /// - Throws: ``TrainError/notFinite(layer:)``.
  public func score(_ embeddings: EmbeddingSet) throws(TrainError) -> ClaimMatrix {
    let images = enrolled.flatMap(\.images)
    let gallery = embeddings.rows(of: images)
    let probes = enrolled.enumerated().flatMap { place, identity in
      identity.probes.map { (id: $0, own: place) }
    }
    var scores: [Float] = []
    scores.reserveCapacity(probes.count * enrolled.count)
    for start in stride(from: 0, to: probes.count, by: Self.rows) {
      let part = probes[start..<min(start + Self.rows, probes.count)]
      let matrix = embeddings.rule.matrix(embeddings.rows(of: part.map(\.id)), gallery)
      for (row, probe) in part.enumerated() {
        var first = row * images.count
        for identity in enrolled {
          scores.append(best(matrix, from: first, identity.images, except: probe.id))
          first += identity.images.count
        }
      }
    }
    try EmbeddingSet.check(scores)
    return ClaimMatrix(scores: scores, own: probes.map(\.own), identities: enrolled.count)
  }

  /// The highest of the scores with the first templates that are not the probe.
  private func best(
    _ matrix: [Float], from first: Int, _ images: [Int], except probe: Int
  ) -> Float {
    var (highest, used) = (-Float.infinity, 0)
    for (place, image) in images.enumerated() where image != probe {
      guard used < templates else { break }
      highest = max(highest, matrix[first + place])
      used += 1
    }
    return highest
  }
}
