import Testing

@testable import Neural

@Suite("Parameters")
struct ParameterTests {
  @Test("that do not fit a checkpoint stay as they are, the first ones too", arguments: 0..<3)
  func loading(fault: Int) throws {
    let parameters = [Parameter(name: "a", shape: [2]), Parameter(name: "b", shape: [1])]
    for parameter in parameters {
      parameter.values.replace(with: [Float](repeating: 7, count: parameter.count))
    }
    let second: [(shape: [Int], values: [Float])?] = [nil, ([2], [1, 2]), ([1], [.nan])]
    var weights: [String: (shape: [Int], values: [Float])] = ["a": ([2], [1, 2])]
    weights["b"] = second[fault]
    #expect(throws: NeuralError.self) { try parameters.load(weights) }
    #expect(parameters[0].values.values == [7, 7] && parameters[1].values.values == [7])
    weights["b"] = ([1], [3])
    try parameters.load(weights)
    #expect(parameters[0].values.values == [1, 2] && parameters[1].values.values == [3])
  }
}
