import CommandSupport
import Configuration
import Pairs

extension PairError: ExplainedError {
  /// The message for the user.
  public var explanation: String {
    switch self {
    case .emptyStore:
      "The store holds no samples. Ingest photographs first: prep ingest PHOTOGRAPHS"
    case .tooFewIdentities(let role, let count):
      "The \(role.rawValue) side has \(self.count(count, "identity", "identities")), and impostor "
        + "pairs need two. "
        + "Change --train, --validation or --seed, or ingest more people."
    case .emptySelection(let count):
      "Nobody in the store has \(count) images. Lower --min-images."
    case .noListedPairs: "The protocol lists no training pairs."
    case .noGenuinePairs(let role):
      "Nobody on the \(role.rawValue) side has two images, so there are no genuine pairs. "
        + "Change the shares or the seed, or ingest more images per person."
    case .tooManyAsked(let role, let genuine, let asked, let existing):
      "The \(role.rawValue) side has \(existing) \(genuine ? "genuine" : "impostor") pairs; "
        + "\(asked) were asked for. Ask for at most that many, or leave --sample out to take all."
    case .unknownIdentity(let name):
      "The store has no identity \(name). See who there is with: prep list"
    case .noDataset(let name):
      "The store has no images of \(name). Ingest them first: prep ingest PHOTOGRAPHS "
        + "--dataset \(name)"
    case .severalDatasets(let protocols, let names):
      "The store has several datasets with the protocols of \(protocols): "
        + "\(names.joined(separator: ", ")). Ingest one of them into its own store."
    case .ambiguousImage(let dataset, let path):
      "The store has \(path) and another image of \(dataset) with the same name and number, which a "
        + "list cannot tell apart. Ingest one copy of the dataset into its own store, or give "
        + "the pairs as CSV."
    case .smallFold(let fold, let identities):
      "Fold \(fold) has \(count(identities, "identity", "identities")), and impostor pairs need two. "
        + "Give --exact, fewer --folds or another --seed."
    case .missingImages(let pairs, let images):
      "\(images.count) \(images.count == 1 ? "image is" : "images are") not in the store"
        + (pairs == 0
          ? ", though the lists have \(images.count == 1 ? "it" : "them"): "
          : ", so \(count(pairs, "pair", "pairs")) cannot be compared: ")
        + images.prefix(10).joined(separator: ", ") + (images.count > 10 ? ", ..." : "")
        + ". Ingest \(images.count == 1 ? "it" : "them"), or continue without with --allow-missing."
    case .unknownProtocol(let name, let known):
      "There is no protocol \(name)"
        + (NearestName.nearest(to: name, among: known).map { "; did you mean \($0)?" } ?? ".")
        + " Known are \(known.joined(separator: " and ")), --view 1 and --view 2 for LFW, or name a "
        + "file that ends in .csv or .txt."
    case .needsOneDataset(let file, let datasets):
      "\(file) names images without their dataset, and the store has "
        + "\(datasets.joined(separator: ", ")). Give the pairs as CSV."
    case .needsNumbers(let file, let dataset, let hasPoses):
      "\(file) names images by name and number, and those of \(dataset) have "
        + (hasPoses ? "poses beside them" : "no numbers") + ". Give the pairs as CSV."
    case .listNotFound(let file, let folder):
      "\(file) is not \(folder.map { "in \($0)" } ?? "beside the images"). "
        + "Name its folder with --lists."
    case .tooFewForTrials(let identities, let ways):
      "A trial among \(ways) people needs as many, and there are \(identities). "
        + "Give a smaller --one-shot."
    case .notExportable(let reason):
      "LFW's text form cannot hold these pairs: \(reason). Export a file that ends in .csv."
    }
  }

  private func count(_ number: Int, _ one: String, _ many: String) -> String {
    "\(number) \(number == 1 ? one : many)"
  }
}
