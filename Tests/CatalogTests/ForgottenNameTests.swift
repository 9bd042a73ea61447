import Testing

@testable import Catalog

/// How names are found in lists and in parameters of protocols.
@Suite("The name of a forgotten person")
struct ForgottenNameTests {
  @Test(
    "is found in a path, in a list of LFW's form and in a file without a folder",
    arguments: [
      "Ann_Lee", "Ann_Lee/1.jpg", "d/Ann_Lee/Ann_Lee_0001.jpg", "Ann_Lee 3", "Ann_Lee\t12",
      "Ann_Lee_0001.jpg", "Ann_Lee-7.png", "Ann_Lee.jpg",
    ])
  func found(text: String) {
    #expect(ListedName("Ann_Lee").isNamed(in: text))
  }

  @Test(
    "is not found in the names of others",
    arguments: [
      "Ann_Leer 3", "Jo_Ann_Lee 3", "Ann_Lee_Ray/1.jpg", "Ann_Lee_Ray_0001.jpg", "Ann 3",
      "Ann_Lee x", "Bob/Ann_Lee.jpg", "Bob/Ann_Lee_1.jpg", "Ann_Lee_2", "Ann_Lee_2/Ann_Lee_2.jpg",
      "Ann_Lee. Ray 3", "",
    ])
  func others(text: String) {
    #expect(!ListedName("Ann_Lee").isNamed(in: text))
  }

  @Test("is found in another form of Unicode, and a number is a person only as a folder")
  func forms() {
    #expect(ListedName("Zo\u{EB}").isNamed(in: "Zoe\u{308} 4"))
    #expect(ListedName("1").isNamed(in: "1/2.jpg") && ListedName("1").isNamed(in: "1 2"))
    #expect(!ListedName("1").isNamed(in: "2/1.jpg") && !ListedName("1").isNamed(in: "2/1_3.jpg"))
    #expect(ListedName("J. Doe").isNamed(in: "J. Doe 3"))
  }

  @Test("is removed from the tested identities, and other parameters keep their bytes")
  func specification() {
    let names = #"{"seed":0,"test_identities":["A/\"b","Zoe"],"train":0.7}"#
    #expect(
      ProtocolSpecification.removing(testIdentity: "Zoe", from: names)
        == #"{"seed":0,"test_identities":["A/\"b"],"train":0.7}"#)
    #expect(
      ProtocolSpecification.removing(testIdentity: "A/\"b", from: names)
        == #"{"seed":0,"test_identities":["Zoe"],"train":0.7}"#)
    #expect(ProtocolSpecification.removing(testIdentity: "Zo", from: names) == nil)
    #expect(ProtocolSpecification.removing(testIdentity: "Zoe", from: "{\"seed\":0}") == nil)
    // Written by another program.
    #expect(
      ProtocolSpecification.removing(
        testIdentity: "Zoe", from: #"{ "test_identities": [ "Zoe" ], "seed": 1 }"#)
        == #"{"seed":1,"test_identities":[]}"#)
  }
}
