import ArgumentParser
import CommandSupport

extension PairsCommand {
  /// Refuses a name that a report's folder cannot have.
  func validateName() throws {
    if let name,
      name.isEmpty || name != name.printable || name.contains("/") || name.hasPrefix(".")
        || name.utf8.count > 100
    {
      throw ValidationError(
        "--name must be one line without / and not begin with a dot, at most 100 bytes long: reports "
          + "are filed under it.")
    }
  }

  /// Rejects incompatible options of a split.
  func validateSplit() throws {
    if (testIdentities != nil || folds != nil || exact) && split != .identity {
      throw ValidationError("--test-identities, --folds and --exact need --split identity.")
    }
    if train != nil && split == nil { throw ValidationError("--train goes with --split.") }
    if validation != nil && split == nil && view != 1 {
      throw ValidationError("--validation goes with --split, or with --view 1.")
    }
    if let validation, view == 1, !(0..<1).contains(validation) {
      throw ValidationError("--validation of --view 1 is a share: in 0..<1.")
    }
    if validationBy != .identity && (view != 1 || validation == nil) {
      throw ValidationError("--validation-by goes with --view 1 and --validation.")
    }
    let shares = [trainShare, validationShare]
    guard shares.allSatisfy((0...1).contains), testIdentities != nil || shares[0] + shares[1] <= 1
    else {
      throw ValidationError(
        "--train (0.7 unless given) and --validation are shares: each in 0...1, together at most 1."
      )
    }
    if let folds, !(2...1_000).contains(folds) {
      throw ValidationError("--folds must be in 2...1000.")
    }
    if folds != nil && (testIdentities != nil || validation != nil || train != nil) {
      throw ValidationError(
        "With --folds everybody tests once: leave out --test-identities, --train and --validation.")
    }
    if testIdentities != nil && (exact || train != nil) {
      throw ValidationError(
        "--test-identities says who tests, and all others train: leave --exact and --train out.")
    }
  }

  /// Rejects incompatible options of drawn pairs.
  func validateDraws() throws {
    if minImages != nil || imagesPerIdentity != nil, view != nil || source != nil {
      throw ValidationError("--min-images and --images-per-identity go with drawn pairs.")
    }
    guard minImages ?? 1 >= 1, imagesPerIdentity ?? 1 >= 1 else {
      throw ValidationError("--min-images and --images-per-identity must be 1 or more.")
    }
    if split == .pairs && (sample != nil || maxPerIdentity != nil) {
      throw ValidationError("--split pairs has the tutorial's own pairs: leave --sample out.")
    }
    if (sample != nil || maxPerIdentity != nil)
      && (view != nil || source != nil || all || oneShot != nil)
    {
      throw ValidationError("--sample and --max-per-identity go with --split, or alone.")
    }
    if maxPerIdentity != nil && sample == nil && split == nil {
      throw ValidationError("--max-per-identity needs --sample or --split.")
    }
    if let maxPerIdentity, maxPerIdentity < 1 {
      throw ValidationError("--max-per-identity must be 1 or more.")
    }
    if let oneShot, !(2...100_000).contains(oneShot) {
      throw ValidationError("--one-shot must be in 2...100000.")
    }
    if let trials, oneShot == nil || !(1...1_000_000).contains(trials) {
      throw ValidationError("--trials goes with --one-shot and must be in 1...1000000.")
    }
    if within != nil && (split != nil || view != nil || source != nil) {
      throw ValidationError("--within goes with --sample, --all or --one-shot.")
    }
    if allowMissing && view == nil && source == nil {
      throw ValidationError("--allow-missing goes with --view or --protocol.")
    }
    if lists != nil && view == nil && source?.hasPrefix("cfp-") != true {
      throw ValidationError("--lists goes with --view, or with --protocol cfp-ff and cfp-fp.")
    }
    if errata == .drop && view == nil {
      throw ValidationError("--errata drop goes with --view: only LFW's errata are known.")
    }
  }
}
