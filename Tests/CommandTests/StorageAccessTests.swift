import Foundation
import TestSupport
import Testing

extension StorageTests {
  /// Addresses and credentials.
  @Suite("a store on an S3 server, and who may read it,")
  final class Access: StorageFixture {
    @Test("that is public is read without a signature")
    func unsigned() throws {
      try push()
      let outcome = try run(.prep, "pull", address, scratch.file("x"), "--no-sign-request")
      // This bucket is not public: what matters is that the request had no signature.
      #expect(outcome.code == 1)
      #expect(try server.requests().last?[4] == "unsigned", "\(outcome.error)")
    }

    @Test("whose address or credentials are wrong is refused in one sentence without a secret")
    func badInput() throws {
      let wrong = ["AWS_SECRET_ACCESS_KEY": "this/is+the/wrong+secret"]
      for (arguments, environment, text) in [
        (["push", store, "s3://faces/a"], wrong, "The server refused s3://faces/a"),
        (["pull", "s3://faces/a", scratch.file("x")], wrong, "The server refused s3://faces/a"),
        (["push", store, "s3://nothing/a"], [:], "bucket of s3://nothing/a"),
        (
          ["pull", "s3://faces/none", scratch.file("x")], [:],
          "There is no store at s3://faces/none"
        ),
        (["push", store, "s3://A/b"], [:], "a bucket's name has"),
        (["push", store, "s3://faces/../b"], [:], "the prefix contains an empty part"),
        (["push", store, "out2"], [:], "an address begins with s3://"),
        (["push", store, "https://example.org/a"], [:], "can only be read"),
        (["pull", "http://example.org/a", scratch.file("x")], [:], "http:// is not encrypted"),
        (["pull", "https://me:word@example.org/a", scratch.file("x")], [:], "no password"),
        (["pull", "https://me:w@rd@example.org/a", scratch.file("x")], [:], "no password"),
        (
          ["pull", "https://example.org/a?X-Amz-Signature=0123", scratch.file("x")], [:],
          "it must have no ?"
        ),
        (["push", scratch.file("none"), "s3://faces/a"], [:], "There is no store in"),
        (["pull", "s3://faces/a", scratch.file("x")], ["AWS_SECRET_ACCESS_KEY": ""], "is not set"),
        (
          ["pull", "s3://faces/a", scratch.file("x"), "--attempts", "2"],
          ["AWS_ENDPOINT_URL": "http://127.0.0.1:9"], "could not be transferred in 2 attempts"
        ),
        (["pull", "s3://faces/a", scratch.file("x")], ["AWS_ENDPOINT_URL": "nowhere"], "endpoint"),
      ] as [([String], [String: String], String)] {
        let outcome = try Tool.prep.run(
          all: arguments, environment: server.environment.merging(environment) { $1 })
        #expect(outcome.code == 1, "\(arguments)")
        #expect(outcome.error.contains(text), "\(arguments): \(outcome.error)")
        #expect(outcome.error.split(separator: "\n").count { $0.hasPrefix("Error:") } == 1)
        for secret in [server.facts.secret, "wrong+secret", "word@", "rd@", "0123"] {
          #expect(!(outcome.error + outcome.output).contains(secret))
        }
      }
      #expect(!FileManager.default.fileExists(atPath: scratch.file("x")))
    }

    @Test("is reached with the credentials of a file")
    func credentialsFile() throws {
      try scratch.write(
        Array(
          """
          [default]
          aws_access_key_id = nobody
          aws_secret_access_key = nothing
          [work]
          aws_access_key_id=\(server.facts.key)
          aws_secret_access_key = \(server.facts.secret)
          """.utf8), to: "credentials")
      var environment = server.environment
      environment["AWS_ACCESS_KEY_ID"] = ""
      environment["AWS_SHARED_CREDENTIALS_FILE"] = scratch.file("credentials")
      let refused = try Tool.prep.run(
        all: ["push", store, "s3://faces/f"], environment: environment)
      #expect(refused.code == 1)
      environment["AWS_PROFILE"] = "work"
      let sent = try Tool.prep.run(all: ["push", store, "s3://faces/f"], environment: environment)
      #expect(sent.code == 0, "\(sent.error)")
    }
  }
}
