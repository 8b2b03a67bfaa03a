import CLibXML2

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Conversion to UTF-8 by the system's `iconv`.
enum CharacterSet {
    /// - Returns: UTF-8 with U+FFFD for each byte that `encoding` does not define, and the number of those bytes;
    ///   `nil` if the system does not know the encoding.
    static func convert(_ bytes: [UInt8], from encoding: String) -> (bytes: [UInt8], replaced: Int)? {
        // Web pages that say Latin-1 mean Windows-1252, and GB 2312 means GB 18030 (WHATWG Encoding, section 4.2).
        let name = switch encoding.lowercased() {
        case "iso-8859-1", "latin1", "us-ascii", "ascii": "WINDOWS-1252"
        case "gb2312", "gbk", "x-gbk": "GB18030"
        case "shift_jis", "sjis", "x-sjis", "windows-31j": "CP932"
        case "euc-kr", "ks_c_5601-1987", "windows-949": "CP949"
        case "big5": "BIG5-HKSCS"
        default: encoding
        }
        guard name.utf8.allSatisfy({ Ascii.isAlphanumeric($0) || [0x2D, 0x5F, 0x2E, 0x3A].contains($0) }) else { return nil }
        guard let descriptor = iconv_open("UTF-8", name), descriptor != iconv_t(bitPattern: -1) else { return nil }
        defer { iconv_close(descriptor) }
        return convert(bytes, descriptor)
    }

    private static func convert(_ bytes: [UInt8], _ descriptor: iconv_t) -> (bytes: [UInt8], replaced: Int)? {
        var result: [UInt8] = [], replaced = 0
        result.reserveCapacity(bytes.count + bytes.count / 2)
        var buffer = [CChar](repeating: 0, count: 1 << 16)
        var input = bytes.map { CChar(bitPattern: $0) }
        var offset = 0
        while offset < input.count {
            let (status, code) = step(descriptor, &input, &offset, &buffer, &result)
            guard status == -1, code != E2BIG else { continue }
            guard code == EILSEQ || code == EINVAL else { return nil }
            result.append(contentsOf: [0xEF, 0xBF, 0xBD])
            replaced += 1
            offset += 1
        }
        return (result, replaced)
    }

    /// One call of `iconv`: advances `offset`, appends what came out, gives the result and `errno`.
    private static func step(
        _ descriptor: iconv_t, _ input: inout [CChar], _ offset: inout Int, _ buffer: inout [CChar], _ result: inout [UInt8]
    ) -> (Int, Int32) {
        let capacity = buffer.count
        return input.withUnsafeMutableBufferPointer { source in
            buffer.withUnsafeMutableBufferPointer { target in
                var from = source.baseAddress.map { $0 + offset }, left = source.count - offset
                var to = target.baseAddress, room = capacity
                let status = iconv(descriptor, &from, &left, &to, &room)
                let code = errno
                result.append(contentsOf: target[..<(capacity - room)].lazy.map { UInt8(bitPattern: $0) })
                offset = source.count - left
                return (status == Int.max || status == -1 ? -1 : 0, code)
            }
        }
    }
}
