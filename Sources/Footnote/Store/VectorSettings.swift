import VectorIndex

/// How a knowledge base keeps its vectors for searching.
public struct VectorSettings: Hashable, Sendable, Codable {
    /// What a walk through the vectors reads of each. Results are ordered by exact vectors, whatever it is.
    public enum Codes: String, Hashable, Sendable, Codable, CaseIterable {
        /// 8 bits an element.
        case int8 = "i8"
        /// Half precision, 16 bits an element.
        case float16 = "f16"
        /// Signs, a bit an element: for very large collections in little memory. Searches look at more candidates.
        case binary = "b1"
    }

    public var codes: Codes
    /// Neighbours chosen for a new vector (M), 2 ... 128.
    public var neighbors: Int
    /// Candidates looked at for them (efConstruction), 1 ... 100,000.
    public var constructionWidth: Int

    public init(codes: Codes = .int8, neighbors: Int = 16, constructionWidth: Int = 128) {
        self.codes = codes
        self.neighbors = neighbors
        self.constructionWidth = constructionWidth
    }

    init(_ parameters: IndexParameters) {
        let codes: Codes = switch parameters.code {
        case .int8: .int8
        case .float16: .float16
        case .binary: .binary
        }
        self.init(codes: codes, neighbors: parameters.neighbors, constructionWidth: parameters.constructionWidth)
    }

    func parameters(dimension: Int) -> IndexParameters {
        let code: CodeKind = switch codes {
        case .int8: .int8
        case .float16: .float16
        case .binary: .binary
        }
        return IndexParameters(
            dimension: dimension, neighbors: neighbors, constructionWidth: constructionWidth, code: code)
    }
}
