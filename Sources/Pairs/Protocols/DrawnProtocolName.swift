/// The name of a drawn protocol, which describes how it was drawn.
struct DrawnProtocolName {
  let name: String

  init(_ request: ProtocolRequest) {
    let seed = "seed\(request.draw.seed)"
    let of = request.within.map { "-of-\($0)" } ?? ""
    let own =
      switch request.source {
      case .identitySplit(let split, let folds):
        "identity\(folds.map { "-folds\($0)" } ?? "")\(split.isExact ? "-exact" : "")-\(seed)"
      case .imageSplit: "image-\(seed)"
      case .pairSplit: "pairs-\(seed)"
      case .all: "all\(of)"
      case .oneShot(let ways, _): "one-shot-\(ways)\(of)-\(seed)"
      case .sample, .lfw, .named: "sample\(of)-\(seed)"
      }
    name = request.name ?? own
  }
}
