import Catalog

extension PairAnalysis {
  /// Counts the pairs of one role, all folds together.
  ///
  /// - Parameters:
  ///   - pairs: the pairs.
  ///   - table: all samples of the store.
  ///   - owners: the index of every sample's identity in the table, by the sample's id.
  public init(_ pairs: [Pair], table: SampleTable, owners: [Int32]) {
    let nobody = [Int32](repeating: 0, count: table.identities.count)
    let nothing = [Int32](repeating: 0, count: owners.count)
    var people = (genuine: nobody, impostor: nobody)
    var images = (genuine: nothing, impostor: nothing)
    var counts = (genuine: 0, impostor: 0)
    for pair in pairs {
      let (left, right) = (Int(owners[pair.left]), Int(owners[pair.right]))
      if pair.genuine {
        counts.genuine += 1
        images.genuine[pair.left] += 1
        images.genuine[pair.right] += 1
        people.genuine[left] += 1
        if right != left { people.genuine[right] += 1 }
      } else {
        counts.impostor += 1
        images.impostor[pair.left] += 1
        images.impostor[pair.right] += 1
        people.impostor[left] += 1
        if right != left { people.impostor[right] += 1 }
      }
    }
    func most(_ counts: [Int32]) -> [Appearance] {
      let named = counts.indices.filter { counts[$0] > 0 }.map {
        Appearance(name: table.identities[$0].name, pairs: Int(counts[$0]))
      }
      return Array(
        named.sorted { ($1.pairs, $0.name) < ($0.pairs, $1.name) }.prefix(Self.listed))
    }
    func histogram(_ counts: [Int32]) -> [Int: Int] {
      counts.reduce(into: [:]) { if $1 > 0 { $0[Int($1), default: 0] += 1 } }
    }
    self.init(
      genuine: counts.genuine, impostor: counts.impostor,
      people: Overlap(people.genuine, people.impostor),
      images: Overlap(images.genuine, images.impostor), mostGenuine: most(people.genuine),
      mostImpostor: most(people.impostor), genuineHistogram: histogram(people.genuine),
      impostorHistogram: histogram(people.impostor),
      mostBoth: Self.inBoth(people.genuine, people.impostor, table))
  }

  /// The identities in pairs of both kinds, those with the most genuine pairs first.
  private static func inBoth(
    _ genuine: [Int32], _ impostor: [Int32], _ table: SampleTable
  ) -> [BothKinds] {
    let both = genuine.indices.filter { genuine[$0] > 0 && impostor[$0] > 0 }.map { place in
      BothKinds(
        name: table.identities[place].name, genuine: Int(genuine[place]),
        impostor: Int(impostor[place]))
    }
    return Array(
      both.sorted { ($1.genuine, $1.impostor, $0.name) < ($0.genuine, $0.impostor, $1.name) }
        .prefix(listed))
  }
}

extension PairAnalysis.Overlap {
  /// Creates the distribution from the number of pairs of each kind per identity.
  init(_ genuine: [Int32], _ impostor: [Int32]) {
    var (first, second, both) = (0, 0, 0)
    for (one, other) in zip(genuine, impostor) {
      if one > 0 { first += 1 }
      if other > 0 { second += 1 }
      if one > 0 && other > 0 { both += 1 }
    }
    self.init(genuine: first, impostor: second, both: both)
  }
}
