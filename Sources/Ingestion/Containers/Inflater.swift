internal import CZlib

/// Unpacks DEFLATE data by zlib within a budget.
enum Inflater {
    enum Wrapping: Int32 {
        /// Bare DEFLATE (RFC 1951), as in ZIP.
        case none = -15
        /// gzip (RFC 1952).
        case gzip = 31
    }

    /// - Parameters:
    ///   - expected: what the archive says of the size, which may be a lie; only room for it.
    ///   - isPartial: whether data that breaks off or is damaged gives what came before.
    /// - Returns: the bytes, and how many of `input` were used.
    static func inflate(
        _ input: ArraySlice<UInt8>, _ wrapping: Wrapping, expected: Int = 0, budget: LoadBudget, isPartial: Bool = false
    ) throws(IngestionError) -> (bytes: [UInt8], used: Int) {
        var stream = z_stream()
        guard footnote_inflate_init(&stream, wrapping.rawValue) == Z_OK else { throw .system(operation: "inflateInit", code: 12) }
        defer { inflateEnd(&stream) }
        var input = Array(input), output: [UInt8] = []
        output.reserveCapacity(min(max(expected, 0), 16 << 20, budget.expandableBytes))
        var buffer = [UInt8](repeating: 0, count: 1 << 16), offset = 0
        while true {
            let (status, produced, used) = step(&stream, &input, offset, &buffer)
            try budget.expand(by: produced)
            output.append(contentsOf: buffer[..<produced])
            offset += used
            if status == Z_STREAM_END { return (output, offset) }
            guard status == Z_OK, produced > 0 || used > 0 else {
                if isPartial, !output.isEmpty { return (output, offset) }
                throw .malformed(format: "compressed data", reason: offset >= input.count ? "it breaks off" : "it is damaged")
            }
            try budget.checkTime()
        }
    }

    private static func step(
        _ stream: inout z_stream, _ input: inout [UInt8], _ offset: Int, _ buffer: inout [UInt8]
    ) -> (status: Int32, produced: Int, used: Int) {
        let room = buffer.count, count = min(input.count - offset, 1 << 30)
        return input.withUnsafeMutableBufferPointer { source in
            buffer.withUnsafeMutableBufferPointer { target in
                stream.next_in = source.baseAddress.map { $0 + offset }
                stream.avail_in = UInt32(count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(room)
                let status = CZlib.inflate(&stream, Z_NO_FLUSH)
                return (status, room - Int(stream.avail_out), count - Int(stream.avail_in))
            }
        }
    }
}
