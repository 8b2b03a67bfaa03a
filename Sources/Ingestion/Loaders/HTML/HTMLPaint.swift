/// In which colour an element's text is painted, and on what: enough to see that text is meant not to be seen.
///
/// Only what the elements say themselves is known. Where a page has style sheets, the ground may have any colour until
/// an element names one.
struct HTMLPaint {
    private enum Ground {
        case color(Int)
        case unknown
    }

    private var ground: Ground
    private var text: Int?
    private var isTiny = false, isTransparent = false

    /// - Parameter hasStyles: whether style sheets may paint the page in another colour than white.
    init(hasStyles: Bool) { ground = hasStyles ? .unknown : .color(0xFFFFFF) }

    /// Whether text cannot be told from its ground.
    var conceals: Bool {
        if isTiny || isTransparent { return true }
        guard case .color(let behind) = ground, let text else { return false }
        return [16, 8, 0].allSatisfy { abs((text >> $0 & 0xFF) - (behind >> $0 & 0xFF)) <= 12 }
    }

    /// The paint within an element.
    func within(style: String?, background: String?, color: String?) -> HTMLPaint {
        var paint = self
        if let background { paint.ground = Self.color(background).map(Ground.color) ?? .unknown }
        if let color { paint.text = Self.color(color) }
        for declaration in style?.lowercased().split(separator: ";") ?? [] {
            guard let colon = declaration.firstIndex(of: ":") else { continue }
            let name = declaration[..<colon].filter { !$0.isWhitespace }
            let value = declaration[declaration.index(after: colon)...].replacing("!important", with: "").trimmed()
            switch name {
            case "color": paint.text = Self.color(value)
            case "background", "background-color":
                if value != "transparent", value != "none", value != "inherit" { paint.ground = Self.color(value).map(Ground.color) ?? .unknown }
            case "font-size":
                // A part of the size around it is nothing where that is nothing.
                let isRelative = value.hasSuffix("%") || value.hasSuffix("em") && !value.hasSuffix("rem")
                paint.isTiny = Self.isNothing(value, upTo: 1) || isRelative && paint.isTiny
            case "opacity": paint.isTransparent = paint.isTransparent || Self.isNothing(value, upTo: 0.05)
            default: break
            }
        }
        return paint
    }

    /// Whether a length in pixels or points, or a bare number, is no more than a bound.
    private static func isNothing(_ value: String, upTo bound: Double) -> Bool {
        let digits = value.prefix { $0.isNumber || $0 == "." }
        guard let number = Double(digits) else { return false }
        let unit = value.dropFirst(digits.count)
        return number == 0 || number <= bound && ["", "px", "pt"].contains(unit)
    }

    /// `#fff`, `#ffffff`, `rgb(255, 255, 255)`, `white`; `nil` for what is not known.
    static func color(_ value: String) -> Int? {
        let text = value.lowercased().trimmed()
        if let known = ["white": 0xFFFFFF, "black": 0, "snow": 0xFFFAFA, "ivory": 0xFFFFF0, "ghostwhite": 0xF8F8FF][text] { return known }
        let digits = text.hasPrefix("#") ? text.dropFirst() : text[...]
        if digits.allSatisfy(\.isHexDigit), let number = Int(digits, radix: 16) {
            if digits.count == 6 { return number }
            if digits.count == 3 { return [number >> 8, number >> 4 & 0xF, number & 0xF].reduce(0) { $0 << 8 | $1 * 17 } }
        }
        guard text.hasPrefix("rgb("), text.hasSuffix(")") else { return nil }
        let parts = text.dropFirst(4).dropLast().split(separator: ",").compactMap { Int(String($0).trimmed()) }
        guard parts.count == 3, parts.allSatisfy({ (0...255).contains($0) }) else { return nil }
        return parts.reduce(0) { $0 << 8 | $1 }
    }
}

extension StringProtocol {
    fileprivate func trimmed() -> String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
