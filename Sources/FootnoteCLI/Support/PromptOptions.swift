import ArgumentParser
import Footnote

/// What goes in front of texts before they are embedded.
struct PromptOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Put this in front of questions before they are embedded, instead of what the model was trained with; kept in the "
                + "knowledge base.",
            valueName: "text"))
    var queryPrompt: String?

    @Option(
        help: ArgumentHelp(
            "The same for passages. Another one than the knowledge base has embeds everything anew.", valueName: "text"))
    var documentPrompt: String?

    var prompts: EmbeddingPrompts { EmbeddingPrompts(query: queryPrompt, document: documentPrompt) }
}
