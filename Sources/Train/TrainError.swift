import Catalog
import Configuration
import Evaluate
import Neural
import Pairs
import Shards

/// The reason why a training or an evaluation cannot start or continue.
public enum TrainError: Error, Sendable {
  /// No recipe has this name.
  case unknownRecipe(name: String, known: [String])
  /// No recipe is named and no recipe is made for the store's dataset.
  case noRecipe(dataset: String, known: [String])
  /// The store's samples do not have the recipe's shape.
  case wrongSamples(recipe: String, needs: String, has: String)
  /// The samples of two stores have different shapes.
  case differentStores(store: String, has: String, first: String)
  /// The store has no pairs.
  case noPairs(store: String)
  /// The store has several protocols and none is named.
  case severalProtocols([String])
  /// The protocol has no training samples.
  case nothingToTrain(protocol: String)
  /// The protocol has no test pairs.
  case nothingToTest(protocol: String)
  /// The folder already contains a run.
  case runExists(folder: String)
  /// The folder does not contain a run.
  case noRun(folder: String)
  /// A run's files contradict each other or the store.
  case badRun(folder: String, reason: String)
  /// The run to resume has other inputs.
  case differentRun(folder: String, what: String)
  /// The run to resume has no checkpoint and other settings.
  case differentBeginning(folder: String, what: String)
  /// The run was trained on identities that the protocol tests.
  case trainedOnTest(folder: String, identities: Int)
  /// The run was trained on images that the closed-set protocol tests.
  case trainedOnTestImages(folder: String, images: Int)
  /// A fold of the protocol has pairs of only one kind.
  case oneSidedFold(protocol: String, fold: Evaluation.OneSidedFold)
  /// The run has no checkpoint yet.
  case noCheckpoint(folder: String)
  /// Another process trains in the run's folder.
  case runLocked(folder: String, holder: String)
  /// A run cannot be extended because its schedule depends on its length.
  case fixedLength(folder: String, schedule: String, epochs: Int)
  /// The loss, an output of a layer or a weight became NaN or infinite; `checkpoint` is the step of
  /// the newest checkpoint.
  case diverged(layer: String, epoch: Int, step: Int, checkpoint: Int?, optimizer: String)
  /// The output of a layer is NaN or infinite.
  case notFinite(layer: String)
  /// A checkpoint cannot be read; `previous` is the one before it.
  case damagedCheckpoint(path: String, previous: String?, ShardError)
  /// The validation side is too small for the recipe's evaluation.
  case smallValidationSide(protocol: String, ways: Int?, identities: Int)
  /// The protocol lists no training pairs.
  case noListedPairs(protocol: String)
  /// Restricted mode offers pairs only.
  case restrictedNeedsListed(recipe: String)
  /// People of the tested fold are in other folds too.
  case sharedFolds(protocol: String, identities: Int)
  /// The protocol has too few folds for a cross-validation.
  case noFolds(protocol: String)
  /// The folds of a protocol are not those of the one that was trained.
  case otherFolds(protocol: String, trained: String)
  /// A file of initial weights cannot be used.
  case badInitialWeights(path: String, reason: String)
  /// A shard's bytes are not those recorded in the catalog.
  case changedShard(path: String)
  /// A file of embeddings cannot be used.
  case badEmbeddings(path: String, reason: String)
  /// A file of embeddings lacks samples that the protocol tests; `examples` are some of their paths.
  case missingEmbeddings(path: String, count: Int, examples: [String])
  /// A protocol's samples do not allow a one-vs-all test.
  case noClaims(protocol: String, reason: String)
  /// A gallery cannot be used.
  case badGallery(path: String, reason: String)
  /// A process of the training does not train what rank 0 trains.
  case differentRanks(rank: Int, what: String)
  /// The run was interrupted.
  case interrupted
  /// The network needs a larger image; `smallest` is the side of the smallest square that fits.
  case tooSmall(NeuralError, smallest: Int)
  /// The training side has fewer than two people, or no person with two images.
  case smallTrainingSide
}
