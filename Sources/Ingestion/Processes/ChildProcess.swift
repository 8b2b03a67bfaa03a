#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Runs a program that reads untrusted bytes: as a process group of its own, with limits on time, memory and output.
package struct ChildProcess {
    package struct Result {
        package var output: [UInt8]
        /// The beginning of what it said on standard error.
        package var errors: String
        /// `nil` when it was stopped or crashed.
        package var status: Int32?
        package var ending: Ending
    }

    package enum Ending: Sendable { case exited, outOfTime, tooMuchOutput, crashed }

    /// The program's name, looked up in `PATH`.
    var program: String
    /// Name of the Debian package that brings it.
    var package: String
    var arguments: [String]
    var seconds: Double
    /// Bytes of address space.
    var memory: Int
    /// Bytes of standard output.
    var outputLimit: Int

    package init(
        program: String, package: String, arguments: [String], seconds: Double, memory: Int, outputLimit: Int
    ) {
        self.program = program
        self.package = package
        self.arguments = arguments
        self.seconds = seconds
        self.memory = memory
        self.outputLimit = outputLimit
    }

    static func isInstalled(_ program: String) -> Bool { find(program) != nil }

    private static func find(_ program: String) -> String? {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        return path.split(separator: ":").lazy.map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
    }

    /// - Throws: `IngestionError.needsProgram`, or when no process can be started.
    package func run() throws(IngestionError) -> Result {
        guard let path = Self.find(program) else { throw .needsProgram(name: program, package: package) }
        var output: (read: Int32, write: Int32) = (-1, -1), errors: (read: Int32, write: Int32) = (-1, -1)
        output = try Self.pipe()
        do {
            errors = try Self.pipe()
        } catch {
            close(output.read)
            close(output.write)
            throw error
        }
        defer {
            close(output.read)
            close(errors.read)
        }
        let started = start(path, output: output.write, errors: errors.write)
        close(output.write)
        close(errors.write)
        guard case .success(let process) = started else {
            if case .failure(let error) = started { throw error }
            throw .system(operation: "posix_spawn", code: 0)
        }
        return collect(process, output.read, errors.read)
    }

    private static func pipe() throws(IngestionError) -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        #if canImport(Darwin)
        let status = Darwin.pipe(&ends)
        #elseif canImport(Musl)
        let status = Musl.pipe(&ends)
        #else
        let status = Glibc.pipe(&ends)
        #endif
        guard status == 0 else { throw .fromErrno("pipe", errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// The shell sets the limits, which a spawned process cannot be given from outside, and becomes the program.
    private func start(_ path: String, output: Int32, errors: Int32) -> Swift.Result<pid_t, IngestionError> {
        let script = "ulimit -v \(memory / 1024) 2>/dev/null; ulimit -t \(Int(seconds) + 1) 2>/dev/null; ulimit -c 0; exec \"$0\" \"$@\""
        let words = ["/bin/sh", "-c", script, path] + arguments
        var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        let environment = ["PATH=/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin", "LC_ALL=C.UTF-8", "HOME=/nonexistent", "OMP_THREAD_LIMIT=1"]
        var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { envp.forEach { free($0) } }
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)
        var process: pid_t = 0
        let status = posix_spawn(&process, "/bin/sh", &actions, &attributes, &argv, &envp)
        return status == 0 ? .success(process) : .failure(.system(operation: "posix_spawn", code: status))
    }

    private func collect(_ process: pid_t, _ output: Int32, _ errors: Int32) -> Result {
        let deadline = ContinuousClock.now + .seconds(seconds)
        var result = Result(output: [], errors: "", status: nil, ending: .exited)
        var messages: [UInt8] = [], files = [pollfd(fd: output, events: Int16(POLLIN), revents: 0), pollfd(fd: errors, events: Int16(POLLIN), revents: 0)]
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while files.contains(where: { $0.fd >= 0 }) {
            let left = (deadline - ContinuousClock.now).components
            let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
            if milliseconds <= 0 { result.ending = .outOfTime; break }
            guard poll(&files, nfds_t(files.count), Int32(min(milliseconds, 1000))) >= 0 || errno == EINTR else { break }
            for index in files.indices where files[index].fd >= 0 && files[index].revents != 0 {
                let count = read(files[index].fd, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                if count <= 0 { files[index].fd = -1; continue }
                if index == 0 { result.output.append(contentsOf: buffer[..<count]) } else if messages.count < 8192 { messages.append(contentsOf: buffer[..<count]) }
            }
            if result.output.count > outputLimit { result.ending = .tooMuchOutput; break }
        }
        let status = wait(process, until: deadline, &result.ending)
        if result.ending == .exited {
            if status & 0x7F == 0 { result.status = (status >> 8) & 0xFF } else { result.ending = .crashed }
        }
        result.errors = String(decoding: messages.prefix(8192), as: UTF8.self)
        return result
    }

    /// Waits for the process to end, which may have closed its output long before, and ends it when it must.
    /// - Returns: what `waitpid` says of it.
    private func wait(_ process: pid_t, until deadline: ContinuousClock.Instant, _ ending: inout Ending) -> Int32 {
        var status: Int32 = 0
        if ending != .exited { kill(-process, SIGKILL) }
        while true {
            let ended = waitpid(process, &status, WNOHANG)
            if ended == process || ended < 0 && errno != EINTR { return status }
            if ending == .exited, ContinuousClock.now >= deadline {
                ending = .outOfTime
                kill(-process, SIGKILL)
            }
            usleep(1000)
        }
    }
}

/// A file in a folder of its own that only this user can read, gone with the value.
final class TemporaryFile {
    private let folder: String
    let path: String

    /// - Parameter name: of the file; its extension tells programs what it is.
    init(_ bytes: [UInt8], name: String) throws(IngestionError) {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/footnote-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw .fromErrno("mkdtemp", errno) }
        folder = String(cString: made)
        path = folder + "/" + name
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .fromErrno("open", errno) }
        defer { close(descriptor) }
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in buffer.baseAddress.map { write(descriptor, $0 + offset, bytes.count - offset) } ?? 0 }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .fromErrno("write", errno) }
            offset += count
        }
    }

    /// Another file of the same folder, for a program to write.
    func sibling(_ name: String) -> String { folder + "/" + name }

    deinit {
        if let directory = opendir(folder) {
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } }
                if name != ".", name != ".." { unlink(folder + "/" + name) }
            }
            closedir(directory)
        }
        rmdir(folder)
    }
}
