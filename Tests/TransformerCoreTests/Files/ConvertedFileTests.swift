import Foundation
import Testing

import TransformerCore

/// Published folders that are read as conversion would write them.
@Suite struct ConvertedFileTests {
    /// The same metadata and the same tensors, to the byte, as of the file on disk.
    @Test(arguments: ["llama3", "mixtral", "deepseek3", "gpt2", "falcon40", "gemma3", "modernbert", "xlmrrank"])
    func equalsTheFile(name: String) throws {
        let fixture = try FamilyFixture(name)
        let written = try fixture.converted()
        let file = try GGUFFile(path: written.path)
        let direct = try GGUFFile.model(at: fixture.folder, includesTokenizer: false)
        #expect(Set(direct.tensorNames) == Set(file.tensorNames))
        #expect(Set(direct.metadata.keys) == Set(file.metadata.keys))
        for (key, value) in file.metadata { #expect(direct.metadata[key]?.description == value.description, "\(key)") }
        for name in file.tensorNames {
            let (a, b) = (try direct.tensor(name), try file.tensor(name))
            #expect(a.shape == b.shape && a.type == b.type, "\(name)")
            let isEqual = withExtendedLifetime((a, b)) { a.data.elementsEqual(b.data) }
            #expect(isEqual, "\(name)")
        }
        #expect(throws: ModelFileError.self) { try direct.tensor("blk.99.attn_q.weight") }
    }

    @Test func bytesInMemory() throws {
        let fixture = try FamilyFixture("llama3")
        let written = try fixture.converted()
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: written.path)))
        let file = try GGUFFile(bytes: bytes, name: "memory.gguf")
        #expect(file.path == "memory.gguf")
        #expect(Set(file.tensorNames) == Set(try GGUFFile(path: written.path).tensorNames))
        #expect(throws: ModelFileError.self) { try GGUFFile(bytes: Array(bytes.prefix(bytes.count / 2)), name: "half.gguf") }
        #expect(throws: ModelFileError.self) { try GGUFFile(bytes: [], name: "empty.gguf") }
    }
}
