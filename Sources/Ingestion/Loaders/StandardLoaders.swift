extension LoaderRegistry {
    /// Changes when files that could not be read, or held nothing, should be tried again: with what the loaders can do, and
    /// with the programs they find.
    package static var version: String {
        "3" + ["pdftotext", "tesseract", "antiword", "catdoc"].filter(ChildProcess.isInstalled).map { "+" + $0 }.joined()
    }

    /// Every loader that comes with Footnote. Plain text is what remains when none of them claims a file.
    package static let standard = LoaderRegistry(loaders: [
        PDFLoader(),
        WordLoader(),
        PresentationLoader(),
        SpreadsheetLoader(),
        LegacyOfficeLoader(),
        OpenDocumentLoader(),
        EPUBLoader(),
        RTFLoader(),
        ImageLoader(),
        EMLLoader(),
        MBOXLoader(),
        ArchiveLoader(),
        NotebookLoader(),
        MarkdownLoader(),
        ReStructuredTextLoader(),
        AsciiDocLoader(),
        OrgLoader(),
        LaTeXLoader(),
        ManPageLoader(),
        HTMLLoader(),
        JSONLoader(),
        JSONLinesLoader(),
        DelimitedTextLoader(),
        YAMLLoader(),
        TOMLLoader(),
        LogLoader(),
        XMLLoader(),
        SourceCodeLoader(),
        PlainTextLoader(),
    ])
}
