/// A path as the system knows it: bytes, in no particular encoding.
package struct BytePath: Sendable, Hashable {
    package var bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }
    package init(_ path: String) { bytes = Array(path.utf8) }

    package func appending(_ name: [UInt8]) -> BytePath {
        if bytes.isEmpty { return BytePath(bytes: name) }
        return BytePath(bytes: bytes.last == UInt8(ascii: "/") ? bytes + name : bytes + [UInt8(ascii: "/")] + name)
    }

    package var lastComponent: [UInt8] {
        Array(bytes.split(separator: UInt8(ascii: "/")).last ?? [])
    }

    /// Calls `body` with the path as a C string.
    package func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        let terminated = bytes.map { CChar(bitPattern: $0) } + [0]
        return terminated.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return "".withCString(body) }
            return body(base)
        }
    }
}

extension BytePath: CustomStringConvertible {
    /// The path where it is UTF-8; otherwise with each foreign byte as `\xNN`.
    package var description: String {
        guard bytes.withUnsafeBufferPointer(UTF8Repair.firstInvalid) != nil else { return String(decoding: bytes, as: UTF8.self) }
        var result: [UInt8] = []
        bytes.withUnsafeBufferPointer { buffer in
            var offset = 0
            while offset < buffer.count {
                let length = UTF8Repair.sequenceLength(buffer, at: offset)
                if length > 0 {
                    result.append(contentsOf: buffer[offset..<(offset + length)])
                } else {
                    let digits = String(buffer[offset], radix: 16, uppercase: true)
                    result.append(contentsOf: Array("\\x\(digits.count == 1 ? "0" : "")\(digits)".utf8))
                }
                offset += max(length, 1)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// A regular file that the walker found.
package struct FoundFile: Sendable, Hashable {
    /// Absolute.
    package var path: BytePath
    package var stamp: FileStamp

    package init(path: BytePath, stamp: FileStamp) {
        self.path = path
        self.stamp = stamp
    }
}
