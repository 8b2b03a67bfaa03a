import Testing

import TransformerCore

@Suite struct GGUFFileTests {
    @Test(arguments: [2, 3] as [UInt32])
    func readsEveryValueType(version: UInt32) throws {
        var builder = GGUFBuilder(version: version)
        builder.add("u8", .uint8(200))
        builder.add("i8", .int8(-100))
        builder.add("u16", .uint16(60_000))
        builder.add("i16", .int16(-30_000))
        builder.add("u32", .uint32(4_000_000_000))
        builder.add("i32", .int32(-2_000_000_000))
        builder.add("u64", .uint64(.max))
        builder.add("i64", .int64(.min))
        builder.add("f32", .float32(1.5))
        builder.add("f64", .float64(-2.25))
        builder.add("yes", .bool(true))
        builder.add("text", .string("köln\u{1B}"))
        builder.add("words", .strings(["", "a", "知识"]))
        builder.add("numbers", .int32s([-1, 0, 7]))
        builder.add("scores", .floats([0.5, -1]))
        builder.add("nested", .array(type: 9, count: nil, [.strings(["x"]), .int32s([1, 2])]))
        let temporary = try TemporaryFile(builder.build())
        let file = try GGUFFile(path: temporary.path)

        #expect(file.version == version)
        #expect(file.metadata["u8"]?.int == 200)
        #expect(file.metadata["i8"]?.int == -100)
        #expect(file.metadata["u16"]?.int == 60_000)
        #expect(file.metadata["i16"]?.int == -30_000)
        #expect(file.metadata["u32"]?.int == 4_000_000_000)
        #expect(file.metadata["i32"]?.int == -2_000_000_000)
        #expect(file.metadata["u64"]?.int == nil)
        #expect(file.metadata["i64"]?.int == Int(Int64.min))
        #expect(file.metadata["f32"]?.double == 1.5)
        #expect(file.metadata["f64"]?.double == -2.25)
        #expect(file.metadata["yes"]?.bool == true)
        #expect(file.metadata["text"]?.string == "köln\u{1B}")
        #expect(file.metadata["text"]?.description.contains("\u{1B}") == false)
        #expect(file.metadata["words"]?.array?.strings == ["", "a", "知识"])
        #expect(file.metadata["words"]?.array?.integers == nil)
        #expect((0..<4).map { file.metadata["words"]?.array?.string(at: $0) } == ["", "a", "知识", nil])
        #expect(file.metadata["numbers"]?.array?.string(at: 0) == nil)
        #expect(file.metadata["numbers"]?.array?.integers == [-1, 0, 7])
        #expect(file.metadata["scores"]?.array?.floats == [0.5, -1])
        #expect(file.metadata["nested"]?.array?.count == 2)
    }

    @Test func readsTensors() throws {
        var builder = GGUFBuilder()
        builder.add("a", shape: [2, 3], floats: [1, 2, 3, 4, 5, 6])
        builder.tensors.append(("b", [2, 64], 8, [UInt8](repeating: 9, count: 2 * 2 * 34)))
        builder.add("c", shape: [1], floats: [7])
        let temporary = try TemporaryFile(builder.build())
        let file = try GGUFFile(path: temporary.path)

        let a = try file.tensor("a", shape: [2, 3])
        #expect(a.type == .f32)
        #expect(Array(a.data.bindMemory(to: Float.self)) == [1, 2, 3, 4, 5, 6])
        let b = try file.tensor("b")
        #expect(b.type == .q8_0)
        #expect(b.data.count == 136)
        #expect(b.data.allSatisfy { $0 == 9 })
        #expect(Array(try file.tensor("c").data.bindMemory(to: Float.self)) == [7])
    }

    @Test func tensorOutlivesItsFile() throws {
        var builder = GGUFBuilder()
        builder.add("a", shape: [1], floats: [7])
        let temporary = try TemporaryFile(builder.build())
        let tensor = try GGUFFile(path: temporary.path).tensor("a")
        #expect(tensor.data.load(as: Float.self) == 7)
    }

    @Test func namesUnsupportedTypeAndStillOpens() throws {
        var builder = GGUFBuilder()
        builder.tensors.append(("q", [1, 256], 16, [UInt8](repeating: 0, count: 66)))
        let temporary = try TemporaryFile(builder.build())
        let file = try GGUFFile(path: temporary.path)
        #expect(file.tensors["q"]?.typeName == "IQ2_XXS")
        let error = #expect(throws: ModelFileError.self) { try file.tensor("q") }
        guard case .unsupportedTensorType(_, "q", "IQ2_XXS", let supported) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(Set(supported).isSuperset(of: ["F32", "F16", "BF16", "Q8_0", "Q4_K", "IQ4_XS"]))
    }

    @Test func saysWhatIsMissingOrMisshapen() throws {
        var builder = GGUFBuilder()
        builder.add("a", shape: [2, 3], floats: [1, 2, 3, 4, 5, 6])
        builder.add("n", .float32(.nan))
        builder.add("s", .string("x"))
        let temporary = try TemporaryFile(builder.build())
        let file = try GGUFFile(path: temporary.path)
        #expect(throws: ModelFileError.wrongShape(file: temporary.path, tensor: "a", found: [2, 3], expected: [3, 2])) {
            try file.tensor("a", shape: [3, 2])
        }
        #expect(throws: ModelFileError.missingTensor(file: temporary.path, tensor: "b", shape: [4])) {
            try file.tensor("b", shape: [4])
        }
        #expect(throws: ModelFileError.self) { try file.architecture() }
        #expect(throws: ModelFileError.self) { try file.optionalNumber("n", in: 0...1) }
        #expect(throws: ModelFileError.self) { try file.requiredInt("s", in: 0...1) }
        #expect(try file.optionalInt("absent", in: 0...1) == nil)
    }

    @Test func refusesWhatIsNotARegularFile() {
        #expect(throws: ModelFileError.self) { try GGUFFile(path: "/tmp") }
        #expect(throws: ModelFileError.self) { try GGUFFile(path: "/dev/zero") }
        #expect(throws: ModelFileError.self) { try GGUFFile(path: "/no/such/file") }
    }

    @Test(.enabled(if: TestModels.hasSmolLM2))
    func readsARealModel() throws {
        let file = try GGUFFile(path: TestModels.smolLM2)
        #expect(try file.architecture() == "llama")
        #expect(file.tensors.count == 272)
        #expect(try file.tensor("token_embd.weight", shape: [49_152, 576]).type == .q8_0)
        #expect(file.metadata["tokenizer.ggml.tokens"]?.array?.strings?[1] == "<|im_start|>")
    }
}
