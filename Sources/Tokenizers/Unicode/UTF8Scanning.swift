/// One decoded scalar and the number of bytes it took.
struct DecodedScalar {
    var value: UInt32
    var length: Int
}

/// Decodes the scalar that starts at `position` of valid UTF-8. The caller keeps `position` within the buffer.
@inline(__always)
func decodeScalar(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> DecodedScalar {
    let first = UInt32(bytes[position])
    if first < 0x80 { return DecodedScalar(value: first, length: 1) }
    @inline(__always) func continuation(_ offset: Int) -> UInt32 { UInt32(bytes[position + offset]) & 0x3F }
    if first < 0xE0 { return DecodedScalar(value: (first & 0x1F) << 6 | continuation(1), length: 2) }
    if first < 0xF0 {
        return DecodedScalar(value: (first & 0x0F) << 12 | continuation(1) << 6 | continuation(2), length: 3)
    }
    let high = (first & 0x07) << 18 | continuation(1) << 12
    return DecodedScalar(value: high | continuation(2) << 6 | continuation(3), length: 4)
}

/// Calls `body` with the UTF-8 bytes of `text`, without a copy where the string allows it.
@inline(__always)
func withUTF8Bytes<R>(_ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    var text = text
    return text.withUTF8(body)
}

/// Calls `body` with the UTF-8 bytes of a scalar value below 0x110000.
@inline(__always)
func forEachUTF8Byte(of scalar: UInt32, _ body: (UInt8) -> Void) {
    if scalar < 0x80 { return body(UInt8(scalar)) }
    @inline(__always) func trailing(_ shift: UInt32) -> UInt8 { UInt8(0x80 | (scalar >> shift & 0x3F)) }
    if scalar < 0x800 {
        body(UInt8(0xC0 | scalar >> 6))
    } else if scalar < 0x10000 {
        body(UInt8(0xE0 | scalar >> 12))
        body(trailing(6))
    } else {
        body(UInt8(0xF0 | (scalar >> 18 & 7)))
        body(trailing(12))
        body(trailing(6))
    }
    body(trailing(0))
}

@inline(__always)
func appendUTF8(of scalar: UInt32, to output: inout [UInt8]) {
    forEachUTF8Byte(of: scalar) { output.append($0) }
}
