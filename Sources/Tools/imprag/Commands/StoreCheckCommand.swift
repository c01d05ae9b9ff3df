import Core
import Foundation
import ObjectStore
import Platform

let storeCheckCommand = Command(
    name: "store check",
    summary: "Tries out whether a directory or S3 bucket can keep a collection",
    discussion: """
        LOCATION is a directory, or s3://BUCKET/PREFIX, where ?endpoint=URL, ?region=NAME and ?style=path or host say what AWS_ENDPOINT_URL
        and AWS_REGION do not. Credentials come from the environment, ~/.aws/credentials or the container's host, as with other S3
        clients. What is tried are reads, writes, listings, files of many pieces, and the two conditions on writing that commits rest on:
        some services accept these and overwrite all the same. Works below imprag-check/, and deletes what it wrote there.
        """,
    positional: "LOCATION",
    options: [.optional("deadline", "MS", "milliseconds for all of it (default 60000)")],
    example: "imprag store check s3://wiki/production?endpoint=http://127.0.0.1:8333",
    run: { arguments in
        guard arguments.words.count == 1 else { throw UsageError(message: "one LOCATION is right") }
        let milliseconds = try arguments.integer("deadline", in: 1...86_400_000) ?? 60_000
        let store = try openStore(arguments.words[0])
        try StoreCheck(store, deadline: .after(milliseconds: milliseconds)).run { name, spent in
            let milliseconds = Double(spent / .microseconds(1)) / 1000
            StandardStream.output.writeLine("ok  \(name) (\(String(format: "%.1f", milliseconds)) ms)")
        }
        try writeLine("\(store.name) keeps what a collection needs")
    }
)
