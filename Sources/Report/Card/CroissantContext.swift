/// The names of the Croissant format, for the context of a JSON-LD document.
enum CroissantContext {
  /// The names that are those of Croissant's own vocabulary.
  private static let own = [
    "citeAs", "column", "extract", "field", "fileProperty", "fileObject",
    "fileSet", "format", "includes", "isLiveDataset", "jsonPath", "key",
    "md5", "parentField", "path", "recordSet", "references", "regex",
    "repeated", "replace", "samplingRate", "separator", "source", "subField",
    "transform",
  ]

  /// The context.
  static var names: [String: Any] {
    var names: [String: Any] = [
      "@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/",
      "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/",
      "dct": "http://purl.org/dc/terms/",
      "prov": "http://www.w3.org/ns/prov#", "equivalentProperty": "cr:equivalentProperty",
      "conformsTo": "dct:conformsTo",
      "dataType": ["@id": "cr:dataType", "@type": "@vocab"],
    ]
    for name in ["data", "examples"] { names[name] = ["@id": "cr:\(name)", "@type": "@json"] }
    for name in own { names[name] = "cr:\(name)" }
    return names
  }
}
