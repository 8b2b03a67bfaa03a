/// Images: their text, recognised by `tesseract` when it is installed; otherwise reported as needing it.
package struct ImageLoader: DocumentLoader {
    package let formatName = "image"
    private static let extensions: Set<String> = ["png", "jpg", "jpeg", "tif", "tiff", "bmp", "webp", "gif", "pnm", "pgm", "ppm"]

    package init() {}

    package func canLoad(_ file: FileContents) -> Bool { Self.extensions.contains(file.pathExtension) }

    package func load(_ file: FileContents) throws(IngestionError) -> LoadedDocument {
        guard TextRecognition.isInstalled else { throw .needsProgram(name: "tesseract", package: TextRecognition.package) }
        let copy = try TemporaryFile(file.bytes, name: "image." + file.pathExtension)
        let page = try TextRecognition.read(copy.path, budget: file.budget)
        var builder = DocumentBuilder(budget: file.budget)
        for paragraph in page.paragraphs { try builder.paragraph(paragraph) }
        guard !page.paragraphs.isEmpty else { return builder.finish() }
        builder.metadata["recognition-confidence"] = "\(Int(page.confidence.rounded()))"
        builder.notices.append("text recognised with a confidence of \(Int(page.confidence.rounded()))%")
        return builder.finish()
    }
}
