import Crypto
import Foundation

/// Checks that a webhook delivery was sent by a Tidewater server and is recent.
///
/// The server puts a header of the form `t=1770000000,v1=9c0f…` on each delivery.
/// `v1` is the HMAC-SHA256 of the time, a full stop and the raw body. Verify the
/// body as it came from the network: parsing and printing JSON changes bytes.
public struct WebhookVerifier: Sendable {
    /// Why a delivery was not accepted.
    public enum Rejection: Error, Equatable {
        case missingHeader
        case malformedHeader(String)
        case tooOld(seconds: Int)
        case wrongSignature
    }

    /// The largest difference between the sender's clock and ours, in seconds.
    public var tolerance: Int = 300

    private let key: SymmetricKey

    /// - Parameter secret: the value that `POST /v2/webhooks` returned. It is shown once.
    public init(secret: String) {
        key = SymmetricKey(data: Data(secret.utf8))
    }

    /// Throws a ``Rejection`` unless `body` carries a valid signature made within ``tolerance`` of `now`.
    public func verify(header: String?, body: Data, now: Date = Date()) throws {
        guard let header else { throw Rejection.missingHeader }
        let fields = try parse(header)

        let age = Int(now.timeIntervalSince1970) - fields.time
        guard abs(age) <= tolerance else { throw Rejection.tooOld(seconds: age) }

        var message = Data("\(fields.time).".utf8)
        message.append(body)
        // Compares in constant time, so that a wrong signature cannot be guessed byte by byte.
        let valid = HMAC<SHA256>.isValidAuthenticationCode(
            fields.signature, authenticating: message, using: key)
        guard valid else { throw Rejection.wrongSignature }
    }

    private func parse(_ header: String) throws -> (time: Int, signature: Data) {
        var time: Int?
        var signature: Data?
        for field in header.split(separator: ",") {
            let parts = field.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { throw Rejection.malformedHeader(header) }
            switch parts[0].trimmingCharacters(in: .whitespaces) {
            case "t": time = Int(parts[1])
            case "v1": signature = Data(hexadecimal: String(parts[1]))
            default: continue  // later versions may add fields
            }
        }
        guard let time, let signature else { throw Rejection.malformedHeader(header) }
        return (time, signature)
    }
}

extension Data {
    /// Nil unless `text` is an even number of hexadecimal digits.
    fileprivate init?(hexadecimal text: String) {
        guard text.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        var rest = text[...]
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        self.init(bytes)
    }
}

/// Remembers delivery ids, because a delivery whose answer was lost is sent again.
///
/// The server repeats a delivery for a little over two hours at most, so ids older
/// than three hours can be dropped.
public actor DeliveryLog {
    private var seen: [String: Date] = [:]
    private let lifetime: TimeInterval = 3 * 60 * 60

    public init() {}

    /// True the first time an id is shown, false for a repetition.
    public func isNew(_ id: String, at now: Date = Date()) -> Bool {
        seen = seen.filter { now.timeIntervalSince($0.value) < lifetime }
        return seen.updateValue(now, forKey: id) == nil
    }
}
