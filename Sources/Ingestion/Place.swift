/// Where in a paged or gridded document a block stands. Numbers count from 1.
package enum Place: Sendable, Hashable, CustomStringConvertible {
    case page(Int)
    case slide(Int)
    case sheet(String, row: Int)
    /// A cell of a notebook.
    case cell(Int)
    /// A chapter of a book.
    case chapter(Int)

    package var description: String {
        switch self {
        case .page(let number): "page \(number)"
        case .slide(let number): "slide \(number)"
        case .sheet(let name, let row): "sheet \(name), row \(row)"
        case .cell(let number): "cell \(number)"
        case .chapter(let number): "chapter \(number)"
        }
    }
}
