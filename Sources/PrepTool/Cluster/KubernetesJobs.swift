import Foundation
import Ingest
import Shards

/// An ingest as an Indexed Job of Kubernetes, and a Job that waits for it and merges its parts.
struct KubernetesJobs {
  let array: TaskArray
  /// The image of the containers, with prep on its path.
  let image: String
  /// The claim of the volume that all containers share.
  let claim: String
  /// Where the volume is mounted, so that all paths are the same as here.
  let mount: String

  /// How often a task that failed is tried again.
  private static let retries = 3

  /// Both Jobs as YAML.
  var yaml: String {
    let part = TaskArray.quoted(array.parts.path) + "/part-$JOB_COMPLETION_INDEX"
    let jobs = array.jobs.map { " --jobs \($0)" } ?? ""
    let ingest =
      "prep ingest --listing \(TaskArray.quoted(array.parts.path)) "
      + "--task $JOB_COMPLETION_INDEX/\(array.count) --out \(part)\(jobs) --quiet "
      + ">> \(TaskArray.quoted(array.parts.logs))/$JOB_COMPLETION_INDEX.log 2>&1; "
      + "code=$?; if [ $code -eq 3 ]; then exit 0; fi; exit $code"
    let merge =
      "prep status --out \(TaskArray.quoted(array.out)) --wait --quiet && prep "
      + array.mergeArguments.map(TaskArray.quoted).joined(separator: " ")
    return job(
      "prep-ingest", command: ingest,
      specification: """
          completions: \(array.count)
          parallelism: \(array.count)
          completionMode: Indexed
          backoffLimitPerIndex: \(Self.retries)
        """) + "---\n" + job("prep-merge", command: merge, specification: "  backoffLimit: 3")
  }

  private func job(_ name: String, command: String, specification: String) -> String {
    """
    apiVersion: batch/v1
    kind: Job
    metadata:
      name: \(self.name(name))
    spec:
    \(specification)
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: prep
              image: \(Self.string(image))
              command: ["sh", "-c", \(Self.string(command))]
              volumeMounts:
                - name: shared
                  mountPath: \(Self.string(mount))
          volumes:
            - name: shared
              persistentVolumeClaim:
                claimName: \(Self.string(claim))

    """
  }

  /// A part of a Job's name for the store: its last name in lower case letters, digits and hyphens, and
  /// digits of the SHA-256 of its path, since other folders may have stores of the same name.
  private var suffix: String {
    let name = URL(fileURLWithPath: array.out).lastPathComponent.lowercased()
    let kept = name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
    let trimmed = String(kept.prefix(40)).trimmingCharacters(in: ["-"])
    let digits = Digest.sha256(Array(array.out.utf8)).prefix(8)
    return "\(trimmed.isEmpty ? "store" : trimmed)-\(digits)"
  }

  /// Returns a string of JSON, which is also one of YAML.
  private static func string(_ text: String) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    guard let data = try? encoder.encode(text) else { return "\"\"" }
    return String(decoding: data, as: UTF8.self)
  }

  /// Gives the Jobs to kubectl, and returns what it says.
  ///
  /// Jobs of an earlier submit are deleted first: Kubernetes does not start a Job again that has failed
  /// or finished, and does not change the image of one.
  /// - Throws: ``SubmitError``; ``SubmitError/stillActive(job:)`` if tasks of an earlier submit run or
  ///   are waiting.
  func apply() throws -> String {
    let kubectl = try EngineCommand("kubectl")
    let active = try kubectl.run(
      ["get", "job", name("prep-ingest"), "--ignore-not-found", "-o", "jsonpath={.status.active}"])
    guard active.isEmpty || active == "0" else {
      throw SubmitError.stillActive(job: name("prep-ingest"))
    }
    _ = try kubectl.run(
      ["delete", "job", name("prep-ingest"), name("prep-merge")]
        + ["--ignore-not-found", "--cascade=foreground", "--wait"])
    return try kubectl.run(["apply", "-f", "-"], input: yaml)
  }

  /// The name of a Job for this store.
  private func name(_ job: String) -> String { "\(job)-\(suffix)" }
}
