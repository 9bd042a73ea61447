/// The tested people and images that a run was trained on.
public struct Contamination: Sendable, Equatable {
  /// Number of tested people that were trained on.
  public let identities: Int
  /// Number of tested images that were trained on.
  public let images: Int
  /// Number of tested people.
  public let tested: Int

  /// Whether every tested person was trained on.
  public var includesEveryone: Bool { identities == tested }

  /// Whether the network was trained on tested images or, unless the same people train and test by
  /// design, on tested people.
  public func isContaminated(isClosedSet: Bool) -> Bool {
    images > 0 || (!isClosedSet && identities > 0)
  }

  /// Throws if the network was trained on tested people or, in a closed set, on tested images: such
  /// a result is not valid for others.
  ///
  /// - Parameters:
  ///   - isClosedSet: whether the same people train and test by design.
  ///   - folder: the run that the error names.
  /// - Throws: ``TrainError/trainedOnTest(folder:identities:)`` or
  ///   ``TrainError/trainedOnTestImages(folder:images:)``.
  func refuse(isClosedSet: Bool, run folder: RunFolder) throws(TrainError) {
    guard isClosedSet || identities == 0 else {
      throw .trainedOnTest(folder: folder.path, identities: identities)
    }
    guard images == 0 else { throw .trainedOnTestImages(folder: folder.path, images: images) }
  }
}
