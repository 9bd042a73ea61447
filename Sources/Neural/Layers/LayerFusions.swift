/// The fusions, in the order in which they are tried; register new ones here.
enum LayerFusions {
  static let all: [any LayerFusion.Type] = [PlanarConvolution.self, BatchNormalization.self]
}
