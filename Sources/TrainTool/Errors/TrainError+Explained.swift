import CommandSupport
import Configuration
import ObjectStorage
import Train

extension TrainError: ExplainedError {
  /// 130 after an interruption, otherwise 1.
  public var exitCode: Int32 {
    if case .interrupted = self { 130 } else { 1 }
  }

  /// The message for the user.
  public var explanation: String {
    switch self {
    case .unknownRecipe(let name, let known):
      "There is no recipe \(name)\(NearestName.hint(name, among: known).sentence) "
        + "Name your own recipe as FILE.yaml."
    case .noRecipe(let dataset, let known):
      "No recipe is made for the dataset \(dataset). "
        + "Name one with --recipe: \(known.joined(separator: ", "))."
    case .wrongSamples(let recipe, let needs, let has):
      "The recipe \(recipe) needs samples of \(needs); the store has \(has). "
        + "Ingest into another folder with that --size and --color."
    case .noPairs(let store):
      "The store \(store) has no pairs. "
        + (StorageAddress.isAddress(store)
          ? "Make some with prep pairs in the folder that was pushed, and push it again."
          : "Make some with: prep pairs --out \(store) --split identity")
    case .severalProtocols(let names):
      "The store has several protocols. Name one with --protocol: "
        + "\(names.joined(separator: ", "))."
    case .nothingToTrain(let name):
      "The protocol \(name) has no training side. Make one that has: prep pairs --split identity. "
        + "A protocol with folds is trained by train crossval."
    case .nothingToTest(let name):
      "The protocol \(name) has no test pairs. Make one that has: prep pairs --split identity"
    case .runExists(let folder):
      "There is already a run in \(folder). Continue it with --resume, or name another folder with --run."
    case .noRun(let folder):
      "There is no run in \(folder). Train one with: train --shards out --run \(folder)"
    case .badEmbeddings(let path, let reason):
      "The embeddings in \(path) cannot be used: \(reason.sentence)"
    case .missingEmbeddings(let path, let count, let examples):
      "\(path) has no embedding of \(counted(count, "image", "images")) that the protocol tests: "
        + "\(examples.joined(separator: ", "))\(count > examples.count ? " and more" : "")."
    case .noClaims(let name, let reason):
      "The protocol \(name) allows no test of one against all: \(reason.sentence)"
    case .badGallery(let path, let reason):
      "The gallery in \(path) cannot be used: \(reason.sentence)"
    case .badRun(let folder, let reason): "The run in \(folder) cannot be used: \(reason.sentence)"
    case .differentRun(let folder, let what):
      "The run in \(folder) differs from what is asked for in its \(what). "
        + "Give the same as then, or name another folder with --run."
    case .differentBeginning(let folder, let what):
      "The run in \(folder) was stopped before its first checkpoint and differs from what is asked for "
        + "in its \(what). Give the same as then, or leave out --resume to begin another training."
    case .trainedOnTest(let folder, let identities):
      "The run in \(folder) was trained on \(identities) of the people this protocol tests, so the "
        + "figures would mean nothing. Train on this protocol's own training side, or add "
        + "--allow-contaminated, which marks the report."
    case .trainedOnTestImages(let folder, let images):
      "The run in \(folder) was trained on \(images) of the images this protocol tests, so the "
        + "figures would mean nothing. Train on this protocol's own training side, or add "
        + "--allow-contaminated, which marks the report."
    case .oneSidedFold(let name, let fold):
      "Fold \(fold.fold) of \(name) has \(fold.genuine) genuine and \(fold.impostor) impostor pairs, and "
        + "every fold needs both. Make the protocol with other pairs."
    case .noCheckpoint(let folder):
      "The run in \(folder) has no checkpoint yet. Train it on with --resume."
    case .runLocked(let folder, let holder):
      "The run in \(folder) is being trained by \(holder.isEmpty ? "another process" : holder). Wait until "
        + "it ends, or name another folder with --run."
    case .fixedLength(let folder, let schedule, let epochs):
      "The run in \(folder) cannot be made longer or shorter than its \(epochs) epochs: its schedule "
        + "\(schedule) follows from the length, so that the steps so far would have had other rates. "
        + "Train again with --run."
    case .diverged(let layer, let epoch, let step, let checkpoint, let optimizer):
      "NaN or infinity in \(layer), at epoch \(epoch), step \(step) of it. "
        + (checkpoint.map { "The newest checkpoint, of step \($0), is not affected. " }
          ?? "There is no checkpoint yet. ")
        + "Lower the learning rate with --set optimizer.\(optimizer).rate=VALUE, and name another "
        + "folder with --run."
    case .notFinite(let layer): "There is NaN or infinity in \(layer)."
    case .damagedCheckpoint(let path, let previous, let error):
      "\(error.explanation) "
        + (previous.map {
          "The checkpoint before it is \($0): rename it to \(path) to continue from there."
        } ?? "There is no earlier checkpoint: train again with --run.")
    case .smallValidationSide(let name, let ways, let identities):
      "The validation side of \(name) has \(identities) people, too few to evaluate on: it needs two "
        + "with two images each\(ways.map { ", and \($0) for the recipe's one-shot trials" } ?? "")."
    case .noListedPairs(let name):
      "The protocol \(name) lists no training pairs. Take another sampler, as --set "
        + "sampler='{balanced: {pairs-per-epoch: 10000}}'."
    case .restrictedNeedsListed(let recipe):
      "In restricted mode only the listed pairs may be used, and \(recipe) draws its own. Take a "
        + "recipe with the sampler listed, as lfw-koch-05, or set sampler='{listed: {}}' in one whose "
        + "loss is over pairs; or take --mode unrestricted."
    case .sharedFolds(let name, let identities):
      "\(identities) of the people tested in a fold of \(name) are in its other folds too, so the figures "
        + "would mean nothing. Make folds that share nobody with prep pairs --split identity --folds 5, or take back "
        + "corrections that brought them there."
    case .noFolds(let name):
      "The protocol \(name) has too few folds. Take lfw-view2, cfp-ff or cfp-fp, or make folds with "
        + "prep pairs --split identity --folds 5."
    case .otherFolds(let name, let trained):
      "The folds of \(name) are not those of \(trained), so a network could be tested on people it was "
        + "trained on. Cross-validate \(name) by itself."
    case .badInitialWeights(let path, let reason):
      "The weights of \(path) cannot be used: \(reason.sentence)"
    case .differentStores(let store, let has, let first):
      "The store \(store) has samples of \(has), and the first store of \(first): stores are "
        + "trained on together only if their samples are alike."
    case .changedShard(let path):
      "\(path) has other bytes than when it was stored. Ingest again into another folder."
    case .differentRanks(let rank, let what):
      "Rank \(rank) differs from rank 0 in its \(what). All ranks must see the same store and the "
        + "same folder of the run, on processors of the same kind."
    case .interrupted:
      "Interrupted. The steps so far are saved; continue with --resume."
    case .tooSmall(let error, let smallest):
      "\(error.explanation) The smallest square input that fits is \(smallest)x\(smallest)."
    case .smallTrainingSide:
      "The training side is too small: it needs two people, and two images of one of them. "
        + "Make another split with prep pairs, or ingest more."
    }
  }
}
