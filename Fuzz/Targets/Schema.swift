internal import TransformerCore

/// A JSON Schema, made into a grammar.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: start == nil ? 0 : count), as: UTF8.self)
    guard let schema = try? SchemaValue(parsing: text), let definition = try? JSONSchemaGrammar.definition(schema),
        let grammar = try? Grammar(definition)
    else { return 0 }
    for value in ["null", "true", "0", "-1.5e3", "\"a\"", "[1, 2]", "{\"a\": 1}"] { _ = try? grammar.matches(value) }
    return 0
}
