import CLibXML2

/// An XML document parsed by libxml2 into its tree: no network, no external files, entities not expanded, damage
/// recovered from, depth and entity growth bounded by libxml2's own limits.
final class XMLTree {
    /// A tree takes some ten times the bytes of its file.
    static let maximumBytes = 48 << 20

    private let document: xmlDocPtr

    /// - Throws: `IngestionError.malformed` if nothing could be read.
    init(_ bytes: [UInt8], format: String) throws(IngestionError) {
        XMLSettings.prepare()
        guard bytes.count <= Self.maximumBytes else { throw .tooLarge(size: Int64(bytes.count), limit: Int64(Self.maximumBytes)) }
        let parsed = bytes.withUnsafeBytes { buffer in
            xmlReadMemory(buffer.bindMemory(to: CChar.self).baseAddress, Int32(buffer.count), nil, nil, XMLSettings.options)
        }
        guard let parsed else { throw .malformed(format: format, reason: "its XML is damaged from the beginning") }
        document = parsed
    }

    deinit { xmlFreeDoc(document) }

    var root: XMLElement? { xmlDocGetRootElement(document).map { XMLElement(node: $0, owner: self) } }
}

enum XMLSettings {
    static let options = Int32(bitPattern: UInt32(
        XML_PARSE_NONET.rawValue | XML_PARSE_RECOVER.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue | XML_PARSE_COMPACT.rawValue
            | XML_PARSE_NOCDATA.rawValue))

    private static let isPrepared: Bool = {
        xmlInitParser()
        // Nothing is ever loaded on behalf of a document.
        xmlSetExternalEntityLoader { _, _, _ in nil }
        return true
    }()

    static func prepare() { _ = isPrepared }
}

/// An element of a tree. Names are compared without their namespace prefix.
struct XMLElement {
    let node: xmlNodePtr
    /// What keeps the tree.
    let owner: AnyObject

    var name: String { node.pointee.name.map { String(cString: $0) } ?? "" }

    /// The value of the first attribute with that local name.
    subscript(_ name: String) -> String? {
        var next = node.pointee.properties
        while let attribute = next {
            if let key = attribute.pointee.name, String(cString: key) == name { return Self.value(attribute) }
            next = attribute.pointee.next
        }
        return nil
    }

    /// The value of the attribute with that local name in the namespace with that prefix, such as `r:id`.
    func attribute(_ name: String, prefix: String) -> String? {
        var next = node.pointee.properties
        while let attribute = next {
            if let key = attribute.pointee.name, String(cString: key) == name, let space = attribute.pointee.ns?.pointee.prefix, String(cString: space) == prefix {
                return Self.value(attribute)
            }
            next = attribute.pointee.next
        }
        return nil
    }

    private static func value(_ attribute: xmlAttrPtr) -> String {
        var result = "", next = attribute.pointee.children
        while let part = next {
            if part.pointee.type == XML_TEXT_NODE, let content = part.pointee.content { result += String(cString: content) }
            next = part.pointee.next
        }
        return result
    }

    /// Attributes in the order of the file.
    var attributes: [(name: String, value: String)] {
        var result: [(name: String, value: String)] = [], next = node.pointee.properties
        while let attribute = next {
            if let key = attribute.pointee.name { result.append((String(cString: key), Self.value(attribute))) }
            next = attribute.pointee.next
        }
        return result
    }

    /// Elements directly inside.
    var children: [XMLElement] {
        var result: [XMLElement] = [], next = node.pointee.children
        while let child = next {
            if child.pointee.type == XML_ELEMENT_NODE { result.append(XMLElement(node: child, owner: owner)) }
            next = child.pointee.next
        }
        return result
    }

    /// Elements and texts directly inside, in order.
    enum Item {
        case element(XMLElement)
        case text(String)
    }

    var items: [Item] {
        var result: [Item] = [], next = node.pointee.children
        while let child = next {
            switch child.pointee.type {
            case XML_ELEMENT_NODE: result.append(.element(XMLElement(node: child, owner: owner)))
            case XML_TEXT_NODE, XML_CDATA_SECTION_NODE: if let content = child.pointee.content { result.append(.text(String(cString: content))) }
            default: break
            }
            next = child.pointee.next
        }
        return result
    }

    func first(_ name: String) -> XMLElement? { children.first { $0.name == name } }

    /// The element along a path of names.
    func find(_ path: String...) -> XMLElement? {
        var current: XMLElement? = self
        for name in path { current = current?.first(name) }
        return current
    }

    /// All elements of that name at any depth, in order.
    func all(_ name: String) -> [XMLElement] {
        children.flatMap { child in child.name == name ? [child] : child.all(name) }
    }

    /// All text inside, at any depth.
    var text: String {
        items.map { item in
            switch item {
            case .element(let element): element.text
            case .text(let text): text
            }
        }.joined()
    }

    /// The line of the file on which the element begins.
    var line: Int { max(1, xmlGetLineNo(node)) }
}

/// Reads a large XML file one element at a time, so that memory holds one row and not the sheet.
enum XMLRows {
    /// Calls `body` with every element of that name, in order; elements inside such elements are not visited.
    static func each(
        _ name: String, in bytes: [UInt8], budget: LoadBudget, _ body: (XMLElement) throws(IngestionError) -> Bool
    ) throws(IngestionError) {
        XMLSettings.prepare()
        guard let size = Int32(exactly: bytes.count) else { return }
        let keeper = Keeper(bytes)
        guard let reader = xmlReaderForMemory(keeper.pointer, size, nil, nil, XMLSettings.options) else { return }
        defer { xmlFreeTextReader(reader) }
        var status = xmlTextReaderRead(reader), count = 0
        while status == 1 {
            guard xmlTextReaderNodeType(reader) == 1, let local = xmlTextReaderConstLocalName(reader), String(cString: local) == name else {
                status = xmlTextReaderRead(reader)
                continue
            }
            guard let node = xmlTextReaderExpand(reader) else { break }
            if try !body(XMLElement(node: node, owner: keeper)) { return }
            count += 1
            if count % 256 == 0 { try budget.checkTime() }
            status = xmlTextReaderNext(reader)
        }
    }

    /// Holds the bytes while they are read.
    private final class Keeper {
        private let storage: UnsafeMutableBufferPointer<CChar>
        init(_ bytes: [UInt8]) {
            storage = .allocate(capacity: max(1, bytes.count))
            for index in bytes.indices { storage[index] = CChar(bitPattern: bytes[index]) }
        }
        var pointer: UnsafePointer<CChar>? { UnsafePointer(storage.baseAddress) }
        deinit { storage.deallocate() }
    }
}
