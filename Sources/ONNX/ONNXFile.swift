import Foundation
import Neural

/// A tower as an ONNX file.
public enum ONNXFile {
  /// The version of the operators.
  private static let operators = 17
  /// The version of the messages.
  private static let format = 8

  /// The numbers of element and attribute types in ONNX.
  private enum Numbers {
    static let (float, int64): (Int32, Int32) = (1, 7)
    static let (attributeFloat, attributeInt, attributeString, attributeInts):
      (Int32, Int32, Int32, Int32) =
        (1, 2, 3, 7)
  }

  /// Encodes the file.
  ///
  /// The first axis of the input and of the output, the batch, may have any length.
  ///
  /// - Parameters:
  ///   - graph: the tower.
  ///   - version: the version of this project.
  ///   - metadata: texts by key.
  /// - Returns: the bytes of the file.
  /// - Throws: an error of the protobuf library if the file would be larger than 2 GB.
  public static func bytes(
    _ graph: ExportGraph, version: String, metadata: [String: String]
  ) throws -> [UInt8] {
    var model = Twinset_Onnx_ModelProto()
    model.irVersion = Int64(format)
    model.producerName = "twinset"
    model.producerVersion = version
    model.opsetImport = [
      Twinset_Onnx_OperatorSetIdProto.with { $0.version = Int64(operators) }
    ]
    model.metadataProps = metadata.sorted { $0.key < $1.key }.map { entry in
      Twinset_Onnx_StringStringEntryProto.with { ($0.key, $0.value) = (entry.key, entry.value) }
    }
    model.graph = message(graph)
    return Array(try model.serializedData())
  }

  private static func message(_ graph: ExportGraph) -> Twinset_Onnx_GraphProto {
    var message = Twinset_Onnx_GraphProto()
    message.name = "tower"
    message.node = graph.nodes.map { node in
      Twinset_Onnx_NodeProto.with {
        $0.opType = node.kind
        $0.name = node.output
        $0.input = node.inputs
        $0.output = [node.output]
        $0.attribute = node.attributes.sorted { $0.key < $1.key }.map(attribute)
      }
    }
    message.initializer = graph.constants.map(tensor)
    let shape =
      switch graph.inputShape {
      case .image(let height, let width, let channels): [channels, height, width]
      case .features(let count): [count]
      }
    message.input = [value(ExportGraph.input, shape)]
    message.output = [value(ExportGraph.output, [graph.embeddingLength])]
    return message
  }

  private static func attribute(
    _ name: String, _ attribute: ExportGraph.Attribute
  ) -> Twinset_Onnx_AttributeProto {
    Twinset_Onnx_AttributeProto.with {
      $0.name = name
      switch attribute {
      case .int(let value): ($0.i, $0.type) = (Int64(value), Numbers.attributeInt)
      case .ints(let values): ($0.ints, $0.type) = (values.map(Int64.init), Numbers.attributeInts)
      case .float(let value): ($0.f, $0.type) = (value, Numbers.attributeFloat)
      case .string(let value): ($0.s, $0.type) = (Data(value.utf8), Numbers.attributeString)
      }
    }
  }

  private static func tensor(_ constant: ExportGraph.Constant) -> Twinset_Onnx_TensorProto {
    Twinset_Onnx_TensorProto.with {
      $0.name = constant.name
      $0.dims = constant.shape.map(Int64.init)
      switch constant.elements {
      case .floats(let values):
        $0.dataType = Numbers.float
        $0.rawData = values.withUnsafeBytes { Data($0) }
      case .integers(let values):
        $0.dataType = Numbers.int64
        $0.rawData = values.map(Int64.init).withUnsafeBytes { Data($0) }
      }
    }
  }

  private static func value(_ name: String, _ shape: [Int]) -> Twinset_Onnx_ValueInfoProto {
    typealias Dimension = Twinset_Onnx_TensorShapeProto.Dimension
    let lengths =
      [Dimension.with { $0.dimParam = "batch" }]
      + shape.map { length in Dimension.with { $0.dimValue = Int64(length) } }
    return Twinset_Onnx_ValueInfoProto.with {
      $0.name = name
      $0.type.tensorType.elemType = Numbers.float
      $0.type.tensorType.shape.dim = lengths
    }
  }
}
