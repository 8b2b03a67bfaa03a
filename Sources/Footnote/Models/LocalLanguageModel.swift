import Foundation
import Tokenizers
import TransformerCore

/// A decoder from a GGUF file or a published folder that runs within this process, with the tokenizer and the chat template of that file.
final class LocalLanguageModel: LanguageModel {
    let identity: ModelIdentity
    private let generator: TextGenerator
    private let template: ChatTemplate
    /// Spellings of the tokens that begin and end a sequence; empty when there is none.
    private let beginToken: String
    private let endToken: String
    /// Put in front of a prompt whose template does not begin with it.
    private let leadingToken: Int32?
    private let grammars = GrammarCache()
    /// Tokens that are guessed at once.
    private let guesses: Int

    var contextLength: Int { generator.contextLimit }

    /// - Throws: `ModelError`.
    init(_ location: ModelLocation, options: LanguageModelOptions = LanguageModelOptions()) throws {
        let path = location.url.path
        do {
            let file = try GGUFFile.model(at: path)
            let tokenizer = try file.promptTokenizer()
            guard let source = file.metadata["tokenizer.chat_template"]?.string else {
                throw ModelError.unreadable(
                    path: path, reason: "it holds no chat template (tokenizer.chat_template); use an instruction-tuned model")
            }
            template = try ChatTemplate(source: source)
            guesses = options.speculates ? GenerationParameters.defaultGuess : 0
            identity = ModelIdentity(name: location.name, digest: try options.digest(of: location))
            generator = try Self.generator(file, tokenizer, options: options, digest: identity.digest)
            let special = tokenizer.specialTokens
            beginToken = try Self.spelling(of: special.beginning, in: file)
            endToken = try Self.spelling(of: special.end, in: file)
            let addsBeginning = file.metadata["tokenizer.ggml.add_bos_token"]?.bool ?? false
            leadingToken = addsBeginning ? special.beginning : nil
        } catch let error as ModelError {
            throw error
        } catch {
            throw ModelError.unreadable(path: path, reason: "\(error)")
        }
    }

    private static func generator(
        _ file: GGUFFile, _ tokenizer: any PromptTokenizer, options: LanguageModelOptions, digest: String
    ) throws -> TextGenerator {
        let cacheType: TensorType = switch options.contextFormat {
        case .f32: .f32
        case .f16: .f16
        case .q8: .q8_0
        }
        let store = options.reuseFolder.map {
            PrefixStore(folder: $0, model: "\(digest) \(options.contextFormat.rawValue)", budget: options.reuseBudget)
        }
        return TextGenerator(
            model: try ModelArchitecture.loadDecoder(file), tokenizer: tokenizer, contextLimit: options.contextLength,
            cacheType: cacheType, reuseBudget: options.reuseBudget, store: store, reusesPassages: options.reusesPassages,
            adapters: try options.adapters.map { try $0.loaded(base: file) },
            limits: GenerationLimits(concurrent: options.concurrentTexts, waiting: options.waitingTexts))
    }

    private static func spelling(of id: Int32?, in file: GGUFFile) throws -> String {
        guard let id, let tokens = file.metadata["tokenizer.ggml.tokens"]?.array?.strings,
            tokens.indices.contains(Int(id))
        else { return "" }
        return tokens[Int(id)]
    }

    func tokenCount(_ text: String) -> Int { generator.tokenizer.count(text) }

    func promptTokenCount(_ messages: [ChatMessage]) throws -> Int { try prompt(messages).count }

    func generate(_ request: GenerationRequest) -> AsyncThrowingStream<GenerationEvent, any Error> {
        AsyncThrowingStream { continuation in
            let task = Task {
                do {
                    let prompt = try prompt(request.messages)
                    let parameters = try self.parameters(request)
                    for try await event in generator.generate(prompt, parameters, documents: request.documents) {
                        switch event {
                        case .text(let text): continuation.yield(.text(text))
                        case .finished(let statistics): continuation.yield(.finished(.init(statistics)))
                        }
                    }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    /// Token ids of a conversation through the model's template. What messages say stays plain text.
    private func prompt(_ messages: [ChatMessage]) throws -> [Int32] {
        let pieces = try template.render(
            messages: messages.map { .init(role: $0.role.rawValue, content: $0.content) }, addGenerationPrompt: true,
            beginToken: beginToken, endToken: endToken)
        var ids = generator.tokenizer.encodePrompt(pieces)
        if let leadingToken, ids.first != leadingToken { ids.insert(leadingToken, at: 0) }
        return ids
    }

    private func parameters(_ request: GenerationRequest) throws -> GenerationParameters {
        var sampling = SamplingParameters()
        sampling.temperature = request.sampling.temperature
        sampling.topK = request.sampling.topK
        sampling.topP = request.sampling.topP
        sampling.minP = request.sampling.minP
        sampling.repetitionPenalty = request.sampling.repetitionPenalty
        sampling.repetitionWindow = request.sampling.repetitionWindow
        sampling.seed = request.sampling.seed
        var parameters = try GenerationParameters(
            maximumTokens: request.maximumTokens, sampling: sampling, stopSequences: request.stopSequences,
            constraints: request.constraints.map(grammars.constraint))
        parameters.guessedTokens = guesses
        return parameters
    }
}

extension LanguageModelAdapter {
    /// Throws `ModelFileError` when it is damaged or made for another model.
    func loaded(base: GGUFFile) throws -> AppliedAdapter {
        AppliedAdapter(try RuntimeAdapter.load(path: url.path, base: base), strength: Float(scale))
    }

    /// The file that holds its weights.
    fileprivate var weights: URL {
        url.pathExtension.lowercased() == "gguf" ? url : url.appendingPathComponent("adapter_model.safetensors")
    }
}

extension LanguageModelOptions {
    /// Digest of all weights that a text depends on.
    fileprivate func digest(of location: ModelLocation) throws -> String {
        let base = try location.digest()
        guard !adapters.isEmpty else { return base }
        let parts = try adapters.map { "\(try SHA256Digest.hexadecimal(ofFile: $0.weights)) \($0.scale)" }
        return SHA256Digest.hexadecimal(SHA256Digest.of(Array(([base] + parts).joined(separator: "\n").utf8)))
    }
}

extension GenerationStatistics {
    fileprivate init(_ statistics: GeneratorStatistics) {
        let reason: Reason =
            switch statistics.reason {
            case .endOfText: .endOfText
            case .stopSequence: .stopSequence
            case .length: .length
            }
        self.init(
            reason: reason, promptTokens: statistics.promptTokens, generatedTokens: statistics.generatedTokens,
            promptSeconds: statistics.promptSeconds, generationSeconds: statistics.generationSeconds)
    }
}
