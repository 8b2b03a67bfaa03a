#if canImport(CryptoKit)
import CryptoKit
#else
import CLibCrypto
#endif
import Foundation

/// A SHA-256 digest that is fed piece by piece (FIPS 180-4).
package final class SHA256Hasher {
    #if canImport(CryptoKit)
    private var state = CryptoKit.SHA256()
    #else
    private let context: OpaquePointer?
    #endif

    package init() {
        #if !canImport(CryptoKit)
        context = EVP_MD_CTX_new()
        EVP_DigestInit_ex(context, EVP_sha256(), nil)
        #endif
    }

    deinit {
        #if !canImport(CryptoKit)
        EVP_MD_CTX_free(context)
        #endif
    }

    package func update(_ bytes: UnsafeRawBufferPointer) {
        #if canImport(CryptoKit)
        state.update(bufferPointer: bytes)
        #else
        if let base = bytes.baseAddress, !bytes.isEmpty { EVP_DigestUpdate(context, base, bytes.count) }
        #endif
    }

    /// The 32 bytes of the digest. Nothing may be added afterwards.
    package func finalize() -> [UInt8] {
        #if canImport(CryptoKit)
        return Array(state.finalize())
        #else
        var digest = [UInt8](repeating: 0, count: 32)
        EVP_DigestFinal_ex(context, &digest, nil)
        return digest
        #endif
    }
}

/// SHA-256 of whole values.
package enum SHA256Digest {
    /// 32 bytes.
    static func of(_ bytes: [UInt8]) -> [UInt8] {
        let hasher = SHA256Hasher()
        bytes.withUnsafeBytes { hasher.update($0) }
        return hasher.finalize()
    }

    /// 32 bytes.
    static func of(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        let hasher = SHA256Hasher()
        hasher.update(bytes)
        return hasher.finalize()
    }

    /// 32 bytes, of the text's UTF-8.
    package static func of(_ text: some StringProtocol) -> [UInt8] {
        let hasher = SHA256Hasher()
        var text = String(text)
        text.withUTF8 { hasher.update(UnsafeRawBufferPointer($0)) }
        return hasher.finalize()
    }

    /// Digest of a file in lower-case hexadecimal, read in pieces of one megabyte.
    static func hexadecimal(ofFile url: URL) throws -> String {
        let handle = try FileHandle(forReadingFrom: url)
        defer { try? handle.close() }
        let hasher = SHA256Hasher()
        while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
            piece.withUnsafeBytes { hasher.update($0) }
        }
        return hexadecimal(hasher.finalize())
    }

    /// Lower-case hexadecimal, two digits a byte.
    package static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
