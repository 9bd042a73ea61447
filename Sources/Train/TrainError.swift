import Catalog
import Configuration
import Evaluate
import Neural
import Pairs
import Shards

/// Why a training or an evaluation cannot begin or go on.
public enum TrainError: Error, Sendable {
  /// No recipe has this name.
  case unknownRecipe(name: String, known: [String])
  /// No recipe is named and none is made for the store's dataset.
  case noRecipe(dataset: String, known: [String])
  /// The store's samples are not of the recipe's shape.
  case wrongSamples(recipe: String, needs: String, has: String)
  /// The store has no pairs.
  case noPairs(store: String)
  /// The store has several protocols and none is named.
  case severalProtocols([String])
  /// The protocol has nothing to train on.
  case nothingToTrain(protocol: String)
  /// The protocol has nothing to test on.
  case nothingToTest(protocol: String)
  /// A run lies in this folder already.
  case runExists(folder: String)
  /// No run lies in this folder.
  case noRun(folder: String)
  /// A run's files contradict each other or the store.
  case badRun(folder: String, reason: String)
  /// The run to go on with was made of something else.
  case differentRun(folder: String, what: String)
  /// The run was trained on identities that the protocol tests.
  case trainedOnTest(folder: String, identities: Int)
  /// The run was trained on images that the closed-set protocol tests.
  case trainedOnTestPictures(folder: String, pictures: Int)
  /// A fold of the protocol has pairs of one kind only.
  case oneSidedFold(protocol: String, fold: Evaluation.OneSidedFold)
  /// The run has no checkpoint yet.
  case noCheckpoint(folder: String)
  /// Another process trains in the run's folder.
  case runLocked(folder: String, holder: String)
  /// A run cannot be made longer, since its schedule follows from its length.
  case fixedLength(folder: String, schedule: String, epochs: Int)
  /// The loss became NaN or infinite.
  case diverged(epoch: Int, step: Int, optimizer: String)
  /// A shard's bytes are not those the catalog knows.
  case changedShard(path: String)
  /// The run was interrupted.
  case interrupted
  /// The network needs a larger image; `smallest` is the side of the smallest square that fits.
  case tooSmall(NeuralError, smallest: Int)
  /// The training side has less than two people, or nobody with two images.
  case smallTrainingSide
}
