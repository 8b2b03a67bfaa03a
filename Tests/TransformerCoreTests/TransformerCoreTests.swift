import Testing

@testable import TransformerCore
