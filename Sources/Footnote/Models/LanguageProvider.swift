/// Which language model writes answers.
public enum LanguageModelChoice: Sendable {
    /// The default model of the model folder.
    case automatic
    /// A model of the model folder by name, or a path to a GGUF file.
    case named(String)
    /// Any model, the caller's own included.
    case model(any LanguageModel)
    /// No model: answers are extractive.
    case none
}

/// Loads the language model when it is first needed, and once.
actor LanguageProvider {
    private let choice: LanguageModelChoice
    private let store: ModelStore
    private let options: LanguageModelOptions
    private var loading: Task<any LanguageModel, any Error>?

    init(choice: LanguageModelChoice, store: ModelStore, options: LanguageModelOptions = LanguageModelOptions()) {
        self.options = options
        self.choice = choice
        self.store = store
    }

    /// The model, loaded at the first call; `nil` when it was switched off.
    /// - Throws: why the model's file cannot be found or read.
    func model() async throws -> (any LanguageModel)? {
        let name: String
        switch choice {
        case .none: return nil
        case .model(let model): return model
        case .automatic: name = ModelStore.defaultLanguageModel
        case .named(let given): name = given
        }
        if let loading { return try await loading.value }
        let (store, options) = (store, options)
        let task = Task { try store.languageModel(name, options: options) }
        loading = task
        do {
            return try await task.value
        } catch {
            loading = nil
            throw error
        }
    }
}
