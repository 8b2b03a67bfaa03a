extension LoaderRegistry {
    /// Every loader that comes with Footnote. Plain text is what remains when none of them claims a file.
    package static let standard = LoaderRegistry(loaders: [
        PDFLoader(),
        WordLoader(),
        PresentationLoader(),
        SpreadsheetLoader(),
        OpenDocumentLoader(),
        EPUBLoader(),
        RTFLoader(),
        ImageLoader(),
        EMLLoader(),
        MBOXLoader(),
        ArchiveLoader(),
        MarkdownLoader(),
        HTMLLoader(),
        JSONLoader(),
        JSONLinesLoader(),
        DelimitedTextLoader(),
        SourceCodeLoader(),
        PlainTextLoader(),
    ])
}
