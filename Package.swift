// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "Twinset",
  products: [
    .executable(name: "prep", targets: ["PrepTool"]),
    .executable(name: "train", targets: ["TrainTool"]),
    .executable(name: "demo-faces", targets: ["DemoFacesTool"]),
  ],
  traits: [
    .trait(name: "MPI", description: "Training over MPI; needs libopenmpi-dev.")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // The C and C++ edge.
    .systemLibrary(
      name: "CVipsLibrary", path: "Sources/Native/CVipsLibrary", pkgConfig: "vips",
      providers: [.apt(["libvips-dev"])]),
    .target(name: "CVips", dependencies: ["CVipsLibrary"], path: "Sources/Native/CVips"),
    .systemLibrary(
      name: "CLibcrypto", path: "Sources/Native/CLibcrypto", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"])]),
    .target(
      name: "CTurboJPEG", path: "Sources/Native/CTurboJPEG",
      linkerSettings: [.linkedLibrary("turbojpeg")]),
    .target(
      name: "CMachine", path: "Sources/Native/CMachine", linkerSettings: [.linkedLibrary("gomp")]),
    // Loops over pixels, weights and hashes are optimised in every configuration: without, they take
    // many times as long, and what is measured in a debug build would be wrong. So is the code of
    // dlib, which is in its headers.
    .target(
      name: "CHashSearch", dependencies: ["CMachine"], path: "Sources/Native/CHashSearch",
      cSettings: [.unsafeFlags(["-O2"], .when(configuration: .debug))]),
    .target(
      name: "CLanczos", dependencies: ["CMachine"], path: "Sources/Native/CLanczos",
      cSettings: [.unsafeFlags(["-O2"], .when(configuration: .debug))],
      linkerSettings: [.linkedLibrary("m")]),
    .target(
      name: "CDlib", path: "Sources/Native/CDlib",
      cxxSettings: [.unsafeFlags(["-O2"], .when(configuration: .debug))],
      linkerSettings: [.linkedLibrary("dlib"), .linkedLibrary("openblas"), .linkedLibrary("m")]),
    .target(
      name: "COneDNN", path: "Sources/Native/COneDNN",
      linkerSettings: [.linkedLibrary("dnnl"), .linkedLibrary("gomp")]),
    .target(
      name: "CKernels", dependencies: ["CMachine"], path: "Sources/Native/CKernels",
      cSettings: [.unsafeFlags(["-O2"], .when(configuration: .debug))],
      linkerSettings: [.linkedLibrary("m")]),
    .target(
      name: "CFrequency", dependencies: ["CMachine"], path: "Sources/Native/CFrequency",
      cxxSettings: [.unsafeFlags(["-O2"], .when(configuration: .debug))]),
    .target(
      name: "CWinograd", dependencies: ["CMachine"], path: "Sources/Native/CWinograd",
      cxxSettings: [.unsafeFlags(["-O2"], .when(configuration: .debug))]),
    .target(
      name: "CCurl", path: "Sources/Native/CCurl", linkerSettings: [.linkedLibrary("curl")]),
    .target(
      name: "CMPI", path: "Sources/Native/CMPI",
      cSettings: [.define("TWINSET_MPI", .when(traits: ["MPI"]))],
      linkerSettings: [.linkedLibrary("mpi", .when(traits: ["MPI"]))]),
    .target(
      name: "COpenBLAS", path: "Sources/Native/COpenBLAS",
      linkerSettings: [.linkedLibrary("openblas")]),

    // One generator of random numbers for every module.
    .target(name: "Randomness"),

    // Files of settings, read strictly.
    .target(name: "Configuration", dependencies: [.product(name: "Yams", package: "Yams")]),

    .target(name: "CSV"),

    // The store.
    .target(name: "Shards", dependencies: ["CLibcrypto"]),
    .target(
      name: "Catalog",
      dependencies: [
        "Shards", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ]),

    // Stores on a server.
    .target(name: "ObjectStorage", dependencies: ["CCurl", "Shards"]),
    .target(name: "RemoteStore", dependencies: ["Catalog", "ObjectStorage", "Shards"]),

    // The processes of one training.
    .target(name: "MessagePassing", dependencies: ["CMPI"]),

    // What lies on disk before it is stored, and what becomes of one image.
    .target(
      name: "Imaging",
      dependencies: [
        "Catalog", "Configuration", "Shards", "CVips", "CTurboJPEG", "CLanczos", "CDlib",
      ]),
    .target(name: "Datasets", dependencies: ["Configuration", "Imaging", "Shards"]),

    // What works on a store.
    .target(name: "Maintenance", dependencies: ["Catalog", "Imaging", "Shards", "CHashSearch"]),
    .target(
      name: "Ingest", dependencies: ["Catalog", "Datasets", "Imaging", "Maintenance", "Shards"]),
    .target(name: "Pairs", dependencies: ["CSV", "Catalog", "Randomness"]),
    .target(
      name: "Neural",
      dependencies: [
        "CFrequency", "CKernels", "CMachine", "Configuration", "COneDNN", "COpenBLAS", "CWinograd",
        "MessagePassing", "Randomness",
      ]),
    // TensorBoard's event files; the messages are generated, see scripts/protobuf.
    .target(
      name: "TensorBoard",
      dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["attribute.proto", "event.proto", "graph.proto", "summary.proto"]),
    // Networks as ONNX files; the messages are generated, see scripts/protobuf.
    .target(
      name: "ONNX",
      dependencies: ["Neural", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["attribute.proto", "graph.proto", "onnx.proto", "tensor.proto", "type.proto"]),
    // Charts as SVG, and PNG made of them.
    .target(name: "Plots", dependencies: ["CVips"]),
    .target(
      name: "Train",
      dependencies: [
        "Catalog", "Configuration", "Evaluate", "MessagePassing", "Neural", "Pairs", "Plots",
        "Shards", "TensorBoard",
      ]),
    .target(name: "Evaluate", dependencies: ["CSV", "Randomness"]),
    .target(
      name: "Report",
      dependencies: [
        "CSV", "Catalog", "Evaluate", "Plots", "Randomness", "Shards",
        .product(name: "Mustache", package: "swift-mustache"),
      ]),

    // The tools.
    .target(
      name: "CommandSupport",
      dependencies: [
        "Catalog", "Configuration", "Imaging", "MessagePassing", "ObjectStorage", "RemoteStore",
        "Shards", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "PrepTool",
      dependencies: [
        "CSV", "Catalog", "CommandSupport", "Datasets", "Imaging", "Ingest", "Maintenance",
        "ObjectStorage",
        "Pairs", "RemoteStore", "Report",
      ]),
    .executableTarget(
      name: "TrainTool",
      dependencies: [
        "CSV", "Catalog", "CommandSupport", "Configuration", "Evaluate", "Imaging",
        "MessagePassing", "Neural", "ONNX", "ObjectStorage", "Pairs", "Plots", "RemoteStore",
        "Report", "Train",
      ]),

    // Generated faces, for the demonstration and the tests.
    .target(name: "SyntheticFaces", dependencies: ["Randomness"]),
    .executableTarget(
      name: "DemoFacesTool", dependencies: ["CommandSupport", "SyntheticFaces"]),

    // Timed by Benchmarks/pairs.
    .executableTarget(
      name: "enumerate-pairs", dependencies: ["Pairs"], path: "Benchmarks/EnumeratePairs"),
    // Timed by Benchmarks/inputs.
    .executableTarget(
      name: "read-inputs", dependencies: ["Catalog", "Neural", "Randomness", "Shards", "Train"],
      path: "Benchmarks/ReadInputs"),

    // The tests.
    .target(name: "TestSupport", dependencies: ["Randomness"], path: "Tests/TestSupport"),
    .target(
      name: "CDlibTraining", path: "Tests/CDlibTraining",
      linkerSettings: [.linkedLibrary("dlib"), .linkedLibrary("openblas")]),
    .testTarget(name: "CSVTests", dependencies: ["CSV"]),
    .testTarget(name: "RandomnessTests", dependencies: ["Randomness"]),
    .testTarget(name: "ShardsTests", dependencies: ["Shards", "TestSupport"]),
    .testTarget(
      name: "CatalogTests",
      dependencies: ["Catalog", "TestSupport", .product(name: "GRDB", package: "GRDB.swift")]),
    .target(
      name: "IngestTestSupport",
      dependencies: ["Catalog", "Datasets", "Imaging", "Ingest", "Maintenance", "TestSupport"],
      path: "Tests/IngestTestSupport"),
    .testTarget(
      name: "ImagingTests",
      dependencies: ["Imaging", "CLanczos", "Randomness", "TestSupport"],
      resources: [
        .copy("Resources/images.json"), .copy("Resources/resampling.json"),
        .copy("Resources/resampling13.json"),
      ]),
    .testTarget(
      name: "DatasetsTests",
      dependencies: ["Configuration", "Datasets", "IngestTestSupport", "TestSupport"]),
    .testTarget(
      name: "MaintenanceTests",
      dependencies: [
        "Maintenance", "Ingest", "IngestTestSupport", "Randomness", "TestSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .testTarget(
      name: "IngestTests",
      dependencies: [
        "Ingest", "CDlibTraining", "IngestTestSupport", "Randomness", "SyntheticFaces",
        "TestSupport", .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .testTarget(
      name: "PairsTests", dependencies: ["Catalog", "Pairs", "Randomness", "TestSupport"]),
    .testTarget(
      name: "NeuralTests",
      dependencies: ["CFrequency", "CKernels", "CMachine", "CWinograd", "Neural", "Randomness"],
      exclude: ["Scripts"], resources: [.copy("Resources/keras_replay.json")]),
    .testTarget(
      name: "EvaluateTests", dependencies: ["Evaluate", "Plots", "Randomness", "TestSupport"],
      exclude: ["Scripts"]),
    .testTarget(
      name: "TrainTests",
      dependencies: [
        "Train", "Configuration", "Datasets", "Imaging", "Ingest", "Neural", "Pairs", "Randomness",
        "SyntheticFaces", "TestSupport",
      ]),
    .testTarget(
      name: "ONNXTests",
      dependencies: ["ONNX", "Neural", "Randomness", "Shards", "TestSupport", "Train"],
      exclude: ["Scripts"]),
    .testTarget(name: "PlotsTests", dependencies: ["Plots"]),
    .testTarget(name: "ReportTests", dependencies: ["Plots", "Report"]),
    .testTarget(name: "TensorBoardTests", dependencies: ["TensorBoard", "TestSupport"]),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "CDlibTraining", "CSV", "CommandSupport", "MessagePassing", "Plots", "PrepTool", "Shards",
        "TrainTool", "SyntheticFaces", "TestSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ], exclude: ["Scripts"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu17,
  cxxLanguageStandard: .cxx17
)
